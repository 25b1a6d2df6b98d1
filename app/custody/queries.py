"""What is known of places and of who had a unit when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.models import Person
from app.custody import rules
from app.custody.models import CustodyEvent, Place, PlaceKind, UnitLocation
from app.kernel.speech import say
from app.kernel.tables import known
from app.lots.models import FATES, Lot, Unit, UnitState
from labels import payload


def place_by_code(db: Session, code: str) -> Place | None:
    """The place with this code."""
    return db.exec(select(Place).where(Place.code == code)).one_or_none()


def place_scanned(db: Session, text: str) -> Place | None:
    """The place with this code, or whose own serial was scanned."""
    read = payload.read(text)
    if isinstance(read, payload.Serial):
        return db.exec(select(Place).where(Place.serial == read.text)).one_or_none()
    return place_by_code(db, text.strip())


def places(db: Session) -> list[dict[str, Any]]:
    """All places with what they lie in."""
    outer = aliased(Place)
    rows = db.exec(
        select(Place.code, Place.name, Place.kind, outer.code)
        .outerjoin(outer, col(outer.id) == col(Place.within_id))
        .order_by(col(Place.code))
    ).all()
    return [dict(zip(("code", "name", "kind", "within"), row, strict=True)) for row in rows]


def links(db: Session, unit_id: int) -> list[CustodyEvent]:
    """Every link of the unit's custody, in order."""
    found = select(CustodyEvent).where(CustodyEvent.unit_id == unit_id).order_by(col(CustodyEvent.link))
    return list(db.exec(found).all())


def chain(db: Session, unit_id: int) -> list[dict[str, Any]]:
    """Every link of the unit's custody as people read it."""
    giver, taker = aliased(Person), aliased(Person)
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            CustodyEvent.link,
            CustodyEvent.kind,
            CustodyEvent.at,
            Place.code,
            giver.name,
            taker.name,
            CustodyEvent.condition,
            CustodyEvent.celsius,
        )
        .join(Place, col(Place.id) == col(CustodyEvent.place_id))
        .join(giver, col(giver.id) == col(CustodyEvent.giver_id))
        .join(taker, col(taker.id) == col(CustodyEvent.taker_id))
        .where(CustodyEvent.unit_id == unit_id)
        .order_by(col(CustodyEvent.link))
    ).all()
    names = ("link", "kind", "at", "place", "giver", "taker", "condition", "celsius")
    return [dict(zip(names, row, strict=True)) for row in rows]


def gaps(db: Session, unit_id: int) -> list[str]:
    """Where the unit's custody is broken; empty when it is whole."""
    return rules.gaps([rules.Link(e.link, e.giver_id, e.taker_id, e.at) for e in links(db, unit_id)])


def place_of(db: Session, unit_id: int) -> Place | None:
    """Where the unit is now."""
    last = (
        select(CustodyEvent.place_id)
        .where(CustodyEvent.unit_id == unit_id)
        .order_by(col(CustodyEvent.link).desc())
        .limit(1)
    )
    place_id = db.exec(last).first()
    return db.get(Place, place_id) if place_id is not None else None


def places_around(db: Session, place: Place | None) -> list[Place]:
    """The place and everything it lies in, from the inside out."""
    found = []
    while place is not None:
        found.append(place)
        place = db.get(Place, place.within_id) if place.within_id is not None else None
    return found


def inside(db: Session, place: Place) -> list[Place]:
    """The places right inside this one, positions row by row."""
    found = select(Place).where(Place.within_id == place.id)
    return list(db.exec(found.order_by(col(Place.at_row), col(Place.at_column), col(Place.code))).all())


def places_inside(db: Session, place_id: int) -> list[dict[str, Any]]:
    """The places right inside this one, each with how many units lie there now."""
    rows = db.exec(
        select(Place.id, Place.code, Place.name).where(Place.within_id == place_id).order_by(col(Place.code))
    ).all()
    return [{"code": code, "name": name, "units": len(units_in(db, known(key)))} for key, code, name in rows]


#: Units that lie nowhere any more; a retained one still lies in its place.
GONE = FATES - {UnitState.RETAINED}


def units_in(db: Session, place_id: int) -> list[dict[str, Any]]:
    """Units that were put right at this place last and that are not gone."""
    rows = db.exec(
        select(Unit.code, Unit.kind, Unit.state, Lot.code)
        .join(UnitLocation, col(UnitLocation.unit_id) == col(Unit.id))
        .outerjoin(Lot, col(Lot.id) == col(Unit.lot_id))
        .where(UnitLocation.place_id == place_id, col(Unit.state).not_in(GONE))
        .order_by(col(Unit.code))
    ).all()
    return [dict(zip(("code", "kind", "state", "lot"), row, strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class Position:
    """One position of a box, and the unit that fills it."""

    id: int
    code: str
    row: int | None
    column: int | None
    unit: str | None
    state: UnitState | None
    lot: str | None


def positions(db: Session, box_id: int) -> list[Position]:
    """The positions of a box, row by row, each with what fills it."""
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Place.id, Place.code, Place.at_row, Place.at_column, Unit.code, Unit.state, Lot.code
        )
        .outerjoin(UnitLocation, col(UnitLocation.position_id) == col(Place.id))
        .outerjoin(Unit, (col(Unit.id) == col(UnitLocation.unit_id)) & col(Unit.state).not_in(GONE))
        .outerjoin(Lot, col(Lot.id) == col(Unit.lot_id))
        .where(Place.within_id == box_id, Place.kind == PlaceKind.POSITION)
        .order_by(col(Place.at_row), col(Place.at_column), col(Place.code))
    ).all()
    return [Position(*row) for row in rows]


def filling(db: Session, position_id: int) -> str | None:
    """The code of the unit that fills a position."""
    return db.exec(
        select(Unit.code)
        .join(UnitLocation, col(UnitLocation.unit_id) == col(Unit.id))
        .where(UnitLocation.position_id == position_id, col(Unit.state).not_in(GONE))
    ).one_or_none()


#: How many places a refusal names where there is room.
NAMED = 3


def free_near(db: Session, place: Place) -> list[str]:
    """The nearest places with room: free positions of the same box, else boxes of the same tank with some."""
    box = db.get(Place, place.within_id) if place.kind is PlaceKind.POSITION else place
    if box is None:
        return []
    if box.id != place.id:
        free = [one.code for one in positions(db, known(box.id)) if one.unit is None]
        if free:
            return free[:NAMED]
    found: list[str] = []
    for sibling in db.exec(_beside(box)).all():
        free = [one.code for one in positions(db, known(sibling.id)) if one.unit is None]
        if free:
            found.append(say("{place} ({free} free)", place=sibling.code, free=len(free)))
    return list(found[:NAMED])


def _beside(box: Place) -> SelectOfScalar[Place]:
    others = select(Place).where(Place.kind == PlaceKind.BOX, Place.id != box.id).order_by(col(Place.code))
    return others if box.within_id is None else others.where(Place.within_id == box.within_id)
