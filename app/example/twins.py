"""The other lots: two more from the bank of D-0007, and one from donor D-0009; all left in quarantine."""

from dataclasses import dataclass
from decimal import Decimal

from app.donors.models import Tissue
from app.example.calendar import after, at
from app.example.making import BANK, PRODUCT, STORAGE, finish, perform
from app.example.people import TESS, actor, done
from app.example.stepforms import (
    LYSATE,
    SHARED_LYSATE,
    Million,
    cells,
    filling,
    flask,
    harvest,
    seed,
    share,
    thaw,
)
from app.lots.models import LotKind, UnitKind
from app.lots.operations import open_lot, record_donation
from app.lots.stepform import StepForm
from app.site import Site

REJECTED, CONDITIONAL, OTHER = "MSC-25-002", "MSC-25-003", "MSC-25-004"
OTHER_DONATION = "DON-25-021"
#: What the page of MSC-25-002 says of four million cells that nobody found.
COUNTED_AGAIN = "Counted twice by two people: the filled containers hold less than was harvested"


@dataclass(frozen=True, slots=True)
class Twin:
    """A small lot of three vials of the bank: when, and its counts in millions."""

    lot: str
    thawed: str
    vials: tuple[int, ...]
    alive: Million
    passage_2: Million
    harvested: Million
    qc: Million
    lysate: str
    note: str = ""


TWINS = (
    Twin(REJECTED, "2025-03-24", (7, 8, 9), "10.5", 52, 436, 12, SHARED_LYSATE, COUNTED_AGAIN),
    Twin(CONDITIONAL, "2025-04-14", (10, 11, 12), "10.6", 55, 450, 30, LYSATE),
)


def second_lots(site: Site) -> None:
    """MSC-25-002 and MSC-25-003: four bags each of the bank's other vials, in quarantine.

    MSC-25-002 shares its platelet lysate with MSC-25-001, and four million of its cells are unexplained.
    """
    for twin in TWINS:
        _open(site, twin.lot, twin.thawed)
        perform(site, _steps(twin))
        finish(site, twin.lot, at(after(twin.thawed, 13), "16:00"))


def _open(site: Site, lot: str, day: str) -> None:
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(day, "08:30")) as work:
        done(open_lot(work, LotKind.DRUG_PRODUCT, PRODUCT, lot, storage=STORAGE))


def _steps(twin: Twin) -> tuple[StepForm, ...]:
    unit, passage_3, filled = f"{twin.lot}-F", after(twin.thawed, 7), after(twin.thawed, 13)
    vials = tuple(f"{BANK}-V{number:02d}" for number in twin.vials)
    bags = (
        share(UnitKind.BAG, 100, 4, 20),
        share(UnitKind.RETAINED, 10, 2, 2),
        share(UnitKind.QC_SAMPLE, twin.qc, 1, 6),
    )
    again: dict[str, object] = {"recounted": True, "note": twin.note} if twin.note else {}
    return (
        thaw(twin.lot, vials, 12, twin.alive, 91, at(twin.thawed, "09:00")),
        seed(twin.lot, f"{unit}01", twin.alive, 3180, "1 × CF-5", at(twin.thawed, "10:00"), twin.lysate),
        harvest(
            twin.lot, f"{unit}02", twin.passage_2, (flask(twin.passage_2),), 95, at(passage_3, "10:00"),
            twin.lysate,
        ),
        seed(
            twin.lot, f"{unit}03", twin.passage_2, 18_960, "3 × CF-10", at(passage_3, "11:00"), twin.lysate
        ),
        filling(twin.lot, f"{unit}04", twin.harvested, bags, 94, at(filled, "12:00"), **again),
    )  # fmt: skip


def lot_of_other_donor(site: Site, collected: str, donor: str = "D-0009") -> None:
    """MSC-25-004: three bags straight from the marrow of another donor, in quarantine after 27 days.

    ``collected`` is the day of the donation, soon after the signed decision on the donor.
    """
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(collected, "12:30")) as work:
        done(
            record_donation(
                work,
                donor=donor,
                tissue=Tissue.BONE_MARROW,
                site="Iliac crest, one side",
                collected_at=at(collected, "08:30"),
                received_at=at(collected, "11:00"),
                received_celsius=Decimal(20),
                volume_ml=Decimal(10),
                nucleated_cells=cells(210),
                viability_percent=Decimal(97),
                condition="Intact, 18 to 24 °C on the way",
                code=OTHER_DONATION,
            )
        )
    _open(site, OTHER, collected)
    passage_1, passage_2, filled = (after(collected, days) for days in (14, 21, 27))
    unit = f"{OTHER}-F"
    founders = {"cfu_f_per_million": Decimal(28)}
    bags = (
        share(UnitKind.BAG, 100, 3, 20),
        share(UnitKind.RETAINED, 10, 2, 2),
        share(UnitKind.QC_SAMPLE, 22, 1, 6),
    )
    perform(
        site,
        (
            seed(OTHER, OTHER_DONATION, 210, 1200, "16 × T-75", at(collected, "13:00"), LYSATE),
            harvest(
                OTHER, f"{unit}01", "6.4", (flask("6.4"),), 95, at(passage_1, "10:00"), LYSATE, **founders
            ),
            seed(OTHER, f"{unit}02", "6.4", 3180, "1 × CF-5", at(passage_1, "11:00"), LYSATE),
            harvest(OTHER, f"{unit}03", 48, (flask(48),), 95, at(passage_2, "10:00"), LYSATE),
            seed(OTHER, f"{unit}04", 48, 12_640, "2 × CF-10", at(passage_2, "11:00"), LYSATE),
            filling(OTHER, f"{unit}05", 342, bags, 95, at(filled, "12:00")),
        ),
    )
    finish(site, OTHER, at(filled, "16:00"))
