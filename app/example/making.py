"""From 12 mL of marrow to ten bags: the bank MCB-25-001 and the lot MSC-25-001."""

from decimal import Decimal

from app.donors.models import Tissue
from app.example.calendar import BANKED, COLLECTED, FILLED, HARVEST_0, HARVEST_2, STOCKED, THAWED, at, on
from app.example.people import TESS, actor, done
from app.lots.models import LotKind, StepKind, UnitKind
from app.lots.operations import finish_making, open_lot, record_donation
from app.lots.stepform import StepForm, Yield
from app.lots.steps import perform_step
from app.materials.operations import receive_material, register_equipment
from app.site import Site

PRODUCT = "Allogeneic bone-marrow MSC"
STORAGE = "Below -150 °C"
BANK, LOT, DONATION = "MCB-25-001", "MSC-25-001", "DON-25-014"
MILLION = 10**6

#: (code, name, supplier, supplier's lot, expiry)
REAGENTS = (
    ("MAT-24-001", "alpha-MEM", "Example Media", "AM-4471", "2025-12-31"),
    ("MAT-24-002", "Human platelet lysate 5 %, with heparin", "Example Biologics", "HPL-209", "2026-06-30"),
    ("MAT-24-003", "Recombinant trypsin", "Example Enzymes", "TR-0815", "2025-11-30"),
    ("MAT-24-004", "Human serum albumin 20 %", "Example Biologics", "HSA-77", "2026-10-31"),
    ("MAT-24-005", "DMSO, Ph. Eur.", "Example Chemicals", "DM-1203", "2027-01-31"),
)
GROWING = ("MAT-24-001", "MAT-24-002")
LIFTING = ("MAT-24-001", "MAT-24-002", "MAT-24-003")
FREEZING = ("MAT-24-003", "MAT-24-004", "MAT-24-005")
#: (code, name, calibration due)
DEVICES = (
    ("EQ-001", "Incubator 1", "2025-09-30"),
    ("EQ-002", "Cell counter", "2025-10-31"),
    ("EQ-003", "Controlled-rate freezer", "2025-08-31"),
)


def stock(site: Site) -> None:
    """Reagents and devices arrive."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(STOCKED, "10:00")) as work:
        for code, name, supplier, supplier_lot, expires in REAGENTS:
            done(
                receive_material(
                    work,
                    name=name,
                    supplier=supplier,
                    supplier_lot=supplier_lot,
                    expires_on=on(expires),
                    received_at=at(STOCKED, "09:30"),
                    code=code,
                )
            )
        for code, name, due in DEVICES:
            done(register_equipment(work, name=name, calibration_due_on=on(due), code=code))


def bank(site: Site) -> None:
    """Donation, passages 0 and 1: twelve vials of four million."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(COLLECTED, "12:30")) as work:
        done(
            record_donation(
                work,
                donor="D-0007",
                tissue=Tissue.BONE_MARROW,
                site="Iliac crest, one side",
                collected_at=at(COLLECTED, "08:30"),
                received_at=at(COLLECTED, "11:40"),
                received_celsius=Decimal(21),
                volume_ml=Decimal(12),
                nucleated_cells=264 * MILLION,
                viability_percent=Decimal(98),
                condition="Intact, 18 to 24 °C on the way",
                code=DONATION,
            )
        )
        done(open_lot(work, LotKind.MASTER_CELL_BANK, PRODUCT, BANK, storage=STORAGE))
    flask = f"{BANK}-F"
    for form in (
        _seed(BANK, DONATION, 264, 1500, "20 × T-75", at(COLLECTED, "13:00")),
        _harvest(
            BANK, f"{flask}01", 9, (_flask(9),), 95, at(HARVEST_0, "10:00"), cfu_f_per_million=Decimal(30)
        ),
        _seed(BANK, f"{flask}02", 9, 3180, "1 × CF-5", at(HARVEST_0, "11:00")),
        _harvest(
            BANK, f"{flask}03", 60,
            (_yield(UnitKind.VIAL, 4, 12, 1), _yield(UnitKind.QC_SAMPLE, 12, 1, 3)),
            96, at(BANKED, "10:00"), materials=FREEZING, equipment=("EQ-002", "EQ-003"),
        ),
    ):  # fmt: skip
        with site.db.act(tess, form.ended_at) as work:
            done(perform_step(work, form))
    with site.db.act(tess, at(BANKED, "15:00")) as work:
        done(finish_making(work, BANK, at(BANKED, "14:30")))


