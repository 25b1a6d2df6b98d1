"""Donations, lots and units for tests of every room, made by the real operations."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TypeVar

from app.access.events import REFUSED
from app.access.models import Person, Role
from app.donors.models import Tissue
from app.evidence.ledger import Subject, record
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import Donation, Lot, LotKind, Step, StepKind, Unit, UnitKind
from app.lots.operations import finish_making, open_lot, record_donation
from app.lots.queries import unit_by_code
from app.lots.stepform import StepForm, Yield
from app.lots.steps import perform_step
from app.materials.models import Equipment, Material
from app.materials.operations import receive_material, register_equipment
from app.site import Site
from tests.donors.factories import eligible_donor, someone
from tests.factories import act

#: When the donors of these tests give, unless a test says otherwise.
COLLECTED_AT = datetime(2025, 1, 13, 8, 0, tzinfo=UTC)
#: The one product of these tests.
PRODUCT = "Allogeneic bone-marrow MSC"
MILLION = 10**6

T = TypeVar("T")
_numbers = count(1)


def maker(site: Site) -> Person:
    """Who makes the lots."""
    return someone(site, Role.TECHNOLOGIST, "maker")


def day(number: int, hours: float = 0) -> datetime:
    """So many days, and hours, after the tissue was collected."""
    return COLLECTED_AT + timedelta(days=number, hours=hours)


def sure(answer: T | Refusal) -> T:
    """The answer of an operation that must not refuse."""
    assert not isinstance(answer, Refusal), str(answer)
    return answer


def refused(work: Work, answer: object) -> Refusal:
    """The refusal of an operation that must refuse, kept as a page keeps it."""
    assert isinstance(answer, Refusal), answer
    record(work, REFUSED, Subject("test", "test"), sentence=answer.sentence, why=answer.reason)
    return answer


def donation(site: Site, donor: str | None = None, at: datetime = COLLECTED_AT) -> Donation:
    """12 mL of marrow of an eligible donor: 264 million nucleated cells, as in the worked example."""
    donor = donor or eligible_donor(site).code
    with act(site, maker(site), at + timedelta(hours=4)) as work:
        return sure(
            record_donation(
                work,
                donor=donor,
                tissue=Tissue.BONE_MARROW,
                site="iliac crest",
                collected_at=at,
                received_at=at + timedelta(hours=3, minutes=10),
                received_celsius=Decimal("21.5"),
                volume_ml=Decimal(12),
                nucleated_cells=264 * MILLION,
                viability_percent=Decimal(98),
                condition="intact, 18 to 24 C",
            )
        )


def lot(
    site: Site, code: str | None = None, kind: LotKind = LotKind.DRUG_PRODUCT, at: datetime = COLLECTED_AT
) -> Lot:
    """A lot just opened."""
    with act(site, maker(site), at) as work:
        return sure(open_lot(work, kind, PRODUCT, code, storage="vapour-phase nitrogen, below -150 C"))


def reagent(site: Site, name: str = "alpha-MEM", code: str | None = None) -> Material:
    """A reagent lot received before the tissue came, good for a year."""
    at = COLLECTED_AT - timedelta(days=7)
    with act(site, maker(site), at) as work:
        return sure(
            receive_material(
                work,
                name=name,
                supplier="Supplier",
                supplier_lot=f"S{next(_numbers)}",
                expires_on=(at + timedelta(days=365)).date(),
                received_at=at,
                code=code,
            )
        )


def device(work: Work, until: int, code: str = "EQ-001") -> Equipment:
    """An incubator calibrated ten days before the tissue came, until so many days after."""
    return sure(
        register_equipment(
            work,
            name="incubator",
            calibrated_on=day(-10).date(),
            calibration_due_on=day(until).date(),
            certificate="C-1",
            code=code,
        )
    )


def some(kind: UnitKind, million: float, number: int = 1, ml: float = 20) -> Yield:
    """So many containers with so many million viable cells each."""
    cells = round(Decimal(str(million)) * MILLION)
    return Yield(kind=kind, count=number, viable_cells=cells, volume_ml=Decimal(str(ml)))


def seed(lot: str, unit: str, million: float, area: float, at: datetime, **more: object) -> StepForm:
    """Cells of one unit put into culture."""
    given: dict[str, object] = {
        "lot": lot, "kind": StepKind.SEED, "started_at": at, "ended_at": at, "inputs": (unit,),
        "yields": (some(UnitKind.FLASK, million, ml=500),), "vessel": "CF-10", "area_cm2": Decimal(str(area)),
    }  # fmt: skip
    return StepForm.model_validate(given | more)


def harvest(
    lot: str, unit: str, million: float, yields: tuple[Yield, ...], at: datetime, **more: object
) -> StepForm:
    """Cells of one flask counted and put into other containers."""
    given: dict[str, object] = {
        "lot": lot, "kind": StepKind.HARVEST, "started_at": at, "ended_at": at, "inputs": (unit,),
        "yields": yields, "cells_harvested": round(Decimal(str(million)) * MILLION),
        "viability_percent": Decimal(95),
    }  # fmt: skip
    return StepForm.model_validate(given | more)


def step(site: Site, form: StepForm) -> Step:
    """Perform a step at its end."""
    with act(site, maker(site), form.ended_at) as work:
        return sure(perform_step(work, form))


def filled_lot(
    site: Site,
    bags: int = 10,
    *,
    code: str | None = None,
    donor: str | None = None,
    materials: tuple[str, ...] = (),
    equipment: tuple[str, ...] = (),
) -> Lot:
    """A drug-product lot still in process: one donation, passages 0 to 2, then bags, 3 vials kept, QC.

    Units: flasks F01 to F05, bags B01 … of 100 million in 20 mL, R01 to R03, Q01.
    """
    tissue = donation(site, donor).code
    made = lot(site, code)
    step(site, seed(made.code, tissue, 264, 1500, day(0, 5), materials=materials, equipment=equipment))
    flasks = [f"{made.code}-F{number:02d}" for number in range(1, 6)]
    step(site, harvest(made.code, flasks[0], 9, (some(UnitKind.FLASK, 9),), day(14), cfu_f_per_million=30))
    step(site, seed(made.code, flasks[1], 9, 3180, day(14, 1)))
    step(site, harvest(made.code, flasks[2], 60, (some(UnitKind.FLASK, 60),), day(21)))
    step(site, seed(made.code, flasks[3], 60, 37_920, day(21, 1)))
    million = 100 * bags + 30 + 12
    yields = (
        some(UnitKind.BAG, 100, bags),
        some(UnitKind.RETAINED, 10, 3, ml=2),
        some(UnitKind.QC_SAMPLE, 12, ml=2),
    )
    step(site, harvest(made.code, flasks[4], million, yields, day(28)))
    return made


def drug_product_lot(site: Site, bags: int = 10, *, code: str | None = None, donor: str | None = None) -> Lot:
    """A drug-product lot in quarantine, with so many bags of 100 million viable cells in 20 mL."""
    made = filled_lot(site, bags, code=code, donor=donor)
    with act(site, maker(site), day(28, 2)) as work:
        return sure(finish_making(work, made.code, day(28, 2)))


def unit(site: Site, code: str) -> Unit:
    """The unit as it now is."""
    with site.db.reading() as db:
        found = unit_by_code(db, code)
    assert found is not None, code
    return found
