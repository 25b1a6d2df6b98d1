"""What the reader says of good files: numbers, names, dates, encodings and warnings."""

import struct
import subprocess
import sys
from datetime import date, time

import numpy as np
import pytest

from app.cytometry import fcs
from app.cytometry.fcs import CodePage, FcsFile, Flag
from app.cytometry.fcs_acquired import DateRule
from tests.cytometry.fcs_files import EVENTS, MARKERS, NAMES, integers, raw, small
from tests.shared import ROOT


def good(data: bytes, code_page: CodePage | None = None, today: date | None = None) -> FcsFile:
    """The file that was read; fails with the refusal when it was not."""
    file = fcs.read(data, code_page=code_page, today=today)
    assert isinstance(file, FcsFile), str(file)
    return file


def flags(data: bytes) -> set[Flag]:
    return {caution.flag for caution in good(data).warnings}


def test_names_markers_and_events_come_back_as_they_were_written() -> None:
    data = small(CYT="Synthetic")
    one = good(data).data_sets[0]
    assert tuple(p.name for p in one.parameters) == NAMES
    assert tuple(p.marker for p in one.parameters) == MARKERS
    assert (one.version, one.events, one.keywords["$CYT"]) == ("FCS3.1", 40, "Synthetic")
    assert np.array_equal(fcs.events(good(data), data), np.array(EVENTS, np.float32))


def test_a_memoryview_reads_as_its_bytes_do() -> None:
    data = small()
    assert fcs.read(memoryview(data)) == fcs.read(data)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("bits", "dtype"),
    [([8, 8], "u1"), ([16, 16], "u2"), ([24, 24], "u4"), ([32, 32], "u4"), ([64, 64], "u8"), ([8, 32], "u4")],
)
def test_integers_of_every_width_are_exact(bits: list[int], dtype: str, big: bool) -> None:
    rows = [[1, 2**width - 1] for width in bits[1:]] + [[200, 7], [0, 0]]
    data = integers(rows, bits, big=big)
    table = fcs.events(good(data), data)
    assert table.dtype == np.dtype(dtype)
    assert table.tolist() == rows


def test_bits_above_the_range_are_masked() -> None:
    data = integers([[0b1111_0000_0011], [5]], [16], P1R="1024")
    assert fcs.events(good(data), data).tolist() == [[0b11_0000_0011], [5]]


def test_ten_bits_are_read_as_two_bytes_with_a_warning() -> None:
    data = integers([[1000], [3]], [10])
    assert fcs.events(good(data), data).tolist() == [[1000], [3]]
    assert Flag.FCS_BITS_ROUNDED in flags(data)


def test_doubles_and_columns_of_different_types_are_read() -> None:
    doubles = raw(
        struct.pack(">4d", 1, 2, 3, 1e-9), {"$DATATYPE": "D", "$BYTEORD": "4,3,2,1"} | _bits("64", "64")
    )
    assert fcs.events(good(doubles), doubles).tolist() == [[1, 2], [3, 1e-9]]
    mixed = raw(
        struct.pack("<HfHf", 7, 1.5, 8, 2.5), {"$P1DATATYPE": "I"} | _bits("16", "32"), version="FCS3.2"
    )
    assert fcs.events(good(mixed), mixed).tolist() == [[7, 1.5], [8, 2.5]]


def _bits(first: str, second: str) -> dict[str, str | None]:
    return {"$P1B": first, "$P2B": second}


def test_a_doubled_delimiter_stands_for_itself() -> None:
    data = raw(changes={"$P2S": "CD14||CD16"})
    assert good(data).data_sets[0].parameters[1].marker == "CD14|CD16"
    assert Flag.FCS_AMBIGUOUS_EMPTY_VALUE not in flags(data)


def test_an_empty_value_is_recognised_and_reported() -> None:
    data = raw(changes={"$SRC": "", "$OP": "x", "$P2S": "CD14||CD16"})
    one = good(data).data_sets[0]
    assert (one.raw_keywords["$SRC"], one.raw_keywords["$OP"]) == ("", "x")
    assert one.parameters[1].marker == "CD14|CD16"
    assert Flag.FCS_AMBIGUOUS_EMPTY_VALUE in flags(data)


def test_a_missing_last_delimiter_is_reported_and_the_value_kept() -> None:
    whole = raw()
    text = whole[58 : whole.rindex(b"|")]
    data = raw(text=text)
    assert good(data).data_sets[0].parameters[1].marker == "CD90"
    assert Flag.FCS_NO_LAST_DELIMITER in flags(data)


