"""Reads of materials and equipment."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from sqlmodel import Session, col, select

from app.kernel.refusals import Refusal
from app.materials import rules
from app.materials.models import Equipment, Material

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
    """The reagent lots with these codes, each once, or the first code that nothing carries."""
    return _named(db, codes, material_by_code, rules.unknown_material)


def equipment_named(db: Session, codes: Iterable[str]) -> list[Equipment] | Refusal:
    """The devices with these codes, each once, or the first code that nothing carries."""
    return _named(db, codes, equipment_by_code, rules.unknown_equipment)


def _named(
    db: Session,
    codes: Iterable[str],
    by_code: Callable[[Session, str], T | None],
    unknown: Callable[[str], Refusal],
) -> list[T] | Refusal:
    found: list[T] = []
    for code in dict.fromkeys(codes):
        one = by_code(db, code)
        if one is None:
            return unknown(code)
        found.append(one)
    return found


def list_materials(db: Session, after: str = "") -> list[MaterialRow]:
    """A page of reagent lots by code, and one more when there are others behind."""
    m = Material
    rows = select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
        m.code, m.name, m.supplier, m.supplier_lot, m.expires_on, m.received_at
    )
    rows = rows.where(m.code > after).order_by(col(m.code)).limit(PAGE + 1)
    return [MaterialRow._make(row) for row in db.exec(rows).all()]


def list_equipment(db: Session) -> list[EquipmentRow]:
    """All devices by code."""
    rows = select(col(Equipment.code), col(Equipment.name), col(Equipment.calibration_due_on))
    rows = rows.order_by(col(Equipment.code))
    return [EquipmentRow._make(row) for row in db.exec(rows).all()]
