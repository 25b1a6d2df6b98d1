"""Materials: receive and open a reagent lot, keep its certificate; register a device, record calibrations."""

from datetime import date, datetime

from sqlmodel import select

from app.donors.queries import site_day
from app.evidence import files
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code, next_plain
from app.kernel.refusals import Refusal, first
from app.kernel.tables import known
from app.kernel.work import Work
from app.materials import events, rules
from app.materials.models import Calibration, Equipment, Material
from app.materials.queries import calibrations_of, equipment_by_code, material_by_code
from labels import payload


def receive_material(
    work: Work,
    *,
    name: str,
    supplier: str,
    supplier_lot: str,
    expires_on: date,
    received_at: datetime,
    barcode: str = "",
    use_within_days: int | None = None,
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
        barcode=rules.barcode_text(barcode),
        expires_on=expires_on,
        received_at=received_at,
        use_within_days=use_within_days,
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
    known_as = select(Material).where(
        Material.name == name, Material.supplier == supplier, Material.supplier_lot == supplier_lot
    )
    found = work.db.exec(known_as).first()
    return rules.already_received(found.code, name, supplier_lot) if found else None


def open_material(
    work: Work, code: str, *, opened_on: date, use_within_days: int | None = None
) -> Material | Refusal:
    """Note the day a lot was first opened; from then its days of use count, where its maker gives them."""
    material = material_by_code(work.db, code)
    if material is None:
        return rules.unknown_material(code)
    received_on = site_day(work.db, material.received_at)
    refusal = first(
        rules.opened_unfit(material, opened_on, received_on, site_day(work.db, work.at)),
        rules.expired_at_opening(material, opened_on),
    )
    if refusal is not None:
        return refusal
    material.opened_on = opened_on
    material.use_within_days = use_within_days or material.use_within_days
    record(
        work,
        events.OPENED,
        Subject("material", code),
        material=code,
        opened_on=opened_on,
        usable_until=material.usable_until,
    )
    return material


def keep_certificate(
    work: Work, code: str, data: bytes, came_as: str, reason: str = ""
) -> Material | Refusal:
    """Keep the supplier's certificate by its hash; another one later needs a reason, and the first stays."""
    material = material_by_code(work.db, code)
    if material is None:
        return rules.unknown_material(code)
    refusal = first(rules.not_a_certificate(data), rules.replaced_without_reason(material, reason))
    if refusal is not None:
        return refusal
    stored = files.keep(work, data, came_as)
    material.certificate_id = stored.id
    record(
        work,
        events.CERTIFIED,
        Subject("material", code),
        reason=reason.strip() or None,
        material=code,
        sha256=stored.sha256,
    )
    return material


def register_equipment(
    work: Work,
    *,
    name: str,
    calibrated_on: date,
    calibration_due_on: date,
    certificate: str,
    code: str | None = None,
) -> Equipment | Refusal:
    """Enter a device that is within calibration; it gets a serial to be scanned by."""
    code = code or next_plain(work.db, Equipment.code, "EQ", 3)
    refusal = first(
        rules.bad_code(code),
        _calibration_unfit(work, calibrated_on, calibration_due_on),
        rules.code_taken(code) if equipment_by_code(work.db, code) else None,
    )
    if refusal is not None:
        return refusal
    equipment = Equipment(
        code=code,
        serial=payload.issue(payload.Kind.EQUIPMENT),
        name=name,
        calibration_due_on=calibration_due_on,
        registered_at=work.at,
    )
    work.db.add(equipment)
    work.db.flush()
    _keep_calibration(work, equipment, calibrated_on, calibration_due_on, certificate, None)
    record(
        work,
        events.REGISTERED,
        Subject("equipment", code),
        reason=certificate,
        equipment=code,
        name=name,
        calibrated_on=calibrated_on,
        due_on=calibration_due_on,
    )
    return equipment


def record_calibration(
    work: Work,
    equipment_code: str,
    *,
    calibrated_on: date,
    due_on: date,
    certificate: str,
    data: bytes | None = None,
    came_as: str = "",
) -> Equipment | Refusal:
    """Record a calibration; the latest one says until when the device may be used.

    ``certificate`` is the number of the paper that proves it, ``data`` its file where there is one. A step
    is judged by the calibration that held on its day, whenever it is recorded.
    """
    equipment = equipment_by_code(work.db, equipment_code)
    if equipment is None:
        return rules.unknown_equipment(equipment_code)
    refusal = first(
        _calibration_unfit(work, calibrated_on, due_on),
        None if data is None else rules.not_a_certificate(data),
    )
    if refusal is not None:
        return refusal
    stored = None if data is None else files.keep(work, data, came_as)
    _keep_calibration(work, equipment, calibrated_on, due_on, certificate, stored.id if stored else None)
    equipment.calibration_due_on = calibrations_of(work.db, equipment)[0].due_on
    record(
        work,
        events.CALIBRATED,
        Subject("equipment", equipment.code),
        reason=certificate,
        equipment=equipment.code,
        calibrated_on=calibrated_on,
        due_on=due_on,
        sha256=stored.sha256 if stored else "none",
    )
    return equipment


def _calibration_unfit(work: Work, calibrated_on: date, due_on: date) -> Refusal | None:
    today = site_day(work.db, work.at)
    return first(
        rules.calibrated_later(calibrated_on, today),
        rules.due_before_calibrated(calibrated_on, due_on),
        rules.calibration_overdue(due_on, today),
    )


def _keep_calibration(
    work: Work, equipment: Equipment, calibrated_on: date, due_on: date, certificate: str, file_id: int | None
) -> None:
    work.db.add(
        Calibration(
            equipment_id=known(equipment.id),
            calibrated_on=calibrated_on,
            due_on=due_on,
            certificate=certificate,
            stored_file_id=file_id,
            recorded_at=work.at,
            recorded_by_id=work.actor.person_id,
        )
    )
    work.db.flush()
