"""What is known of shipments: what travels in them, what became of it, and what their loggers say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.models import Person
from app.custody import queries
from app.custody.loggerfile import Reading, unpacked
from app.custody.models import CustodyEvent, CustodyKind, Place
from app.custody.shipment_models import (
    LoggerVerdict,
    Shipment,
    ShipmentJudgement,
    ShipmentState,
    ShipmentUnit,
)
from app.evidence.files import StoredFile
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.lots.models import Unit, UnitState
from app.lots.queries import holds_reaching

#: Shipments on one page of the list.
PAGE = 50
#: States in which shipper and logger are not free.
UNDER_WAY = (ShipmentState.PACKED, ShipmentState.SENT)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list of shipments."""

    id: int
    code: str
    state: ShipmentState
    origin: str
    destination: str
    shipper: str
    logger: str
    packed_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    verdict: LoggerVerdict | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passenger:
    """A unit of a shipment: how it was packed, and how it arrived."""

    unit_id: int
    code: str
    state: UnitState
    packed: CustodyEvent
    #: Whether it was still inside when the shipper left.
    travelled: bool
    received: CustodyEvent | None
    holds: tuple[str, ...]

    @property
    def inside(self) -> bool:
        """Whether it lies in the shipper and waits to be sent."""
        return self.state is UnitState.ISSUED and not self.travelled

    @property
    def due(self) -> bool:
        """Whether it is on its way and waits to be received."""
        return self.travelled and self.received is None and self.state is UnitState.IN_TRANSIT


def shipment_by_code(db: Session, code: str) -> Shipment | None:
    """The shipment with this code."""
    return db.exec(select(Shipment).where(Shipment.code == code)).one_or_none()


def under_way_with(db: Session, shipper_id: int) -> str | None:
    """The code of the shipment under way in this shipper."""
    found = select(Shipment.code).where(Shipment.shipper_id == shipper_id, col(Shipment.state).in_(UNDER_WAY))
    return db.exec(found).first()


def under_way_logged_by(db: Session, logger: str) -> str | None:
    """The code of the shipment under way with this logger."""
    rows = db.exec(select(Shipment.code, Shipment.logger).where(col(Shipment.state).in_(UNDER_WAY))).all()
    return next((code for code, serial in rows if serial.casefold() == logger.casefold()), None)


def passengers(db: Session, shipment: Shipment) -> list[Passenger]:
    """Every unit that was packed into the shipment, by code."""
    rows = db.exec(
        select(Unit, ShipmentUnit.link)
        .join(ShipmentUnit, col(ShipmentUnit.unit_id) == col(Unit.id))
        .where(ShipmentUnit.shipment_id == shipment.id)
        .order_by(col(Unit.code))
    ).all()
    return [_passenger(db, unit, link) for unit, link in rows]


def _passenger(db: Session, unit: Unit, link: int) -> Passenger:
    chain = queries.links(db, known(unit.id))
    packed = next(one for one in chain if one.link == link)
    sent = next((one for one in chain if one.link == link + 1 and one.kind is CustodyKind.SENT), None)
    after = next((one for one in chain if sent is not None and one.link == link + 2), None)
    received = after if after is not None and after.kind is CustodyKind.RECEIVED else None
    holds = tuple(hold.code for hold in holds_reaching(db, known(unit.id)))
    return Passenger(known(unit.id), unit.code, unit.state, packed, sent is not None, received, holds)


def began_at(travelled: Sequence[Passenger], shipment: Shipment) -> datetime:
    """When the journey of the bags began: the first of those that travelled was put into the shipper."""
    return min((one.packed.at for one in travelled), default=shipment.packed_at)


def listed(db: Session, before_id: int | None = None) -> list[Line]:
    """A page of shipments, newest first, and one more when there are older ones."""
    rows = select(Shipment).order_by(col(Shipment.id).desc()).limit(PAGE + 1)
    if before_id is not None:
        rows = rows.where(col(Shipment.id) < before_id)
    return lines(db, db.exec(rows).all())


def lines(db: Session, shipments: Sequence[Shipment]) -> list[Line]:
    """These shipments as lines of a list, in the same order."""
    keys = [known(one.id) for one in shipments]
    origin, destination, shipper = aliased(Place), aliased(Place), aliased(Place)
    found = db.exec(
        select(Shipment.id, origin.code, destination.code, shipper.code)
        .join(origin, col(origin.id) == col(Shipment.origin_id))
        .join(destination, col(destination.id) == col(Shipment.destination_id))
        .join(shipper, col(shipper.id) == col(Shipment.shipper_id))
        .where(col(Shipment.id).in_(keys))
    ).all()
    places = {row[0]: row[1:] for row in found}
    units = _units_of(db, keys)
    verdicts = _verdicts(db, keys)
    return [
        Line(
            key, one.code, one.state, places[key][0], places[key][1], places[key][2], one.logger,
            one.packed_at, one.sent_at, one.received_at, verdicts.get(key), tuple(units.get(key, ())),
        )
        for key, one in zip(keys, shipments, strict=True)
    ]  # fmt: skip


