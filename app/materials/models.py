"""Reagent lots and equipment that touch a product."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlmodel import Field

from app.kernel.tables import Row, check, day, key, moment, points


def last_day_of_use(expires_on: date, opened_on: date | None, use_within_days: int | None) -> date:
    """The expiry on the pack, or sooner once it was opened and keeps only so many days."""
    if opened_on is None or use_within_days is None:
        return expires_on
    return min(expires_on, opened_on + timedelta(days=use_within_days))


class Material(Row, table=True):
    """One lot of a reagent or consumable."""

    __table_args__ = (
        check("use_within_a_day_or_more", "use_within_days IS NULL OR use_within_days BETWEEN 1 AND 3650"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code",)

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    name: str = Field(max_length=120)
    supplier: str = Field(max_length=120)
    supplier_lot: str = Field(max_length=60)
    #: What the barcode on the pack reads, in capitals and without blanks; empty where there is none.
    barcode: str = Field(default="", max_length=120, index=True)
    expires_on: date = day()
    received_at: datetime = moment()
    opened_on: date | None = day(nullable=True)
    #: Days the lot keeps after its opening, where its maker says so.
    use_within_days: int | None = None
    #: The supplier's certificate, as it came.
    certificate_id: int | None = points("stored_file", nullable=True)

    @property
    def usable_until(self) -> date:
        """The last day of use: the expiry on the pack, or sooner once it was opened."""
        return last_day_of_use(self.expires_on, self.opened_on, self.use_within_days)


class Equipment(Row, table=True):
    """A device that must be within calibration when it is used."""

    frozen: ClassVar[tuple[str, ...]] = ("code", "serial")

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    #: The text of the code on the device, Hilo's own.
    serial: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=120)
    calibration_due_on: date = day()
    registered_at: datetime = moment()


class Calibration(Row, table=True):
    """One calibration of a device: from which day until which it holds, and what proves it."""

    __table_args__ = (check("due_after_calibrated", "due_on >= calibrated_on"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    equipment_id: int = points("equipment")
    calibrated_on: date = day()
    due_on: date = day()
    #: The certificate's number, or where the paper is kept.
    certificate: str = Field(max_length=120)
    stored_file_id: int | None = points("stored_file", nullable=True)
    recorded_at: datetime = moment()
    recorded_by_id: int | None = points("person", nullable=True)
