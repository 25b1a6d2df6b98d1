"""The Fusion export is read whole or refused with its faults, never an exception, never a part."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.antibodies.csvrows import MAX_BYTES
from app.antibodies.faults import Fault, FaultKind
from app.antibodies.fusion import MAX_FAULTS, BeadFile, DateOrder, parse
from app.example.beadfiles import CLASS_I, CLASS_II, EU, US, Draw, Shape, fusion_csv
from tests.shared import shared

DRAWS = (
    Draw("M0", (2018, 3, 3), {"A*24:02": 180.25}),
    Draw("M1", (2018, 4, 2), {"A*24:02": 1850, "A*23:01": 10512.68}),
)
FILE = fusion_csv(DRAWS)


def read(data: bytes, order: DateOrder = DateOrder.MONTH_FIRST) -> BeadFile:
    """The file's content; the test fails with the faults if there are any."""
    answer = parse(data, date_order=order)
    assert isinstance(answer, BeadFile), [str(fault) for fault in answer]
    return answer


def faults(data: bytes, order: DateOrder = DateOrder.MONTH_FIRST) -> tuple[Fault, ...]:
    """The faults of a file that must not be taken."""
    answer = parse(data, date_order=order)
    assert not isinstance(answer, BeadFile)
    assert 0 < len(answer) <= MAX_FAULTS
    for fault in answer:
        assert fault.line >= 1
        assert fault.column and fault.found and fault.expected and fault.next_step
        assert str(fault).isprintable()
    return answer


def kinds(data: bytes, order: DateOrder = DateOrder.MONTH_FIRST) -> set[FaultKind]:
    return {fault.kind for fault in faults(data, order)}


def edit(old: str, new: str, count: int = 1) -> bytes:
    """The good file with one change; the test is void if the place is not there."""
    assert old.encode() in FILE
    return FILE.replace(old.encode(), new.encode(), count)


@pytest.mark.parametrize(("shape", "order"), [(US, DateOrder.MONTH_FIRST), (EU, DateOrder.DAY_FIRST)])
def test_both_shapes_of_the_export_say_the_same(shape: Shape, order: DateOrder) -> None:
    found = read(fusion_csv(DRAWS, shape=shape), order)
    assert (found.kit.catalogue, found.kit.lot) == ("LS1A04SYN", "001_00")
    sample = found.samples["M1"]
    assert (sample.run_date, sample.patient_id, len(sample.beads)) == (date(2018, 4, 2), "SYN-R001", 24)
    values = {str(bead.specificity): bead for bead in sample.beads}
    assert values["A*23:01"].raw == values["A*23:01"].normal == Decimal("10512.68")
    assert (values["A*24:02"].count, values["A*24:02"].rank) == (120, 8)
    assert [bead.raw for bead in sample.negative_controls] == [Decimal("42.67")]
    assert [bead.raw for bead in sample.positive_controls] == [Decimal("9800.5")]


def test_the_run_date_is_kept_as_written_beside_what_it_means() -> None:
    assert read(FILE).samples["M1"].run_date_text == "04/02/2018"


def test_the_confirmed_order_of_dates_decides_what_a_date_means() -> None:
    assert read(FILE, DateOrder.DAY_FIRST).samples["M1"].run_date == date(2018, 2, 4)


def test_a_month_thirteen_contradicts_the_confirmed_order() -> None:
    """The fault names the line and tells to choose the other order."""
    (fault,) = faults(fusion_csv([Draw("M0", (2018, 12, 24), {})]), DateOrder.DAY_FIRST)
    assert (fault.kind, fault.line, fault.column) == (FaultKind.DATE, 2, "RunDate")
    assert "12/24/2018" in fault.sentence and "month first" in fault.next_step


