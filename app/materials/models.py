"""Reagent lots and equipment that touch a product."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field

from app.kernel.tables import Row, day, key, moment


class Material(Row, table=True):
    """One lot of a reagent or consumable."""

    frozen: ClassVar[tuple[str, ...]] = ("code",)

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    name: str = Field(max_length=120)
    supplier: str = Field(max_length=120)
    supplier_lot: str = Field(max_length=60)
    expires_on: date = day()
    received_at: datetime = moment()


class Equipment(Row, table=True):
    """A device that must be within calibration when it is used."""

    frozen: ClassVar[tuple[str, ...]] = ("code",)

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    name: str = Field(max_length=120)
    calibration_due_on: date = day()
    registered_at: datetime = moment()
