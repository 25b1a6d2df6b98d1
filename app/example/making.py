"""From 12 mL of marrow to ten bags: the bank MCB-25-001 and the lot MSC-25-001."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from app.donors.models import Tissue
from app.example.calendar import (
    BANKED,
    BROKEN,
    COLLECTED,
    FILLED,
    HARVEST_0,
    HARVEST_2,
    RECALIBRATED,
    STOCKED,
    THAWED,
    at,
    on,
)
from app.example.certificates import certificate
from app.example.freezerfile import freezer_csv
from app.example.people import QUINN, TESS, actor, done, signing
from app.example.stepforms import (
    FREEZER,
    LYSATE,
    SHARED_LYSATE,
    cells,
    filling,
    flask,
    harvest,
    seed,
    share,
    thaw,
)
from app.lots.freezing import record_freeze
from app.lots.models import LotKind, UnitKind
from app.lots.operations import destroy_unit, finish_making, open_lot, record_donation
from app.lots.stepform import StepForm
from app.lots.steps import perform_step
from app.materials.operations import (
    keep_certificate,
    open_material,
    receive_material,
    record_calibration,
    register_equipment,
)
from app.site import Site

PRODUCT = "Allogeneic bone-marrow MSC"
STORAGE = "Below -150 °C"
BANK, LOT, DONATION = "MCB-25-001", "MSC-25-001", "DON-25-014"
#: How long an opened bottle of platelet lysate keeps, in days.
LYSATE_KEEPS = 28

#: (code, name, supplier, supplier's lot, expiry, barcode on the pack)
REAGENTS = (
    ("MAT-24-001", "alpha-MEM", "Example Media", "AM-4471", "2025-12-31", ""),
    ("MAT-24-002", "Human platelet lysate 5 %, with heparin", "Example Biologics", "HPL-209", "2026-06-30",
     "(01)00000000000208(10)HPL-209(17)260630"),
    ("MAT-24-003", "Recombinant trypsin", "Example Enzymes", "TR-0815", "2025-11-30", ""),
    ("MAT-24-004", "Human serum albumin 20 %", "Example Biologics", "HSA-77", "2026-10-31", ""),
    ("MAT-24-005", "DMSO, Ph. Eur.", "Example Chemicals", "DM-1203", "2027-01-31", ""),
    ("MAT-24-006", "Human platelet lysate 5 %, with heparin", "Example Biologics", "HPL-198", "2026-03-31",
     "(01)00000000000208(10)HPL-198(17)260331"),
)  # fmt: skip
#: (code, name, calibrated, due)
DEVICES = (
    ("EQ-001", "Incubator 1", "2024-10-01", "2025-09-30"),
    ("EQ-002", "Cell counter", "2024-11-04", "2025-10-31"),
    ("EQ-003", "Controlled-rate freezer", "2024-09-02", "2025-08-31"),
)


def stock(site: Site) -> None:
    """Reagents arrive with the certificates of both platelet lysates, and devices with their calibrations."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(STOCKED, "10:00")) as work:
        for code, name, supplier, supplier_lot, expires, barcode in REAGENTS:
            done(
                receive_material(
                    work,
                    name=name,
                    supplier=supplier,
                    supplier_lot=supplier_lot,
                    expires_on=on(expires),
                    received_at=at(STOCKED, "09:30"),
                    barcode=barcode,
                    use_within_days=LYSATE_KEEPS if code == SHARED_LYSATE else None,
                    code=code,
                )
            )
            if code in (LYSATE, SHARED_LYSATE):
                paper = certificate("Certificate of analysis", f"{name}, lot {supplier_lot}", "Sterile")
                done(keep_certificate(work, code, paper, f"{supplier_lot}.pdf"))
        for code, name, calibrated, due in DEVICES:
            done(
                register_equipment(
                    work,
                    name=name,
                    calibrated_on=on(calibrated),
                    calibration_due_on=on(due),
                    certificate=f"CAL-{code}-24, synthetic",
                    code=code,
                )
            )


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
                nucleated_cells=cells(264),
                viability_percent=Decimal(98),
                condition="Intact, 18 to 24 °C on the way",
                code=DONATION,
            )
        )
        done(open_lot(work, LotKind.MASTER_CELL_BANK, PRODUCT, BANK, storage=STORAGE))
    unit = f"{BANK}-F"
    vials = (share(UnitKind.VIAL, 4, 12, 1), share(UnitKind.QC_SAMPLE, 12, 1, 3))
    founders = {"cfu_f_per_million": Decimal(30)}
    perform(
        site,
        (
            seed(BANK, DONATION, 264, 1500, "20 × T-75", at(COLLECTED, "13:00"), LYSATE),
            harvest(BANK, f"{unit}01", 9, (flask(9),), 95, at(HARVEST_0, "10:00"), LYSATE, **founders),
            seed(BANK, f"{unit}02", 9, 3180, "1 × CF-5", at(HARVEST_0, "11:00"), LYSATE),
            filling(BANK, f"{unit}03", 60, vials, 96, at(BANKED, "10:00")),
        ),
    )
    finish(site, BANK, at(BANKED, "14:30"))