def test_class_two_beads_are_read_as_dimers_of_alpha_and_beta() -> None:
    found = read(fusion_csv(DRAWS, panel=CLASS_II))
    assert [str(bead.specificity) for bead in found.samples["M0"].beads] == list(CLASS_II)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FaultKind.EMPTY),
        (b"\xef\xbb\xbf \r\n", FaultKind.EMPTY),
        (b"x" * (MAX_BYTES + 1), FaultKind.TOO_LARGE),
        (b"PK\x03\x04\x14\x00", FaultKind.NOT_TEXT),
        (FILE.replace(b"SYN-R001", b"SYN\x00R001"), FaultKind.NOT_TEXT),
        (FILE.replace(b"SYN-R001", b"M\xfcller"), FaultKind.NOT_UTF8),
        (FILE.decode().encode("utf-16"), FaultKind.NOT_UTF8),
        (FILE[: FILE.index(b"\r\n") + 2], FaultKind.NO_RESULTS),
        (b"Sample ID,Patient Name,Lot ID\r\n1,2,3\r\n", FaultKind.HEADER),
    ],
    ids=["empty", "blank", "too large", "zip", "NUL", "latin-1", "utf-16", "header only", "other vendor"],
)
def test_what_is_no_fusion_export_is_refused(data: bytes, kind: FaultKind) -> None:
    assert kinds(data) == {kind}


@pytest.mark.parametrize(
    ("old", "new", "kind", "column"),
    [
        ('"RawData"', '"Raw Data"', FaultKind.HEADER, "Raw Data"),
        ('"NormalValue"', '"RawData"', FaultKind.HEADER, "RawData"),
        ('"42.67"', '"42,67"', FaultKind.DECIMAL_MARK, "RawData"),
        ('"42.67"', '"1,042.67"', FaultKind.DECIMAL_MARK, "RawData"),
        ('"42.67"', '"-42.67"', FaultKind.NUMBER, "RawData"),
        ('"42.67"', '"4E3"', FaultKind.NUMBER, "RawData"),
        ('"42.67"', '""', FaultKind.NUMBER, "RawData"),
        ('"120"', '"many"', FaultKind.NUMBER, "CountValue"),
        ('"1","', '"9","', FaultKind.NUMBER, "Rxn"),
        ('"003"', '"x3"', FaultKind.BEAD, "BeadID"),
        ('"004"', '"003"', FaultKind.DUPLICATE_BEAD, "BeadID"),
        ('"LS1A04SYN_001_00"', '"LS1A04SYN_002_00"', FaultKind.SEVERAL_KITS, "CatalogID"),
        ('"LS1A04SYN_001_00"', '"LS1A04"', FaultKind.KIT, "CatalogID"),
        ('"SYN-R001"', '"SYN-R002"', FaultKind.SAMPLE, "SampleIDName"),
        ('"M0"', '""', FaultKind.SAMPLE, "SampleIDName"),
        ('"A*02:01,-,', '"A*0201,-,', FaultKind.SPECIFICITY, "Specificity"),
        ('"A*02:01,-,', '"A*02:01,B*07:02,', FaultKind.SPECIFICITY, "Specificity"),
        ('"A*02:01,-,', '"A*02:01,', FaultKind.SPECIFICITY, "Specificity"),
        ('"001","002","","","120"', '"001","","","","120"', FaultKind.SAMPLE, "SampleIDName"),
        ('"03/03/2018"', '"2018-03-03"', FaultKind.DATE, "RunDate"),
        ('"03/03/2018"', '"02/30/2018"', FaultKind.DATE, "RunDate"),
    ],
)
def test_one_wrong_field_refuses_the_file_and_names_the_column(
    old: str, new: str, kind: FaultKind, column: str
) -> None:
    assert (kind, column) in {(fault.kind, fault.column) for fault in faults(edit(old, new))}


def test_a_point_in_a_file_of_decimal_commas_is_a_fault() -> None:
    """A thousands point read as a decimal point would be wrong a thousandfold."""
    data = fusion_csv(DRAWS, shape=EU).replace(b'"10512,68"', b'"10.512"')
    assert kinds(data, DateOrder.DAY_FIRST) == {FaultKind.DECIMAL_MARK}


def test_a_sample_without_a_named_positive_control_is_refused() -> None:
    assert kinds(FILE.replace(b'"001","002"', b'"001",""')) == {FaultKind.CONTROLS}


def test_a_sample_whose_negative_control_row_is_missing_is_refused() -> None:
    lines = FILE.splitlines(keepends=True)
    assert kinds(b"".join([lines[0], *lines[2:]])) == {FaultKind.CONTROLS}


