"""The nine months after: visits and what they found, sera with beads, cytometry files; all generated."""

import random
from decimal import Decimal

from app.antibodies.fusion import DateOrder
from app.antibodies.operations import import_beads, register_serum
from app.antibodies.withdrawing import withdraw_run
from app.cytometry.counting import Sample, record_counts
from app.cytometry.fcs_write import write
from app.cytometry.operations import import_flow, read_flow
from app.example.beadfiles import Draw, fusion_csv
from app.example.calendar import at, on
from app.example.courses import COUNTED, COURSES, Course
from app.example.people import LENA, NORA, PAULA, actor, done, signing
from app.followup.corrections import move_visit
from app.followup.findings import record_findings
from app.followup.models import Timepoint
from app.followup.operations import record_visit
from app.site import Site

PANEL = "Lymphocytes: CD3 CD4 CD8 CD19"
CHANNELS = ("FSC-A", "SSC-A", "FITC-A", "PE-A", "APC-A", "PE-Cy7-A")
MARKERS = ("", "", "CD3", "CD8", "CD4", "CD19")
TIMEPOINTS = tuple(Timepoint)


def baseline(site: Site, patient: str = "LN-01") -> None:
    """Before the infusion: the visit, the serum that the crossmatch looks at, and the cells as they were."""
    (course,) = (one for one in COURSES if one.patient == patient)
    _seen(site, course, 0)
    _samples(site, course, 0)


def follow_up(site: Site) -> None:
    """Months 1, 3, 6 and 9 of the three patients, in the order of their days."""
    visits = [(course.days[number].day, course, number) for course in COURSES for number in range(1, 5)]
    for _, course, number in sorted(visits, key=lambda visit: visit[0]):
        _seen(site, course, number)
        _samples(site, course, number)
        if (course.patient, number) == ("LN-01", 1):
            _exchanged_tubes(site)


def _exchanged_tubes(site: Site) -> None:
    """Beads of another patient's tube are imported for LN-01's month 1, and withdrawn the day after."""
    serum, kit = "SER-LN-01-1", "LS1A04SYN_002_00"
    beads = fusion_csv([Draw("LN01-1B", (2025, 6, 9), {"A*24:02": 6200})], patient="SYN-LN-01", kit=kit)
    proof = signing(site, LENA)
    with site.db.reading() as db:
        lena = actor(db, LENA)
    with site.db.act(lena, at("2025-06-09", "15:00")) as work:
        (run,) = done(import_beads(work, beads, "LN01-1B.csv", DateOrder.MONTH_FIRST, {"LN01-1B": serum}))
        run_id = run.id or 0
    reason = "Two tubes were exchanged on the rack: these beads are of a patient of another study"
    with site.db.act(lena, at("2025-06-10", "09:30")) as work:
        done(withdraw_run(work, serum, run_id, reason, proof))


def _seen(site: Site, course: Course, number: int) -> None:
    """The nurse records the visit, the physician what was found.

    One visit was entered two weeks late, under the day of the typing, and put right the same morning.
    """
    day = course.days[number]
    entered = day.entered or day.day
    with site.db.reading() as db:
        nora, paula = actor(db, NORA), actor(db, PAULA)
    timepoint = TIMEPOINTS[number]
    with site.db.act(nora, at(entered, "10:00")) as work:
        done(record_visit(work, course.patient, timepoint, on(entered)))
    if entered != day.day:
        reason = "The day of the typing was entered, not that of the visit"
        with site.db.act(nora, at(entered, "10:10")) as work:
            done(move_visit(work, course.patient, timepoint, on(day.day), reason))
    with site.db.act(paula, at(entered, "11:00")) as work:
        done(record_findings(work, course.patient, timepoint, course.findings(number)))


def _samples(site: Site, course: Course, number: int) -> None:
    """The day's serum with its beads, and its cytometry file."""
    day, patient = course.days[number], course.patient
    with site.db.reading() as db:
        lena = actor(db, LENA)
    serum, name = f"SER-{patient}-{number}", f"{patient.replace('-', '')}-{number}"
    year, month, date = (int(part) for part in day.day.split("-"))
    beads = fusion_csv([Draw(name, (year, month, date), {course.bead: day.mfi})], patient=f"SYN-{patient}")
    with site.db.act(lena, at(day.day, "15:00")) as work:
        done(register_serum(work, patient, on(day.day), serum))
        done(import_beads(work, beads, f"{name}.csv", DateOrder.MONTH_FIRST, {name: serum}))
    # The files of one patient are numbered from 0, of the next from 10: no two are the same bytes.
    flow = read_flow(lymphocytes(10 * COURSES.index(course) + number), on(day.day))
    with site.db.act(lena, at(day.day, "16:00")) as work:
        file = done(import_flow(work, patient, done(flow), f"{name}.fcs", on(day.day), PANEL)).code
        sample = Sample(patient, on(day.day), file)
        done(record_counts(work, sample, dict(zip(COUNTED, map(Decimal, day.counts), strict=True))))


def lymphocytes(number: int, events: int = 4000) -> bytes:
    """A synthetic FCS file: T helper, T killer, B and other lymphocytes, and debris; the same each time."""
    chance = random.Random(f"hilo worked example {number}")
    shares = (
        (0.44, (1, 0, 1, 0)),
        (0.27, (1, 1, 0, 0)),
        (0.14 - number % 10 * 0.01, (0, 0, 0, 1)),
        (1.0, (0, 0, 0, 0)),
    )
    rows = [_event(chance, shares) for _ in range(events)]
    return write(CHANNELS, MARKERS, rows, {"$CYT": "Synthetic cytometer", "$SRC": "worked example"})


def _event(chance: random.Random, shares: tuple[tuple[float, tuple[int, ...]], ...]) -> list[float]:
    bright = _population(chance, shares)
    scatter = [chance.gauss(60_000, 8_000), chance.gauss(20_000, 4_000)]
    if chance.random() < 0.08:
        scatter = [abs(chance.gauss(9_000, 4_000)), abs(chance.gauss(6_000, 3_000))]
    return scatter + [chance.lognormvariate(9.2, 0.35) if on else chance.gauss(120, 90) for on in bright]


def _population(chance: random.Random, shares: tuple[tuple[float, tuple[int, ...]], ...]) -> tuple[int, ...]:
    """Which markers are bright, drawn by the shares; the last one takes what is left."""
    drawn = chance.random()
    for share, bright in shares:
        if drawn < share:
            return bright
        drawn -= share
    return shares[-1][1]