def fill(site: Site) -> None:
    """Six vials thawed, passages 2 and 3: ten bags of a hundred million, nothing unaccounted for."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(THAWED, "08:30")) as work:
        done(open_lot(work, LotKind.DRUG_PRODUCT, PRODUCT, LOT, storage=STORAGE))
    vials = tuple(f"{BANK}-V{number:02d}" for number in range(1, 7))
    for form in _filling(vials):
        with site.db.act(tess, form.ended_at) as work:
            done(perform_step(work, form))
    with site.db.act(tess, at(FILLED, "16:30")) as work:
        done(finish_making(work, LOT, at(FILLED, "16:00")))


def _filling(vials: tuple[str, ...]) -> tuple[StepForm, ...]:
    flask = f"{LOT}-F"
    return (
        StepForm(
            lot=LOT,
            kind=StepKind.THAW,
            started_at=at(THAWED, "09:00"),
            ended_at=at(THAWED, "09:30"),
            inputs=vials,
            yields=(_flask(Decimal("21.1")),),
            materials=("MAT-24-001", "MAT-24-004"),
            equipment=("EQ-002",),
            cells_lost=2_900_000,
            viability_percent=Decimal(92),
            note="88 % of the frozen viable cells recovered after thaw; the rest did not survive it",
        ),
        _seed(LOT, f"{flask}01", Decimal("21.1"), 6320, "1 × CF-10", at(THAWED, "10:00")),
        _harvest(
            LOT, f"{flask}02", Decimal("116.9"),
            (_flask(Decimal("106.2")), _yield(UnitKind.QC_SAMPLE, Decimal("10.7"), 1, 3)),
            95, at(HARVEST_2, "10:00"),
        ),
        _seed(LOT, f"{flask}03", Decimal("106.2"), 37_920, "6 × CF-10", at(HARVEST_2, "11:00")),
        _harvest(
            LOT, f"{flask}04", Decimal("1061.8"),
            (_yield(UnitKind.BAG, 100, 10, 20), _yield(UnitKind.RETAINED, 10, 3, 2),
             _yield(UnitKind.QC_SAMPLE, Decimal("31.8"), 1, 6)),
            95, at(FILLED, "12:00"), materials=FREEZING, equipment=("EQ-002", "EQ-003"),
        ),
    )  # fmt: skip


def _cells(million: Decimal | int) -> int:
    return int(Decimal(million) * MILLION)


def _yield(kind: UnitKind, million: Decimal | int, count: int, ml: int) -> Yield:
    return Yield(kind=kind, count=count, viable_cells=_cells(million), volume_ml=Decimal(ml))


def _flask(million: Decimal | int) -> Yield:
    return _yield(UnitKind.FLASK, million, 1, 500)


def _seed(lot: str, unit: str, million: Decimal | int, area: int, vessel: str, when: object) -> StepForm:
    return StepForm.model_validate(
        {
            "lot": lot,
            "kind": StepKind.SEED,
            "started_at": when,
            "ended_at": when,
            "inputs": (unit,),
            "yields": (_flask(million),),
            "materials": GROWING,
            "equipment": ("EQ-001",),
            "vessel": vessel,
            "area_cm2": Decimal(area),
        }
    )


def _harvest(
    lot: str,
    unit: str,
    million: Decimal | int,
    yields: tuple[Yield, ...],
    viability: int,
    when: object,
    **more: object,
) -> StepForm:
    told: dict[str, object] = {
        "lot": lot,
        "kind": StepKind.HARVEST,
        "started_at": when,
        "ended_at": when,
        "inputs": (unit,),
        "yields": yields,
        "materials": LIFTING,
        "equipment": ("EQ-002",),
        "cells_harvested": _cells(million),
        "viability_percent": Decimal(viability),
    }
    return StepForm.model_validate(told | more)