def perform(site: Site, steps: Iterable[StepForm]) -> None:
    """Tess performs these steps, each told at its end."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    for form in steps:
        with site.db.act(tess, form.ended_at) as work:
            done(perform_step(work, form))


def finish(site: Site, lot: str, made_at: datetime) -> None:
    """The making ends, and is told half an hour later."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, made_at + timedelta(minutes=30)) as work:
        done(finish_making(work, lot, made_at))


def fill(site: Site) -> None:
    """Six vials thawed, passages 2 and 3: ten bags of a hundred million, nothing unaccounted for."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(THAWED, "08:30")) as work:
        done(open_lot(work, LotKind.DRUG_PRODUCT, PRODUCT, LOT, storage=STORAGE))
        done(open_material(work, SHARED_LYSATE, opened_on=on(THAWED)))
    vials = tuple(f"{BANK}-V{number:02d}" for number in range(1, 7))
    unit = f"{LOT}-F"
    kept_back = (flask("106.2"), share(UnitKind.QC_SAMPLE, "10.7", 1, 3))
    bags = (
        share(UnitKind.BAG, 100, 10, 20),
        share(UnitKind.RETAINED, 10, 3, 2),
        share(UnitKind.QC_SAMPLE, "31.8", 1, 6),
    )
    grown = SHARED_LYSATE
    perform(
        site,
        (
            thaw(LOT, vials, 24, "21.1", 92, at(THAWED, "09:00")),
            seed(LOT, f"{unit}01", "21.1", 6320, "1 × CF-10", at(THAWED, "10:00"), grown),
            harvest(LOT, f"{unit}02", "116.9", kept_back, 95, at(HARVEST_2, "10:00"), grown),
            seed(LOT, f"{unit}03", "106.2", 37_920, "6 × CF-10", at(HARVEST_2, "11:00"), grown),
            filling(LOT, f"{unit}04", "1061.8", bags, 95, at(FILLED, "12:00")),
        ),
    )
    _freeze(site)
    finish(site, LOT, at(FILLED, "16:00"))


def _freeze(site: Site) -> None:
    """The freezer's file of the ten bags: one degree a minute, kept with the filling."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    file = freezer_csv(f"{LOT} bags 01-10", at(FILLED, "12:25"))
    with site.db.act(tess, at(FILLED, "15:00")) as work:
        done(record_freeze(work, f"{LOT}-S05", FREEZER, file, "run-0231.csv"))


def break_bag(site: Site) -> None:
    """Bag 10 is found broken in its cassette, and destroyed by Tess while Quinn looks on; both sign."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    first, second = signing(site, TESS), signing(site, QUINN)
    with site.db.act(tess, at(BROKEN, "11:00")) as work:
        done(
            destroy_unit(work, f"{LOT}-B10", "The bag was broken when its cassette was opened", first, second)
        )


def recalibrate(site: Site) -> None:
    """The freezer is calibrated for another year, with its certificate."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    paper = certificate("Certificate of calibration", f"{FREEZER}, Controlled-rate freezer", "Within 0.5 °C")
    with site.db.act(tess, at(RECALIBRATED, "10:00")) as work:
        done(
            record_calibration(
                work,
                FREEZER,
                calibrated_on=on(RECALIBRATED),
                due_on=on("2026-08-31"),
                certificate=f"CAL-{FREEZER}-25, synthetic",
                data=paper,
                came_as="calibration.pdf",
            )
        )
