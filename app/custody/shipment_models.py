"""Shipments: units that travel together in one shipper, and what its logger says of the way."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, LargeBinary
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, fixed, key, moment, points


class ShipmentState(StrEnum):
    """A shipment's life."""

    PACKED = "packed"
    SENT = "sent"
    RECEIVED = "received"
    JUDGED = "judged"
    CANCELLED = "cancelled"


_S = ShipmentState
#: Every move a shipment can make. What is not written here cannot happen.
SHIPMENT_MOVES: dict[ShipmentState, frozenset[ShipmentState]] = {
    _S.PACKED: frozenset({_S.SENT, _S.CANCELLED}),
    _S.SENT: frozenset({_S.RECEIVED}),
    _S.RECEIVED: frozenset({_S.JUDGED}),
    _S.JUDGED: frozenset(),
    _S.CANCELLED: frozenset(),
}


class Shipment(Row, table=True):
    """One journey of one shipper with its logger, from a place to a place, by one courier."""

    __table_args__ = (
        check("sent_has_its_time", "(state IN ('packed', 'cancelled')) = (sent_at IS NULL)"),
        check("received_has_its_time", "(state IN ('received', 'judged')) = (received_at IS NOT NULL)"),
        check("received_has_its_person", "(state IN ('received', 'judged')) = (received_by_id IS NOT NULL)"),
        check("goes_somewhere_else", "origin_id <> destination_id"),
    )
    frozen: ClassVar[tuple[str, ...]] = (
        "code", "origin_id", "destination_id", "shipper_id", "logger", "courier_id", "packed_at",
        "packed_by_id",
    )  # fmt: skip
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", SHIPMENT_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    state: ShipmentState = choice(ShipmentState)
    origin_id: int = points("place")
    destination_id: int = points("place")
    #: The container: a place of its own, in which the units lie on the way.
    shipper_id: int = points("place")
    #: The serial number of the logger inside, as its file tells it.
    logger: str = Field(max_length=40)
    courier_id: int = points("person")
    packed_at: datetime = moment()
    packed_by_id: int = points("person")
    sent_at: datetime | None = moment(nullable=True)
    received_at: datetime | None = moment(nullable=True)
    received_by_id: int | None = points("person", nullable=True)


class ShipmentUnit(Row, table=True):
    """A unit packed into a shipment, by the link of its custody that handed it to the courier.

    What became of it on the way is told by the links that follow: sent, received, returned.
    """

    __table_args__ = (Index("ix_shipment_unit_back", "unit_id", "link"), {"sqlite_with_rowid": False})
    append_only: ClassVar[bool] = True

    shipment_id: int = points("shipment", primary=True)
    unit_id: int = points("unit", primary=True)
    link: int


class LoggerVerdict(StrEnum):
    """What the limits say of a journey, by its logger; the gravest last."""

    WITHIN = "within"
    NOT_PROVEN = "not_proven"
    EXCURSION = "excursion"


class ShipmentJudgement(Row, table=True):
    """The judgement of a journey by its logger's file, with the readings packed; or without a file.

    A later judgement of the same shipment takes the place of an earlier one, with a reason; both stay.
    """

    __table_args__ = (
        check("a_file_has_readings", "(stored_file_id IS NULL) = (started_at IS NULL)"),
        check("a_file_has_its_end", "(stored_file_id IS NULL) = (ended_at IS NULL)"),
        check("a_file_has_its_warmest", "(stored_file_id IS NULL) = (warmest_celsius IS NULL)"),
        check("a_file_has_its_coldest", "(stored_file_id IS NULL) = (coldest_celsius IS NULL)"),
        check("without_a_file_nothing_is_proven", "stored_file_id IS NOT NULL OR verdict = 'not_proven'"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    shipment_id: int = points("shipment")
    stored_file_id: int | None = Field(
        default=None, sa_type=Integer, foreign_key="stored_file.id", ondelete="RESTRICT", unique=True
    )
    #: The profile that understood the file, and whose clock its times are: ``file`` where it says so itself.
    profile: str = Field(default="", max_length=20)
    zone: str = Field(default="", max_length=40)
    started_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
    readings: int
    #: Seconds from the first reading and hundredths of a degree, see `app.custody.loggerfile.packed`.
    packed: bytes = Field(sa_type=LargeBinary)
    #: Of the readings between packing and receipt.
    warmest_celsius: Decimal | None = fixed(2, nullable=True)
    coldest_celsius: Decimal | None = fixed(2, nullable=True)
    minutes_above: int
    verdict: LoggerVerdict = choice(LoggerVerdict)
    #: Why it is not within, in sentences.
    findings: str = Field(default="", max_length=1000)
    limits: str = Field(max_length=20)
    #: Why there is no file, or why this judgement takes the place of an earlier one.
    reason: str = Field(default="", max_length=500)
    judged_at: datetime = moment()
    judged_by_id: int = points("person")
