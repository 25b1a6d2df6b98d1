"""Materials: receive a reagent lot, register a device, record its calibration."""

from datetime import date, datetime

from sqlmodel import select

from app.donors.queries import site_day
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code, next_plain
from app.kernel.refusals import Refusal, first
from app.kernel.work import Work
from app.materials import events, rules
from app.materials.models import Equipment, Material
from app.materials.queries import equipment_by_code, material_by_code


def receive_material(
    work: Work,
    *,
    name: str,
    supplier: str,
    supplier_lot: str,
    expires_on: date,
    received_at: datetime,
    code: str | None = None,
) -> Material | Refusal:
    """Take a reagent or consumable lot into stock; from now on every step can name it."""
    code = code or next_code(work.db, Material.code, "MAT", received_at)
    refusal = first(
        rules.bad_code(code),
        rules.in_future(received_at, work.at),
        rules.expired_at_receipt(expires_on, site_day(work.db, received_at)),
        rules.code_taken(code) if material_by_code(work.db, code) else None,
        _known_lot(work, name, supplier, supplier_lot),
    )
    if refusal is not None:
        return refusal
    material = Material(
        code=code,
        name=name,
        supplier=supplier,
        supplier_lot=supplier_lot,
        expires_on=expires_on,
        received_at=received_at,
    )
    work.db.add(material)
    record(
        work,
        events.RECEIVED,
        Subject("material", code),
        material=code,
        name=name,
        supplier=supplier,
        supplier_lot=supplier_lot,
        expires_on=expires_on,
    )
    return material


def _known_lot(work: Work, name: str, supplier: str, supplier_lot: str) -> Refusal | None:
    known = select(Material).where(
        Material.name == name, Material.supplier == supplier, Material.supplier_lot == supplier_lot
    )
    found = work.db.exec(known).first()
    return rules.already_received(found.code, name, supplier_lot) if found else None


def register_equipment(
    work: Work, *, name: str, calibration_due_on: date, code: str | None = None
) -> Equipment | Refusal:
    """Enter a device that is within calibration."""
    code = code or next_plain(work.db, Equipment.code, "EQ", 3)
    refusal = first(
        rules.bad_code(code),
        rules.calibration_overdue(calibration_due_on, site_day(work.db, work.at)),
        rules.code_taken(code) if equipment_by_code(work.db, code) else None,
    )
    if refusal is not None:
        return refusal
    equipment = Equipment(code=code, name=name, calibration_due_on=calibration_due_on, registered_at=work.at)
    work.db.add(equipment)
    record(
        work,
        events.REGISTERED,
        Subject("equipment", code),
        equipment=code,
        name=name,
        due_on=calibration_due_on,
    )
    return equipment


def record_calibration(
    work: Work, equipment_code: str, *, calibrated_on: date, due_on: date, certificate: str
) -> Equipment | Refusal:
    """Move a device's calibration date forward; ``certificate`` is what proves it."""
    equipment = equipment_by_code(work.db, equipment_code)
    if equipment is None:
        return rules.unknown_equipment(equipment_code)
    today = site_day(work.db, work.at)
    refusal = first(rules.calibrated_later(calibrated_on, today), rules.calibration_overdue(due_on, today))
    if refusal is not None:
        return refusal
    equipment.calibration_due_on = due_on
    record(
        work,
        events.CALIBRATED,
        Subject("equipment", equipment.code),
        reason=certificate,
        equipment=equipment.code,
        calibrated_on=calibrated_on,
        due_on=due_on,
    )
    return equipment
