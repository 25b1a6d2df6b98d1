"""The nine months after: visits, sera with their beads, cytometry files; all generated, all synthetic."""

import random

from app.antibodies.fusion import DateOrder
from app.antibodies.operations import import_beads, register_serum
from app.cytometry.fcs_write import write
from app.cytometry.operations import import_flow, read_flow
from app.example.beadfiles import Draw, fusion_csv
from app.example.calendar import MONTH_1, MONTH_3, MONTH_6, MONTH_9, REGISTERED, at, on
from app.example.people import LENA, NORA, actor, done
from app.followup.models import Timepoint
from app.followup.operations import record_visit
from app.site import Site

#: (visit, day, highest MFI against the donor's antigens) of LN-01; none reaches the cut-off.
VISITS = (
    (Timepoint.BASELINE, REGISTERED, 240),
    (Timepoint.MONTH_1, MONTH_1, 260),
    (Timepoint.MONTH_3, MONTH_3, 210),
    (Timepoint.MONTH_6, MONTH_6, 230),
    (Timepoint.MONTH_9, MONTH_9, 190),
)
PANEL = "Lymphocytes: CD3 CD4 CD8 CD19"
CHANNELS = ("FSC-A", "SSC-A", "FITC-A", "PE-A", "APC-A", "PE-Cy7-A")
MARKERS = ("", "", "CD3", "CD8", "CD4", "CD19")


def baseline(site: Site) -> None:
    """Before the infusion: the serum that the crossmatch looks at, and the cells as they were."""
    _visit(site, 0)


def follow_up(site: Site) -> None:
    """Months 1, 3, 6 and 9."""
    with site.db.reading() as db:
        nora = actor(db, NORA)
    for number, (timepoint, day, _) in enumerate(VISITS):
        with site.db.act(nora, at(day, "10:00") if number else at(MONTH_1, "09:00")) as work:
            done(record_visit(work, "LN-01", timepoint, on(day)))
        if number:
            _visit(site, number)


def _visit(site: Site, number: int) -> None:
    _, day, highest = VISITS[number]
    with site.db.reading() as db:
        lena = actor(db, LENA)
    serum = f"SER-LN-01-{number}"
    name = f"LN01-{number}"
    year, month, date = (int(part) for part in day.split("-"))
    beads = fusion_csv([Draw(name, (year, month, date), {"A*24:02": highest})], patient="SYN-LN-01")
    with site.db.act(lena, at(day, "15:00")) as work:
        done(register_serum(work, "LN-01", on(day), serum))
        done(import_beads(work, beads, f"{name}.csv", DateOrder.MONTH_FIRST, {name: serum}))
    flow = read_flow(lymphocytes(number), on(day))
    with site.db.act(lena, at(day, "16:00")) as work:
        done(import_flow(work, "LN-01", done(flow), f"{name}.fcs", on(day), PANEL))


def lymphocytes(number: int, events: int = 4000) -> bytes:
    """A synthetic FCS file: T helper, T killer, B and other lymphocytes, and debris; the same each time."""
    chance = random.Random(f"hilo worked example {number}")
    shares = (
        (0.44, (1, 0, 1, 0)),
        (0.27, (1, 1, 0, 0)),
        (0.14 - number * 0.01, (0, 0, 0, 1)),
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
