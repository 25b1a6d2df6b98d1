"""Reads of materials and equipment."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from sqlmodel import Session, col, select

from app.evidence.files import StoredFile
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.materials import rules
from app.materials.models import Calibration, Equipment, Material, last_day_of_use

#: Lines on one page of a list.
PAGE = 100
T = TypeVar("T")


class MaterialRow(NamedTuple):
    """One line of the list of materials."""

    code: str
    name: str
    supplier: str
    supplier_lot: str
    expires_on: date
    received_at: datetime
    opened_on: date | None
    use_within_days: int | None

    @property
    def usable_until(self) -> date:
        """As `Material.usable_until`."""
        return last_day_of_use(self.expires_on, self.opened_on, self.use_within_days)


class EquipmentRow(NamedTuple):
    """One line of the list of equipment."""

    code: str
    name: str
    calibration_due_on: date


def material_by_code(db: Session, code: str) -> Material | None:
    """The reagent lot with this code."""
    return db.exec(select(Material).where(Material.code == code)).one_or_none()


def equipment_by_code(db: Session, code: str) -> Equipment | None:
    """The device with this code."""
    return db.exec(select(Equipment).where(Equipment.code == code)).one_or_none()


def materials_named(db: Session, codes: Iterable[str]) -> list[Material] | Refusal:
    """The reagent lots with these codes or barcodes, each once, or the first that nothing carries."""
    return _named(db, codes, _material_read, rules.unknown_material)


def equipment_named(db: Session, codes: Iterable[str]) -> list[Equipment] | Refusal:
    """The devices with these codes or serials, each once, or the first that nothing carries."""
    return _named(db, codes, _equipment_read, rules.unknown_equipment)


def tools_named(db: Session, texts: Iterable[str]) -> list[Material | Equipment] | Refusal:
    """Reagent lots and devices as they were scanned, in one list: codes, barcodes and serials mixed."""
    return _named(db, texts, _tool_read, rules.unknown_tool)


def _tool_read(db: Session, text: str) -> Material | Equipment | Refusal | None:
    return _equipment_read(db, text) or _material_read(db, text)


def _material_read(db: Session, text: str) -> Material | Refusal | None:
    if found := material_by_code(db, text):
        return found
    barcode = rules.barcode_text(text)
    lots = db.exec(select(Material).where(Material.barcode == barcode).order_by(Material.code)).all()
    if not barcode or not lots:
        return None
    return lots[0] if len(lots) == 1 else rules.several_lots(barcode, [lot.code for lot in lots])


def _equipment_read(db: Session, text: str) -> Equipment | None:
    if found := equipment_by_code(db, text):
        return found
    return db.exec(select(Equipment).where(Equipment.serial == text)).one_or_none()


def _named(
    db: Session,
    codes: Iterable[str],
    read: Callable[[Session, str], T | Refusal | None],
    unknown: Callable[[str], Refusal],
) -> list[T] | Refusal:
    found: list[T] = []
    for code in dict.fromkeys(codes):
        one = read(db, code)
        if one is None:
            return unknown(code)
        if isinstance(one, Refusal):
            return one
        if one not in found:
            found.append(one)
    return found


def in_use(db: Session, today: date) -> tuple[list[Material], list[Equipment]]:
    """What a step of today may be done with: lots within their dates, the newest first, and good devices.

    Of the lots a page's worth; any other is scanned.
    """
    lots = select(Material).where(Material.expires_on >= today)
    lots = lots.order_by(col(Material.received_at).desc(), col(Material.id).desc()).limit(PAGE)
    devices = select(Equipment).where(Equipment.calibration_due_on >= today).order_by(col(Equipment.code))
    usable = [lot for lot in db.exec(lots).all() if lot.usable_until >= today]
    return sorted(usable, key=lambda lot: (lot.name, lot.code)), list(db.exec(devices).all())


def calibrations_of(db: Session, equipment: Equipment) -> list[Calibration]:
    """Every calibration of a device, the latest first."""
    rows = select(Calibration).where(Calibration.equipment_id == known(equipment.id))
    return list(
        db.exec(rows.order_by(col(Calibration.calibrated_on).desc(), col(Calibration.id).desc())).all()
    )


def file_with(db: Session, file_id: int | None) -> StoredFile | None:
    """The kept file with this key."""
    return None if file_id is None else db.get(StoredFile, file_id)


def list_materials(db: Session, after: str = "") -> list[MaterialRow]:
    """A page of reagent lots by code, and one more when there are others behind."""
    m = Material
    rows = select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
        m.code, m.name, m.supplier, m.supplier_lot, m.expires_on, m.received_at, m.opened_on,
        m.use_within_days,
    )  # fmt: skip
    rows = rows.where(m.code > after).order_by(col(m.code)).limit(PAGE + 1)
    return [MaterialRow._make(row) for row in db.exec(rows).all()]


def list_equipment(db: Session) -> list[EquipmentRow]:
    """All devices by code."""
    rows = select(col(Equipment.code), col(Equipment.name), col(Equipment.calibration_due_on))
    rows = rows.order_by(col(Equipment.code))
    return [EquipmentRow._make(row) for row in db.exec(rows).all()]