def _units_of(db: Session, keys: Sequence[int]) -> dict[int, list[str]]:
    rows = (
        select(ShipmentUnit.shipment_id, Unit.code)
        .join(Unit, col(Unit.id) == col(ShipmentUnit.unit_id))
        .where(col(ShipmentUnit.shipment_id).in_(keys))
        .order_by(col(Unit.code))
    )
    found: dict[int, list[str]] = {}
    for shipment_id, code in db.exec(rows).all():
        found.setdefault(shipment_id, []).append(code)
    return found


def _verdicts(db: Session, keys: Sequence[int]) -> dict[int, LoggerVerdict]:
    """The latest verdict of each shipment that has one."""
    rows = select(ShipmentJudgement.shipment_id, ShipmentJudgement.verdict).where(
        col(ShipmentJudgement.shipment_id).in_(keys)
    )
    return {key: LoggerVerdict(word) for key, word in db.exec(rows.order_by(col(ShipmentJudgement.id))).all()}


def judgements(db: Session, shipment_id: int) -> list[ShipmentJudgement]:
    """Every judgement of the shipment, the one that counts last."""
    found = select(ShipmentJudgement).where(ShipmentJudgement.shipment_id == shipment_id)
    return list(db.exec(found.order_by(col(ShipmentJudgement.id))).all())


def readings_of(judgement: ShipmentJudgement) -> tuple[Reading, ...]:
    """The readings as they were kept; none where there was no file."""
    if judgement.started_at is None:
        return ()
    return unpacked(judgement.started_at, judgement.packed)


def file_of(db: Session, judgement: ShipmentJudgement) -> StoredFile | None:
    """The logger's file as it was kept."""
    return db.get(StoredFile, judgement.stored_file_id) if judgement.stored_file_id else None


def shipment_with_file(db: Session, sha256: str) -> str | None:
    """The code of the shipment that was judged by a file with these bytes."""
    found = (
        select(Shipment.code)
        .join(ShipmentJudgement, col(ShipmentJudgement.shipment_id) == col(Shipment.id))
        .join(StoredFile, col(StoredFile.id) == col(ShipmentJudgement.stored_file_id))
        .where(StoredFile.sha256 == sha256)
    )
    return db.exec(found).first()


def shipments_of_unit(db: Session, unit_id: int) -> list[Line]:
    """The shipments a unit was packed into, oldest first."""
    found = (
        select(Shipment)
        .join(ShipmentUnit, col(ShipmentUnit.shipment_id) == col(Shipment.id))
        .where(ShipmentUnit.unit_id == unit_id)
        .order_by(col(Shipment.id))
    )
    return lines(db, db.exec(found).all())


def shipments_of_lot(db: Session, lot_id: int) -> list[Shipment]:
    """The shipments that any unit of the lot was packed into, oldest first."""
    found = (
        select(Shipment)
        .join(ShipmentUnit, col(ShipmentUnit.shipment_id) == col(Shipment.id))
        .join(Unit, col(Unit.id) == col(ShipmentUnit.unit_id))
        .where(Unit.lot_id == lot_id)
        .distinct()
        .order_by(col(Shipment.id))
    )
    return list(db.exec(found).all())


def cold_not_shown(db: Session, unit_id: int) -> list[str]:
    """Why it is not shown that the unit stayed cold on its ways; empty when it is, or it never travelled.

    A shipment counts while its logger was not judged, and for ever where the judgement is not within. An
    unjudged logger warns and waits on the worklist; what stops the bag at the bedside is the hold that a
    judgement other than within places on it.
    """
    found: list[str] = []
    for line in shipments_of_unit(db, unit_id):
        if line.state is ShipmentState.CANCELLED or line.verdict is LoggerVerdict.WITHIN:
            continue
        verdict = word(line.verdict) if line.verdict else say("logger not judged")
        found.append(say("{shipment}: {verdict}", shipment=line.code, verdict=verdict))
    return found


def names_of(db: Session, shipment: Shipment) -> dict[str, str]:
    """The names of the people of a shipment, by their part in it."""
    parts = {
        "courier": shipment.courier_id, "packed_by": shipment.packed_by_id,
        "received_by": shipment.received_by_id,
    }  # fmt: skip
    return {part: db.get_one(Person, key).name for part, key in parts.items() if key is not None}
