"""Reads about people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.access.models import Person, Role, SysSession
from app.access.rules import LONGEST_SESSION, SIGN_IN_NAME


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in the list of people."""

    sign_in: str
    name: str
    role: Role
    active: bool
    must_change: bool
    created_at: datetime


def by_sign_in(db: Session, sign_in: str) -> Person | None:
    """The person with this sign-in name, active or not; capitals do not matter."""
    wanted = sign_in.strip().lower()
    if not SIGN_IN_NAME.fullmatch(wanted):
        return None
    return db.exec(select(Person).where(Person.sign_in == wanted)).one_or_none()


def people_lines(db: Session) -> list[PersonLine]:
    """Everybody, active people first, by sign-in name."""
    columns = (Person.sign_in, Person.name, Person.role, Person.active, Person.must_change, Person.created_at)
    rows = db.exec(select(*columns).order_by(col(Person.active).desc(), col(Person.sign_in)))  # type: ignore[call-overload]  # more columns than SQLModel has overloads for
    return [PersonLine(*row) for row in rows]


def administrators(db: Session) -> int:
    """How many active administrators there are."""
    statement = select(func.count()).where(Person.role == Role.ADMINISTRATOR, col(Person.active))
    return db.exec(statement).one()


def open_sessions(db: Session, person_id: int, at: datetime) -> int:
    """In how many browsers the person is signed in."""
    theirs = (SysSession.person_id == person_id, col(SysSession.ended_at).is_(None))
    young = col(SysSession.started_at) > at - LONGEST_SESSION
    return db.exec(select(func.count()).select_from(SysSession).where(*theirs, young)).one()
