"""Visits with their windows."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, choice, day, key, moment, points


class Timepoint(StrEnum):
    """The visits of the published series."""

    BASELINE = "baseline"
    MONTH_1 = "month_1"
    MONTH_3 = "month_3"
    MONTH_6 = "month_6"
    MONTH_9 = "month_9"


class Visit(Row, table=True):
    """One follow-up visit that took place; its window is judged under a stored version.

    ``in_window`` is empty for a baseline before any infusion: day zero is not known yet. The pages judge it
    by the same version once it is.
    """

    __table_args__ = (UniqueConstraint("recipient_id", "timepoint"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    recipient_id: int = points("recipient")
    timepoint: Timepoint = choice(Timepoint)
    happened_on: date = day()
    in_window: bool | None = None
    window_version: str = Field(max_length=40)
    note: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
