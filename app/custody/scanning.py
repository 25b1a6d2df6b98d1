"""Putting units away by scanning: a place, then unit after unit; each scan is one hand-over of the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.custody import operations, queries
from app.custody.models import CustodyEvent, CustodyKind, Place
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots.models import Unit

#: How far back the running list of a sitting looks, and how long it grows.
SITTING = timedelta(hours=12)
LISTED = 20


class Why(StrEnum):
    """Why a scan at this station does nothing."""

    PLACE_FIRST = "place_first"
    NOTHING_TO_PUT_BACK = "nothing_to_put_back"


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of the running list: what went where, and where it lay before."""

    unit: str
    at: datetime
    place: str
    before: str | None
    #: Whether the unit still lies where this line says.
    last: bool


def scanned(
    work: Work, text: str, place: str, condition: str, celsius: Decimal | None
) -> Place | CustodyEvent | Refusal:
    """What one scan does: a place becomes the place at hand, a unit is put there."""
    named = queries.place_scanned(work.db, text)
    if named is not None:
        return named
    unit = operations.unit_in_hand(work, text)
    if isinstance(unit, Refusal):
        return unit
    if not place:
        return Refusal(
            Why.PLACE_FIRST,
            say("No place is scanned yet, so {unit} stays where it is.", unit=unit),
            say("Scan the place first, then the unit."),
        )
    return operations.store_unit(work, unit, place, condition, celsius)


def put_back(work: Work, unit_code: str, condition: str) -> CustodyEvent | Refusal:
    """Take a slip back: the unit returns to the place it lay in before, as one more link of its chain."""
    mine = [one for one in moved_by(work.db, work.actor.person_id, work.at) if one.unit == unit_code]
    slip = next((one for one in mine if one.last and one.before is not None), None)
    if slip is None or slip.before is None:
        return Refusal(
            Why.NOTHING_TO_PUT_BACK,
            say("You did not move {unit} just now, or it has no place it came from.", unit=unit_code[:40]),
            say("Scan the place where it belongs, then the unit."),
        )
    return operations.store_unit(work, unit_code, slip.before, condition)


def moved_by(db: Session, person_id: int | None, now: datetime) -> Sequence[Moved]:
    """What a person put away in this sitting, the latest first."""
    here, before, former = aliased(Place), aliased(CustodyEvent), aliased(Place)
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Unit.code, Unit.id, CustodyEvent.at, here.code, former.code, CustodyEvent.link
        )
        .join(Unit, col(Unit.id) == col(CustodyEvent.unit_id))
        .join(here, col(here.id) == col(CustodyEvent.place_id))
        .outerjoin(
            before,
            (col(before.unit_id) == col(CustodyEvent.unit_id))
            & (col(before.link) == col(CustodyEvent.link) - 1),
        )
        .outerjoin(former, col(former.id) == col(before.place_id))
        .where(
            CustodyEvent.taker_id == person_id,
            col(CustodyEvent.kind).in_((CustodyKind.STORED, CustodyKind.MOVED)),
            col(CustodyEvent.at) >= now - SITTING,
        )
        .order_by(col(CustodyEvent.at).desc(), col(Unit.code).desc(), col(CustodyEvent.link).desc())
        .limit(LISTED)
    )
    rows = db.exec(found).all()
    ends = {key: queries.links(db, known(key))[-1].link for key in {row[1] for row in rows}}
    return [Moved(unit, at, place, was, link == ends[key]) for unit, key, at, place, was, link in rows]
