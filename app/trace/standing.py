"""What stands against a subject: the holds that reach it, and the deviations that are not closed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.concerns.models import Deviation, Hold, SubjectKind
from app.concerns.queries import deviations_on, exists, holds_on
from app.custody.queries import place_by_code, places_around
from app.kernel.tables import known
from app.lots import genealogy
from app.lots.models import Donation, Lot, Unit
from app.orders.models import Allocation, AllocationState
from app.recipients.models import Recipient

#: Subjects made of units: what reaches their units reaches them.
_OF_UNITS = frozenset({SubjectKind.DONATION, SubjectKind.LOT, SubjectKind.UNIT, SubjectKind.RECIPIENT})
#: Units asked for in one statement.
_BATCH = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """Holds in force and deviations not closed, each oldest first."""

    holds: tuple[Hold, ...]
    deviations: tuple[Deviation, ...]


def standing(db: Session, kind: SubjectKind, code: str) -> Standing:
    """What stands against this subject now; nothing for a code that does not exist.

    Holds: on it, and on whatever it came from, was made with, or lies in; a recipient is reached through
    the bags given or allocated to them. Deviations: on it, on the units of a lot or a donation, on the lot
    of a unit, and on a recipient's bags and their lots.
    """
    if not exists(db, kind, code):
        return Standing((), ())
    units = _units(db, kind, code) if kind in _OF_UNITS else set()
    keys = genealogy.holds_reaching(db, units)
    holds = list(db.exec(select(Hold).where(col(Hold.id).in_(keys))).all()) if keys else []
    holds += [one for one in holds_on(db, _itself(db, kind, code)) if one.id not in keys]
    about = {(kind, code), *_near(db, kind, units)}
    return Standing(tuple(sorted(holds, key=lambda one: one.id or 0)), tuple(deviations_on(db, about)))


def _units(db: Session, kind: SubjectKind, code: str) -> set[int]:
    """The units a subject is made of; for a recipient those allocated to them, given or not yet."""
    if kind is SubjectKind.UNIT:
        rows = select(Unit.id).where(Unit.code == code)
    elif kind is SubjectKind.LOT:
        rows = select(Unit.id).join(Lot, col(Lot.id) == col(Unit.lot_id)).where(Lot.code == code)
    elif kind is SubjectKind.DONATION:
        given = select(Unit.id).join(Donation, col(Donation.id) == col(Unit.donation_id))
        rows = given.where(Donation.code == code)
    else:
        theirs = select(Unit.id).join(Allocation, col(Allocation.unit_id) == col(Unit.id))
        theirs = theirs.join(Recipient, col(Recipient.id) == col(Allocation.recipient_id))
        rows = theirs.where(Recipient.code == code, Allocation.state != AllocationState.UNDONE)
    return {known(key) for key in db.exec(rows).all()}


def _itself(db: Session, kind: SubjectKind, code: str) -> list[tuple[SubjectKind, str]]:
    """The subject, and for a place every place around it."""
    around = places_around(db, place_by_code(db, code)) if kind is SubjectKind.PLACE else []
    return [(kind, code), *((SubjectKind.PLACE, place.code) for place in around)]


def _near(db: Session, kind: SubjectKind, units: Iterable[int]) -> set[tuple[SubjectKind, str]]:
    """Whose deviations are told on this subject's page beside its own."""
    keys, found = sorted(units), set()
    for start in range(0, len(keys), _BATCH):
        some = col(Unit.id).in_(keys[start : start + _BATCH])
        if kind is not SubjectKind.UNIT:
            found |= {(SubjectKind.UNIT, code) for code in db.exec(select(Unit.code).where(some)).all()}
        if kind in (SubjectKind.UNIT, SubjectKind.RECIPIENT):
            lots = select(Lot.code).join(Unit, col(Unit.lot_id) == col(Lot.id)).where(some)
            found |= {(SubjectKind.LOT, code) for code in db.exec(lots).all()}
    return found
