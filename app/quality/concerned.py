"""What stands against a lot: holds, deviations, and the tests a conditional release waits for."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.concerns.models import Deviation, Hold, Severity, SubjectKind
from app.concerns.queries import deviations_on
from app.kernel.tables import known
from app.lots import queries as lots
from app.lots.genealogy import HOLDS_REACHING
from app.lots.models import Lot, LotState, Unit
from app.quality.queries import checklist, failing, pending, release_of


def holds_on_lot(db: Session, lot: Lot) -> tuple[str, ...]:
    """Codes of the holds that reach the lot or any unit of it."""
    return tuple(hold.code for hold in lots.holds_reaching_lot(db, known(lot.id)))


def concerned(db: Session, lot: Lot) -> list[tuple[SubjectKind, str]]:
    """The lot and its units, as holds and deviations name them."""
    units = db.exec(select(Unit.code).where(Unit.lot_id == lot.id)).all()
    return [(SubjectKind.LOT, lot.code), *((SubjectKind.UNIT, code) for code in units)]


def holds_ever(db: Session, lot: Lot) -> list[Hold]:
    """Every hold that reaches the lot or a unit of it, lifted ones too, oldest first."""
    units = db.exec(select(Unit.id).where(Unit.lot_id == lot.id)).all()
    keys = {row.id for row in HOLDS_REACHING.ask(db, [key for key in units if key is not None])}
    of_lot = (col(Hold.subject_kind) == SubjectKind.LOT) & (col(Hold.subject_code) == lot.code)
    return list(db.exec(select(Hold).where(col(Hold.id).in_(keys) | of_lot).order_by(col(Hold.id))).all())


def critical_on_lot(db: Session, lot: Lot) -> tuple[str, ...]:
    """Codes of the critical deviations on the lot or its units that are not closed."""
    found = deviations_on(db, concerned(db, lot))
    return tuple(one.code for one in found if one.severity is Severity.CRITICAL)


def deviations_of(db: Session, lot: Lot) -> list[Deviation]:
    """Every deviation of the lot and its units, closed ones too."""
    return deviations_on(db, concerned(db, lot), open_only=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lot in use although results are out: what a reader of its pages must know."""

    lot: str
    tests: tuple[str, ...]
    #: Tests that came in failing since: the lot is on hold.
    failed: tuple[str, ...]
    reason: str


def waiting_on(db: Session, lot_code: str = "", unit_code: str = "") -> Waiting | None:
    """The tests that the conditional release of a lot, or of a unit's lot, still waits for.

    None for a lot in any other state, and for what does not exist.
    """
    found = select(Lot).where(Lot.state == LotState.CONDITIONALLY_RELEASED)
    if unit_code:
        found = found.join(Unit, col(Unit.lot_id) == Lot.id).where(Unit.code == unit_code)
    else:
        found = found.where(Lot.code == lot_code)
    lot = db.exec(found).one_or_none()
    if lot is None:
        return None
    decided = release_of(db, known(lot.id))
    lines = checklist(db, lot)
    missing = tuple(line.limit.name for line in lines if line.limit.test in pending(lines))
    return Waiting(lot.code, missing, failing(lines), decided.reason if decided else "")
