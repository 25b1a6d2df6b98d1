"""What the page of a place shows: the picture of a box, and what lies where."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from app.custody import picture, queries
from app.custody.models import Place
from app.kernel.tables import known
from app.lots.genealogy import stopped
from app.lots.models import Unit


def what_lies_in(
    db: Session, place: Place, unit_url: picture.Address, place_url: picture.Address
) -> dict[str, Any]:
    """The places inside, and the units, each with whether a hold reaches it."""
    units = queries.units_in(db, known(place.id))
    positions = queries.positions(db, known(place.id))
    filled = [one.unit for one in positions if one.unit is not None]
    held = _held(db, [*filled, *(unit["code"] for unit in units)])
    return {
        "inside": queries.places_inside(db, known(place.id)),
        "units": units,
        "positions": positions,
        "filled": len(filled),
        "told": picture.described(positions, held),
        "picture": picture.box(positions, held, unit_url, place_url),
    }


def _held(db: Session, codes: Sequence[str]) -> frozenset[str]:
    """Which of these units a hold reaches."""
    rows = db.exec(select(Unit.id, Unit.code).where(col(Unit.code).in_(codes))).all()
    named = {known(key): code for key, code in rows}
    return frozenset(named[key] for key in stopped(db, named))