def test_a_fault_names_the_line_where_it_stands() -> None:
    (fault,) = faults(edit('"10512.68"', '"10512.68x"').replace(b'"10512.68"', b'"1"'))
    assert fault.line == FILE[: FILE.index(b"10512.68")].count(b"\n") + 1


def test_a_file_full_of_faults_names_only_the_first_of_them() -> None:
    assert len(faults(FILE.replace(b'"120"', b'"x"'))) == MAX_FAULTS


@pytest.mark.parametrize(("shape", "end"), [(US, b'"'), (EU, b'";')])
def test_a_file_cut_inside_a_line_is_refused(shape: Shape, end: bytes) -> None:
    """At every byte; only a cut that leaves a whole line, with or without its line end, may pass."""
    data = fusion_csv(DRAWS[:1], shape=shape, panel=CLASS_I[:2])
    order = DateOrder.DAY_FIRST if shape is EU else DateOrder.MONTH_FIRST
    lines = data.splitlines(keepends=True)
    starts = [sum(len(line) for line in lines[:n]) for n in range(len(lines) + 1)]
    whole = {start - left for start in starts for left in (0, 1, 2)}
    assert all(data[:start].endswith(end + b"\r\n") for start in starts[1:])
    for cut in set(range(len(data))) - whole:
        faults(data[:cut], order)


def test_a_file_cut_between_two_lines_is_seen_by_the_beads_its_last_sample_lacks() -> None:
    assert kinds(b"".join(FILE.splitlines(keepends=True)[:-5])) == {FaultKind.TORN}


def test_a_bead_missing_in_the_middle_of_a_sample_is_simply_not_there() -> None:
    lines = FILE.splitlines(keepends=True)
    found = read(b"".join([*lines[:5], *lines[6:]]))
    assert [len(sample.beads) for sample in found.samples.values()] == [23, 24]


def test_padded_fields_and_negative_normal_values_are_read() -> None:
    found = read(edit('"1","', '" 1 "," -').replace(b'"A*01:01', b'" A*01:01'))
    normal = found.samples["M0"].beads[0].normal
    assert normal is not None and normal < 0


def test_normal_values_and_counts_may_be_absent() -> None:
    short = b"".join(b'","'.join(line.split(b'","')[:12]) + b'"\r\n' for line in FILE.splitlines())
    bead = read(short).samples["M0"].beads[0]
    assert (bead.normal, bead.count) == (None, None)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    faults(data)


@settings(max_examples=300)
@given(
    place=st.integers(0, len(FILE) - 1),
    length=st.integers(0, 30),
    put=st.one_of(
        st.binary(max_size=8), st.sampled_from([b'"', b",", b";", b"\r", b"\n", b"\x00", b"\xff", b"9"])
    ),
    order=st.sampled_from(DateOrder),
)
@example(place=0, length=0, put=b"!\t", order=DateOrder.MONTH_FIRST)
def test_a_damaged_file_is_refused_or_read_whole(
    place: int, length: int, put: bytes, order: DateOrder
) -> None:
    answer = parse(FILE[:place] + put + FILE[place + length :], date_order=order)
    if isinstance(answer, BeadFile):
        assert all(sample.beads and sample.negative_controls for sample in answer.samples.values())
    else:
        assert all(str(fault).isprintable() for fault in answer)


@pytest.mark.parametrize(
    ("name", "order", "beads"),
    [("classI_us", DateOrder.MONTH_FIRST, 82), ("classII_eu", DateOrder.DAY_FIRST, 48)],
)
def test_the_shared_exports_are_read_with_five_sera_each(name: str, order: DateOrder, beads: int) -> None:
    found = read(shared(f"hla/synthetic/fusion_{name}.csv").read_bytes(), order)
    assert {len(sample.beads) for sample in found.samples.values()} == {beads}
    assert [sample.run_date.month for sample in found.samples.values()] == [3, 4, 6, 9, 12]


def test_the_panel_of_the_generator_is_read_name_by_name() -> None:
    assert [str(bead.specificity) for bead in read(FILE).samples["M0"].beads] == list(CLASS_I)
