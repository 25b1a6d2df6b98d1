"""Places, and the unbroken row of hand-overs of each unit."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from app.kernel.tables import Row, choice, fixed, key, moment, points


class PlaceKind(StrEnum):
    """From the site down to a position in a box."""

    SITE = "site"
    ROOM = "room"
    TANK = "tank"
    RACK = "rack"
    BOX = "box"
    POSITION = "position"
    SHIPPER = "shipper"
    WARD = "ward"


class Place(Row, table=True):
    """A place a unit can be.

    A box is laid out in rows and columns, each crossing a place of its own kind, position. Any other place
    may say how many units it holds at most; None sets no limit.
    """

    frozen: ClassVar[tuple[str, ...]] = ("code", "serial", "kind")

    id: int | None = key()
    code: str = Field(unique=True, max_length=40)
    serial: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=120)
    kind: PlaceKind = choice(PlaceKind)
    within_id: int | None = points("place", nullable=True)
    row_count: int | None = Field(default=None, ge=1, le=26)
    column_count: int | None = Field(default=None, ge=1, le=30)
    at_row: int | None = Field(default=None, ge=1, le=26)
    at_column: int | None = Field(default=None, ge=1, le=30)
    capacity: int | None = Field(default=None, ge=1, le=100_000)


class UnitLocation(Row, table=True):
    """Where a unit was put last: the end of its chain of custody, kept so that a place knows what lies in it.

    ``position_id`` is the position it fills, and a position is filled by one unit: the database says so too.
    It is empty for a unit that lies in no position, or that is gone.
    """

    id: int | None = key()
    unit_id: int = Field(foreign_key="unit.id", ondelete="RESTRICT", unique=True)
    place_id: int = points("place")
    position_id: int | None = Field(default=None, foreign_key="place.id", ondelete="RESTRICT", unique=True)


class CustodyKind(StrEnum):
    """What happened to a unit's custody."""

    STORED = "stored"
    MOVED = "moved"
    ISSUED = "issued"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"


class CustodyEvent(Row, table=True):
    """One link: giver, taker, place, condition, time. taker(n) = giver(n+1), or there is a gap."""

    __table_args__ = ({"sqlite_with_rowid": False},)
    append_only: ClassVar[bool] = True

    unit_id: int = points("unit", primary=True)
    link: int = Field(primary_key=True)
    kind: CustodyKind = choice(CustodyKind)
    at: datetime = moment()
    place_id: int = points("place")
    giver_id: int = points("person", index=False)
    taker_id: int = points("person", index=False)
    condition: str = Field(max_length=200)
    celsius: Decimal | None = fixed(1, nullable=True)


class ReturnAcceptance(Row, table=True):
    """Quality took a returned unit back to stock: what was found, and by which limits."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    unit_id: int = points("unit")
    #: The hand-over by which the unit had come back.
    link: int
    accepted_at: datetime = moment()
    accepted_by_id: int = points("person", index=False)
    limits: str = Field(max_length=20)
    warmest_celsius: Decimal = fixed(1)
    minutes_unwatched: int = Field(ge=0)
    reason: str = Field(max_length=500)
