"""Freezing: the run is kept with its step, judged by the limits, and a run of others is refused."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlmodel import select

from app.concerns.models import Deviation, Severity, SubjectKind
from app.concerns.operations import place_hold
from app.evidence import files
from app.evidence.verify import verify
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.lots import queries
from app.lots.freezefile import FreezeFile, Reading
from app.lots.freezerules import highest_rise, judge
from app.lots.freezing import record_freeze
from app.lots.models import FreezeRun, FreezeVerdict
from app.lots.process_limits import process_limits
from app.lots.rules import Why
from app.materials.rules import Why as MaterialWhy
from app.site import Site
from tests.factories import act
from tests.lots.factories import day, device, filled_lot, maker, refused
from tests.lots.freezer import curve, freezer_csv
from tests.webapp import client_of, web

LOT = "MSC-25-001"
FILLING = f"{LOT}-S06"
#: Twenty minutes after the bags were filled.
START = day(28, 1 / 3)
LIMITS = process_limits().freezing


def made(site: Site, until: int = 300) -> None:
    """A lot with its bags filled, and a freezer."""
    with act(site, maker(site), day(-1)) as work:
        device(work, until=until, code="EQ-003")
    filled_lot(site, 2, code=LOT)


def froze(
    site: Site, data: bytes, step: str = FILLING, freezer: str = "EQ-003", at: datetime | None = None
) -> FreezeRun | Refusal:
    with act(site, maker(site), at or day(28, 6)) as work:
        answer = record_freeze(work, step, freezer, data, "run.csv")
        return refused(work, answer) if isinstance(answer, Refusal) else answer


def why(answer: FreezeRun | Refusal) -> object:
    assert isinstance(answer, Refusal)
    return answer.reason


def test_a_run_within_the_limits_is_kept_with_its_file_and_its_rate(site: Site) -> None:
    made(site)
    data = freezer_csv(f"CRF {LOT} bags", START)
    run = froze(site, data)
    assert isinstance(run, FreezeRun) and run.code == "FRZ-25-001"
    assert (str(run.celsius_per_min), run.verdict, run.findings) == ("1.00", FreezeVerdict.WITHIN, "")
    with site.db.reading() as db:
        assert files.read(db, queries.file_of_run(db, run)) == data
        assert verify(db).ok


def test_a_run_outside_the_limits_is_kept_and_opens_a_deviation_on_the_lot(site: Site) -> None:
    made(site)
    run = froze(site, freezer_csv(LOT, START, curve(rate=3, every=10)))
    assert isinstance(run, FreezeRun) and run.verdict is FreezeVerdict.OUTSIDE
    assert "3.00 °C/min" in run.findings
    with site.db.reading() as db:
        deviation = db.exec(select(Deviation)).one()
    assert (deviation.id, deviation.subject_kind, deviation.subject_code) == (
        run.deviation_id, SubjectKind.LOT, LOT,
    )  # fmt: skip
    assert deviation.severity is Severity.MAJOR and "msc-1" in deviation.rule


def test_the_file_of_another_run_is_refused(site: Site) -> None:
    made(site)
    assert why(froze(site, freezer_csv("MSC-25-002", START))) is Why.ANOTHER_RUN
    assert why(froze(site, freezer_csv("MSC-25-0011", START))) is Why.ANOTHER_RUN
    day_before = freezer_csv(LOT, START - timedelta(days=1))
    assert why(froze(site, day_before)) is Why.RUN_AT_ANOTHER_TIME
    day_after = freezer_csv(LOT, START + timedelta(days=1))
    assert why(froze(site, day_after, at=day(40))) is Why.RUN_AT_ANOTHER_TIME
    assert why(froze(site, freezer_csv(LOT, START), at=day(28, 1))) is Why.RUN_AT_ANOTHER_TIME


def test_a_file_belongs_to_one_step_and_to_containers(site: Site) -> None:
    made(site)
    data = freezer_csv(LOT, START)
    assert why(froze(site, data, step=f"{LOT}-S05")) is Why.NOTHING_TO_FREEZE
    assert why(froze(site, data, step=f"{LOT}-S99")) is Why.NO_SUCH_STEP
    assert isinstance(froze(site, data), FreezeRun)
    again = froze(site, data)
    assert why(again) is Why.FILE_TAKEN and "FRZ-25-001" in str(again)


def test_a_file_that_cannot_be_read_is_refused_with_its_line(site: Site) -> None:
    made(site)
    answer = froze(site, freezer_csv(LOT, START, head="Time,Chamber (°F),Sample (°F)"))
    assert why(answer) is Why.FILE_UNREADABLE and "Line 3" in str(answer)


def test_a_freezer_on_hold_out_of_calibration_or_unknown_froze_nothing(site: Site) -> None:
    made(site, until=20)
    data = freezer_csv(LOT, START)
    assert why(froze(site, data)) is MaterialWhy.NOT_CALIBRATED
    assert why(froze(site, data, freezer="EQ-9")) is MaterialWhy.NO_SUCH_EQUIPMENT
    with act(site, maker(site), day(28, 1)) as work:
        place_hold(work, SubjectKind.EQUIPMENT, "EQ-003", "probe doubted")
    assert why(froze(site, data)) is Why.TOOL_ON_HOLD


def test_a_program_keeps_no_run(site: Site) -> None:
    made(site)
    with site.db.act(SYSTEM, day(28, 6)) as work:
        answer = refused(work, record_freeze(work, FILLING, "EQ-003", freezer_csv(LOT, START), "run.csv"))
    assert answer.reason is Why.NO_PERSON


FILLED = datetime(2025, 3, 23, 12, 0, tzinfo=UTC)


def run_of(rows: list[tuple[float, float, float]], wait: int = 20) -> FreezeFile:
    start = FILLED + timedelta(minutes=wait)
    return FreezeFile("run", tuple(Reading(start + timedelta(seconds=s), c, t) for s, c, t in rows))


@pytest.mark.parametrize(("rate", "within"), [(0.49, 0), (0.5, 1), (1, 1), (2, 1), (2.05, 0)])
def test_the_rate_is_judged_at_its_limits(rate: float, within: int) -> None:
    judged = judge(run_of(curve(rate, every=10)), FILLED, LIMITS)
    assert judged.celsius_per_min is not None and abs(float(judged.celsius_per_min) - rate) < 0.011
    assert (judged.verdict is FreezeVerdict.WITHIN) is bool(within), judged.findings


def test_a_sample_that_stays_warm_has_no_rate() -> None:
    judged = judge(run_of(curve(low=-30)), FILLED, LIMITS)
    assert judged.celsius_per_min is None and judged.verdict is FreezeVerdict.OUTSIDE
    assert "was not cooled" in judged.findings[0] and "coldest sample" in judged.findings[1]


def test_warming_at_nucleation_beyond_the_limit_is_found() -> None:
    rows = curve()
    warmed = [(s, c, t + 15 if 1200 <= s < 1500 else t) for s, c, t in rows]
    assert highest_rise(run_of(warmed).readings) > 10
    assert any("warmed" in one for one in judge(run_of(warmed), FILLED, LIMITS).findings)
    assert highest_rise(run_of(rows).readings) == 0


def test_cells_that_wait_in_dmso_are_found() -> None:
    assert judge(run_of(curve(), wait=60), FILLED, LIMITS).findings == ()
    assert "61 minutes" in judge(run_of(curve(), wait=61), FILLED, LIMITS).findings[0]


def test_the_run_is_uploaded_looked_at_and_given_back(site: Site) -> None:
    made(site)
    bench = client_of(site, web(site), maker(site))
    token = bench.token("/lots")  # type: ignore[attr-defined]  # PolicedClient's

    def send(data: bytes, freezer: str = "eq-003") -> tuple[int, str]:
        answer = bench.post(
            f"/steps/{FILLING}/freezing",
            data={"csrf_token": token, "equipment": freezer, "file": (BytesIO(data), "run.csv")},
        )
        return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)

    assert "Keep the run" in bench.get(f"/steps/{FILLING}").get_data(as_text=True)
    status, page = send(freezer_csv("MSC-25-002", START))
    assert status == 409 and "does not name lot MSC-25-001" in page
    assert send(b"")[0] == 422 and send(freezer_csv(LOT, START), "")[0] == 422
    data = freezer_csv(LOT, START)
    assert send(data) == (303, "/freezing/FRZ-25-001")
    page = bench.get("/freezing/FRZ-25-001").get_data(as_text=True)
    assert "<svg" in page and "Within the limits" in page and "°C/min" in page
    assert bench.get("/freezing/FRZ-25-001/file").get_data() == data
    table = bench.get("/freezing/FRZ-25-001.csv").get_data(as_text=True)
    assert table.count("\n") == 210 and "minutes,time_utc" in table
    assert "FRZ-25-001" in bench.get(f"/lots/{LOT}").get_data(as_text=True)
    for path in ("/freezing/FRZ-99-001", "/freezing/X.csv", "/freezing/X/file", "/steps/X"):
        assert bench.get(path).status_code == 404
    assert clock.now() > START