@pytest.mark.parametrize(
    ("page", "marker"), [(None, "ÈË"), (CodePage.CYRILLIC, "ИЛ"), (CodePage.MACINTOSH, "»À")]
)
def test_letters_that_are_not_utf8_use_the_code_page_of_the_site(page: CodePage | None, marker: str) -> None:
    data = raw().replace(b"CD90", b"\xc8\xcb  ")
    file = good(data, page)
    assert file.data_sets[0].parameters[1].marker == marker
    assert file.data_sets[0].encoding == (page or "latin-1")
    assert Flag.FCS_ENCODING_GUESSED in flags(data)


@pytest.mark.parametrize(
    ("raw_date", "day", "rule"),
    [
        ("07-JUN-2024", date(2024, 6, 7), DateRule.DAY_MONTH_YEAR),
        ("7 Jun 2024", date(2024, 6, 7), DateRule.DAY_MONTH_YEAR),
        ("23-Aug-02", date(2002, 8, 23), DateRule.DAY_MONTH_SHORT_YEAR),
        ("23-Aug-98", date(1998, 8, 23), DateRule.DAY_MONTH_SHORT_YEAR),
        ("2014-Sep-26", date(2014, 9, 26), DateRule.YEAR_MONTH_DAY),
        ("2014-09-26", date(2014, 9, 26), DateRule.YEAR_MONTH_DAY),
        ("03-04-2017", None, DateRule.NOT_UNDERSTOOD),
        ("25-04-2017", None, DateRule.NOT_UNDERSTOOD),
        ("31-FEB-2017", None, DateRule.NOT_UNDERSTOOD),
    ],
)
def test_a_date_is_parsed_by_rule_and_day_and_month_are_never_guessed(
    raw_date: str, day: date | None, rule: DateRule
) -> None:
    data = small(DATE=raw_date, BTIM="09:42:05:509", ETIM="25:00:00")
    when = good(data).data_sets[0].acquired
    assert (when.raw, when.day, when.rule) == (raw_date, day, rule)
    assert (when.begun, when.ended) == (time(9, 42, 5), None)
    assert (Flag.FCS_DATE_UNREADABLE in flags(data)) == (day is None)


def test_the_date_time_of_fcs_3_2_counts_before_the_old_date() -> None:
    changes: dict[str, str | None] = {"$BEGINDATETIME": "2024-06-07T10:11:12.5+03:00", "$DATE": "01-JAN-1999"}
    when = good(raw(changes=changes, version="FCS3.2")).data_sets[0].acquired
    assert (when.day, when.begun, when.rule) == (date(2024, 6, 7), time(10, 11, 12), DateRule.ISO_DATE_TIME)


def test_a_date_in_the_future_is_flagged_only_when_it_is() -> None:
    data = small(DATE="07-JUN-2024")
    for today, expected in ((date(2024, 6, 6), True), (date(2024, 6, 7), False)):
        found = {caution.flag for caution in good(data, today=today).warnings}
        assert (Flag.FCS_DATE_IN_FUTURE in found) == expected


@pytest.mark.parametrize(
    ("matrix", "fault"),
    [
        ("2,FITC-A,PE-A,1,0.1,0.02,1", None),
        ("2,FITC-A,PE-A,1,0.1,0.02", "has 3"),
        ("2,FITC-A,PE-A,1,1,1,1", "inverted"),
        ("2,FITC-A,APC-A,1,0.1,0.02,1", "APC-A"),
        ("2,FITC-A,FITC-A,1,0.1,0.02,1", "twice"),
        ("2,FITC-A,PE-A,1,0,0,1,0,0,0,1", "decimal comma"),
        ("2;FITC-A;PE-A;1;0,1;0,02;1", None),
        ("2;FITC-A;PE-A;1;0,1;0,02", "has 3"),
        ("2,FITC-A,PE-A,1,x,0.02,1", "not a number"),
        ("2,FITC-A,PE-A", "missing"),
        ("999999,FITC-A", "from 1 to 128"),
    ],
)
def test_a_compensation_matrix_is_judged(matrix: str, fault: str | None) -> None:
    data = small(SPILLOVER=matrix)
    spill = good(data).data_sets[0].spill
    assert spill is not None
    assert spill.valid == (fault is None)
    assert (fault or "") in (spill.fault or "")
    assert (Flag.FCS_SPILL_INVALID in flags(data)) == (fault is not None)


