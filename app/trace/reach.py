"""Reach of holds: which units in somebody's hands does a stop reach?"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from app.concerns.models import Hold, HoldState, SubjectKind
from app.lots import queries as lots
from app.lots.genealogy import Look, worded
from app.lots.models import FATES, Unit
from app.trace.queries import reached


def _takers(look: Look, given: str) -> str:
    """Who took each unit over last."""
    return f"""
        SELECT w.u AS unit_id, x.id AS taker_id FROM (
            SELECT i.u, (SELECT c.taker_id FROM custody_event AS c WHERE c.unit_id = i.u
                         ORDER BY c.link DESC LIMIT 1) AS taker_id FROM {given}
        ) AS w {look("person", "x", id="w.taker_id")}"""  # noqa: S608  our own names


TAKERS_OF_UNIT = worded(_takers)


def held_in_hands(db: Session, person_id: int) -> dict[str, list[str]]:
    """Codes of the holds in force, each with the units it reaches that this person took over last and that
    are not gone; both in order of code.

    Asked from the holds, which are few, and not from the units, which are many.
    """
    found: dict[str, list[str]] = {}
    holds = db.exec(select(Hold).where(Hold.state == HoldState.IN_FORCE).order_by(col(Hold.code))).all()
    for hold in holds:
        units = _in_hands(db, person_id, _reach(db, hold))
        if hold.subject_kind is SubjectKind.PLACE:
            units = {key: code for key, code in units.items() if _still_reaches(db, hold, key)}
        if units:
            found[hold.code] = sorted(units.values())
    return found


def _reach(db: Session, hold: Hold) -> set[int]:
    if hold.subject_kind is SubjectKind.RECIPIENT:
        return set()
    return reached(db, hold.subject_kind, hold.subject_code)


def _in_hands(db: Session, person_id: int, units: Iterable[int]) -> dict[int, str]:
    mine = [row.unit_id for row in TAKERS_OF_UNIT.ask(db, units) if row.taker_id == person_id]
    found: dict[int, str] = {}
    for start in range(0, len(mine), 500):
        rows = select(Unit.id, Unit.code).where(col(Unit.id).in_(mine[start : start + 500]))
        found |= {key or 0: code for key, code in db.exec(rows.where(col(Unit.state).not_in(FATES)))}
    return found


def _still_reaches(db: Session, hold: Hold, unit_id: int) -> bool:
    """A trace of a place names what ever lay in it; its hold stops only what lies in it now."""
    return any(one.id == hold.id for one in lots.holds_reaching(db, unit_id))
