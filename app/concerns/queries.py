"""Reads of holds and deviations: what lies on these subjects?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select, tuple_

from app.access.models import Person
from app.concerns.models import Deviation, DeviationState, Ends, Hold, HoldState, SubjectKind
from app.kernel.speech import say
from app.kernel.tables import metadata

#: Subjects asked for in one statement, below SQLite's limit of bound values.
BATCH = 400
#: Holds on one page of the list.
PAGE = 50


class HoldRow(NamedTuple):
    """One line of the list of holds."""

    id: int
    code: str
    kind: SubjectKind
    subject: str
    state: HoldState
    why: str
    placed_at: datetime
    placed_by: str | None


def exists(db: Session, kind: SubjectKind, code: str) -> bool:
    """Whether something of this kind carries this code; every such table is named after its kind."""
    table = metadata.tables[kind.value]
    return db.connection().execute(table.select().where(table.c.code == code).limit(1)).first() is not None


def hold_by_code(db: Session, code: str) -> Hold | None:
    """The hold with this code."""
    return db.exec(select(Hold).where(Hold.code == code)).one_or_none()


def holds_on(db: Session, subjects: Iterable[tuple[SubjectKind, str]]) -> list[Hold]:
    """The holds in force on exactly these subjects, oldest first; descendants are the caller's to name."""
    wanted = sorted(set(subjects))
    found: list[Hold] = []
    for start in range(0, len(wanted), BATCH):
        pairs = tuple_(col(Hold.subject_kind), col(Hold.subject_code)).in_(wanted[start : start + BATCH])
        found += db.exec(select(Hold).where(pairs, Hold.state == HoldState.IN_FORCE)).all()
    return sorted(found, key=lambda hold: hold.id or 0)


def deviation_by_code(db: Session, code: str) -> Deviation | None:
    """The deviation with this code."""
    return db.exec(select(Deviation).where(Deviation.code == code)).one_or_none()


def deviations_on(
    db: Session, subjects: Iterable[tuple[SubjectKind, str]], *, open_only: bool = True
) -> list[Deviation]:
    """The deviations on exactly these subjects, oldest first; with ``open_only`` those not yet closed."""
    wanted = sorted(set(subjects))
    found: list[Deviation] = []
    for start in range(0, len(wanted), BATCH):
        pairs = tuple_(col(Deviation.subject_kind), col(Deviation.subject_code))
        rows = select(Deviation).where(pairs.in_(wanted[start : start + BATCH]))
        if open_only:
            rows = rows.where(Deviation.state != DeviationState.CLOSED)
        found += db.exec(rows).all()
    return sorted(found, key=lambda deviation: deviation.id or 0)


def list_holds(db: Session, *, lifted: bool = False, before_id: int | None = None) -> list[HoldRow]:
    """A page of holds, newest first: those in force, or with ``lifted`` all of them. One more than a page
    tells that there are older ones."""
    rows = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Hold.id, Hold.code, Hold.subject_kind, Hold.subject_code, Hold.state, Hold.why, Hold.placed_at,
            Person.sign_in,
        )
        .select_from(Hold)
        .outerjoin(Person, col(Person.id) == col(Hold.placed_by_id))
        .order_by(col(Hold.id).desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if not lifted:
        rows = rows.where(Hold.state == HoldState.IN_FORCE)
    if before_id is not None:
        rows = rows.where(col(Hold.id) < before_id)
    return [HoldRow._make(row) for row in db.exec(rows).all()]


def record_of_hold(hold: Hold) -> dict[str, object]:
    """What somebody who lifts the hold is shown, and signs."""
    return {
        "hold": hold.code,
        "subject_kind": hold.subject_kind,
        "subject_code": hold.subject_code,
        "why": hold.why,
        "placed_at": hold.placed_at,
    }


def list_deviations(
    db: Session, *, closed: bool = False, before_id: int | None = None
) -> Sequence[Deviation]:
    """A page of deviations, newest first: those not closed, or with ``closed`` all of them. One more than a
    page tells that there are older ones."""
    rows = select(Deviation).order_by(col(Deviation.id).desc()).limit(PAGE + 1)
    if not closed:
        rows = rows.where(Deviation.state != DeviationState.CLOSED)
    if before_id is not None:
        rows = rows.where(col(Deviation.id) < before_id)
    return db.exec(rows).all()


def record_of_deviation(deviation: Deviation) -> dict[str, object]:
    """What somebody who assesses or closes the deviation is shown, and signs with their own words."""
    return {
        "deviation": deviation.code,
        "subject_kind": deviation.subject_kind,
        "subject_code": deviation.subject_code,
        "what": deviation.what,
        "severity": deviation.severity,
        "rule": deviation.rule,
        "opened_at": deviation.opened_at,
        "impact": deviation.impact,
    }


def ending(hold: Hold) -> str:
    """In words, what ends the hold."""
    if hold.ends is Ends.BY_RISK_ASSESSMENT:
        return say("Ends with a signed risk assessment of the donor.")
    return say("Ends when a person of the quality unit lifts it with a reason and a signature.")


def name_of(db: Session, person_id: int | None) -> str:
    """The sign-in name of who did it; Hilo itself where nobody did."""
    return "hilo" if person_id is None else db.get_one(Person, person_id).sign_in