def test_all_data_sets_are_read_in_order() -> None:
    first = raw(changes={"$NEXTDATA": "0" * 12})
    second = raw(struct.pack("<6f", *range(6)), {"$TOT": "3"})
    data = first.replace(b"0" * 12, f"{len(first):012d}".encode()) + second
    file = good(data)
    assert [one.events for one in file.data_sets] == [2, 3]
    assert fcs.events(file, data, 1).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert Flag.FCS_MULTI_DATASET in flags(data)


def test_a_promised_data_set_that_is_not_there_is_a_warning() -> None:
    assert Flag.FCS_NEXT_UNREADABLE in flags(raw(changes={"$NEXTDATA": "4711"}))
    assert Flag.FCS_NEXT_UNREADABLE in flags(raw(changes={"$NEXTDATA": "soon"}))


def test_offsets_that_disagree_are_settled_by_the_length() -> None:
    """The TEXT tells the truth here, the HEADER does not."""
    plain = raw(changes={"$BEGINDATA": "000", "$ENDDATA": "000"})
    begin = len(plain) - 16
    changes: dict[str, str | None] = {"$BEGINDATA": str(begin), "$ENDDATA": str(begin + 15)}
    data = raw(changes=changes, claim=(begin - 40, begin + 15))
    assert fcs.events(good(data), data).tolist() == [[1, 2], [3, 4]]
    assert Flag.FCS_OFFSET_DISCREPANCY in flags(data)


def test_a_few_bytes_after_the_last_event_are_a_warning() -> None:
    assert Flag.FCS_TRAILING_BYTES in flags(raw(struct.pack("<4f", 1, 2, 3, 4) + b"\0"))


@pytest.mark.parametrize(
    ("flag", "changes"),
    [
        (Flag.FCS_NOT_ORIGINAL, {"$ORIGINALITY": "DataModified"}),
        (Flag.FCS_REPEATED_KEYWORD, {"$p2s": "CD105"}),
        (Flag.FCS_MODE_MISSING, {"$MODE": None}),
        (Flag.FCS_NO_MARKER_NAMES, {"$P2S": None}),
        (Flag.FCS_DUPLICATE_CHANNEL, {"$P1N": "FITC-A"}),
        (Flag.FCS_UNNAMED_CHANNEL, {"$P2N": " "}),
        (Flag.FCS_LOG_FLAG_IGNORED, {"$P2E": "4,1"}),
        (Flag.FCS_SUPPLEMENT_UNREAD, {"$BEGINSTEXT": "10", "$ENDSTEXT": "40"}),
    ],
)
def test_a_flag_is_raised_by_its_cause_alone(flag: Flag, changes: dict[str, str | None]) -> None:
    assert flags(raw()) == set()
    assert flags(raw(changes=changes)) == {flag}


def test_events_that_are_no_numbers_or_no_events_or_text_are_flagged() -> None:
    assert flags(raw(struct.pack("<4f", 1, float("nan"), float("inf"), 4))) == {Flag.FCS_NOT_FINITE}
    assert flags(raw(b"", {"$TOT": "0"})) == {Flag.FCS_NO_EVENTS}
    assert Flag.FCS_TEXT_DAMAGE in flags(raw(b"\xef\xbf\xbd" * 5 + b"1"))


def test_a_second_list_of_keywords_is_read_and_the_first_one_wins() -> None:
    more = b"|$CYT|Second|$P2S|CD45|"
    changes: dict[str, str | None] = {"$BEGINSTEXT": "0" * 8, "$ENDSTEXT": "0" * 8}
    begin = len(raw(changes=changes))
    changes = {"$BEGINSTEXT": f"{begin:08d}", "$ENDSTEXT": f"{begin + len(more) - 1:08d}"}
    one = good(raw(changes=changes, after=more)).data_sets[0]
    assert (one.keywords["$CYT"], one.parameters[1].marker) == ("Second", "CD90")


def test_every_flag_has_a_sentence() -> None:
    for caution in good(raw(changes={"$MODE": None, "$P2S": None, "$P2N": " "})).warnings:
        assert caution.sentence.endswith(".") and len(caution.sentence) > 30


def test_loading_the_reader_does_not_load_numpy_or_pillow() -> None:
    """They cost a web process memory and start time that most of its pages never use."""
    modules = "app.cytometry.fcs, app.cytometry.density, app.cytometry.fcs_write"
    check = f"import sys, {modules}; sys.exit(bool({{'numpy', 'PIL'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0
