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
    """A place a unit can be."""

    frozen: ClassVar[tuple[str, ...]] = ("code", "serial")

    id: int | None = key()
    code: str = Field(unique=True, max_length=40)
    serial: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=120)
    kind: PlaceKind = choice(PlaceKind)
    within_id: int | None = points("place", nullable=True)


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
