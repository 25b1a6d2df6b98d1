"""Cytometry files: kept as they came for one recipient, or refused whole."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlmodel import select

from app.cytometry import queries, rules
from app.cytometry.fcs_findings import FcsReason
from app.cytometry.fcs_write import write
from app.cytometry.models import FlowFile
from app.cytometry.operations import FlowRead, import_flow, read_flow
from app.evidence.files import StoredFile
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.site import Site
from tests.antibodies.factories import NOW, laboratory, recipient
from tests.factories import act
from tests.shared import shared

DAY = date(2025, 6, 5)
PANEL = "B and T cells, tube 1"
SMALL = write(["FSC-A", "SSC-A", "FL1-A"], ["", "", "CD19"], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def attempt(
    site: Site, data: bytes = SMALL, code: str = "LN-01", day: date = DAY, panel: str = PANEL
) -> FlowFile | Refusal:
    with act(site, laboratory(site), NOW) as work:
        return import_flow(work, code, data, "tube-1.fcs", day, panel)


def refused(answer: FlowFile | Refusal, why: object) -> bool:
    assert isinstance(answer, Refusal), answer
    return answer.reason is why and bool(answer.next_step)


@pytest.fixture
def nothing_kept(site: Site) -> Iterator[None]:
    """Whatever the test tries, no file and no row is kept."""
    recipient(site, "LN-01")
    yield
    with site.db.reading() as db:
        assert not db.exec(select(FlowFile)).all() and not db.exec(select(StoredFile)).all()
    assert not [path for path in (site.settings.data / "files").rglob("*") if path.is_file()]


def test_a_file_is_kept_by_its_hash_with_its_channels_and_events(site: Site) -> None:
    recipient(site, "LN-01")
    kept = attempt(site)
    assert isinstance(kept, FlowFile)
    assert (kept.code, kept.event_count, kept.fcs_version) == ("FCM-26-001", 2, "FCS3.1")
    with site.db.reading() as db:
        assert [channel.label for channel in queries.channels_of(kept)] == ["FSC-A", "SSC-A", "CD19 (FL1-A)"]
        assert queries.data_of(db, kept) == SMALL
        assert [line.recipient for line in queries.listed(db)] == ["LN-01"]
        assert verify(db).ok


@pytest.mark.parametrize(
    "name",
    [
        "bd_facscalibur_cd3_cd4_cd8_fcs20.fcs",
        "bd_lsrii_fcs30.fcs",
        "miltenyi_macsquant_fcs31.fcs",
        "sysmex_cyflow_cube8_mixedbits_fcs30.fcs",
        "thermo_attune_nxt_nonascii_fcs31.fcs",
    ],
)
def test_files_of_real_cytometers_go_through(site: Site, name: str) -> None:
    data = shared(f"flow/real/{name}").read_bytes()
    recipient(site, "LN-01")
    kept = attempt(site, data)
    assert isinstance(kept, FlowFile), kept
    assert kept.event_count > 0 and queries.channels_of(kept) and queries.keywords_of(kept)[0]
    with site.db.reading() as db:
        assert verify(db).ok


def test_no_keyword_that_tells_of_a_person_is_in_the_tables(site: Site) -> None:
    recipient(site, "LN-01")
    names = {"$SRC": "Doe, Jane", "PATIENT ID": "Doe-77", "$CYT": "Cytometer 9"}
    kept = attempt(site, write(["FSC-A", "SSC-A"], ["", ""], [[1.0, 2.0]], names))
    assert isinstance(kept, FlowFile)
    assert "Doe" not in kept.keywords and "Doe" not in kept.warnings
    assert queries.keywords_of(kept)[0]["$CYT"] == "Cytometer 9"
    with site.db.reading() as db:
        assert not any(b"Doe" in bytes(entry.body) for entry in db.exec(select(LedgerEntry)))


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", FcsReason.EMPTY_FILE),
        (b'"PatientID","SampleIDName"\r\n', FcsReason.NOT_FCS),
        (SMALL[:40], FcsReason.FCS_TRUNCATED),
        (SMALL[:-20], FcsReason.FCS_TRUNCATED),
    ],
    ids=["empty", "a CSV called FCS", "torn in the first line", "torn in the events"],
)
def test_a_torn_or_mislabelled_file_is_refused_and_nothing_is_kept(
    site: Site, data: bytes, why: FcsReason
) -> None:
    assert refused(attempt(site, data), why)


@pytest.mark.usefixtures("nothing_kept")
def test_a_torn_file_of_the_shared_data_is_refused(site: Site) -> None:
    data = shared("flow/real/corrupted_10bytes.fcs").read_bytes()
    assert isinstance(attempt(site, data), Refusal)


@pytest.mark.usefixtures("nothing_kept")
def test_a_sample_of_tomorrow_of_nobody_or_of_no_panel_is_refused(site: Site) -> None:
    assert refused(attempt(site, code="LN-77"), rules.Why.RECIPIENT_UNKNOWN)
    assert refused(attempt(site, day=date(2026, 3, 3)), rules.Why.COLLECTED_IN_FUTURE)
    assert refused(attempt(site, panel="  "), rules.Why.PANEL_MISSING)
    assert refused(attempt(site, panel="x" * 121), rules.Why.PANEL_MISSING)


def test_one_file_for_two_recipients_is_a_stop(site: Site) -> None:
    recipient(site, "LN-01")
    recipient(site, "LN-02")
    assert isinstance(attempt(site), FlowFile)
    assert refused(attempt(site), rules.Why.ALREADY_KEPT)
    answer = attempt(site, code="LN-02")
    assert refused(answer, rules.Why.FILE_OF_ANOTHER)
    assert "LN-01" in str(answer)


def test_a_taken_code_is_refused(site: Site) -> None:
    recipient(site, "LN-01")
    assert isinstance(attempt(site), FlowFile)
    other = write(["FSC-A", "SSC-A"], ["", ""], [[1.0, 2.0]])
    with act(site, laboratory(site), NOW) as work:
        assert refused(
            import_flow(work, "LN-01", other, "x.fcs", DAY, PANEL, "FCM-26-001"), rules.Why.CODE_TAKEN
        )


def test_a_tube_measured_before_it_was_collected_is_kept_with_a_warning(site: Site) -> None:
    recipient(site, "LN-01")
    kept = attempt(site, write(["FSC-A", "SSC-A"], ["", ""], [[1.0, 2.0]], {"$DATE": "01-JUN-2025"}))
    assert isinstance(kept, FlowFile)
    assert rules.MEASURED_BEFORE_COLLECTED in [told.flag for told in queries.warnings_of(kept)]


def test_a_page_reads_the_bytes_before_the_act(site: Site) -> None:
    recipient(site, "LN-01")
    taken = read_flow(SMALL, NOW.date())
    assert isinstance(taken, FlowRead)
    with act(site, laboratory(site), NOW) as work:
        kept = import_flow(work, "LN-01", taken, "tube-1.fcs", DAY, PANEL)
        assert isinstance(kept, FlowFile)
        assert queries.stored_of(work.db, kept).sha256 == taken.sha256
