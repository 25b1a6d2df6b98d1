"""Sessions: who sits at this browser, kept on the server; the browser holds only a random token."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from app.access.models import Person, Role, SysSession
from app.access.rules import LONGEST_SESSION, TOUCH_EVERY, session_idle, session_over

if TYPE_CHECKING:
    from app.site import Site

log = logging.getLogger("hilo.access")

_PERSON: Table = Person.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
_SESSION: Table = SysSession.__table__  # type: ignore[attr-defined]  # as above

#: The one statement each request runs to know its person.
_LOOKUP = (
    select(
        _SESSION.c.started_at,
        _SESSION.c.seen_at,
        _SESSION.c.locked,
        _PERSON.c.id,
        _PERSON.c.sign_in,
        _PERSON.c.name,
        _PERSON.c.role,
        _PERSON.c.language,
        _PERSON.c.must_change,
    )
    .select_from(_SESSION.join(_PERSON, _PERSON.c.id == _SESSION.c.person_id))
    .where(_SESSION.c.token_sha256 == bindparam("token"), _SESSION.c.ended_at.is_(None), _PERSON.c.active)
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the session they sit in; what Flask-Login calls the user."""

    token: str
    person_id: int
    sign_in: str
    name: str
    role: Role
    language: str
    must_change: bool
    locked: bool
    started_at: datetime
    seen_at: datetime

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the browser keeps: the random token of this session."""
        return self.token


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def find(db: Session, token: str, at: datetime, idle_minutes: int) -> SignedIn | None:
    """The person of a session that has not ended; ``locked`` also when nobody touched it for too long."""
    row = db.connection().execute(_LOOKUP, {"token": digest(token)}).one_or_none()
    if row is None or session_over(row.started_at, at):
        return None
    locked = row.locked or session_idle(row.seen_at, at, idle_minutes)
    return SignedIn(
        token,
        row.id,
        row.sign_in,
        row.name,
        Role(row.role),
        row.language,
        row.must_change,
        locked,
        row.started_at,
        row.seen_at,
    )


def begin(db: Session, person_id: int, at: datetime, started_at: datetime | None = None) -> str:
    """Open a session and give its token; ``started_at`` where it continues an older one under a new token.

    Sessions whose time was up long ago are forgotten on the way.
    """
    db.exec(delete(SysSession).where(col(SysSession.started_at) < at - 2 * LONGEST_SESSION))
    token = secrets.token_urlsafe(32)
    row = SysSession(token_sha256=digest(token), person_id=person_id, started_at=started_at or at, seen_at=at)
    db.add(row)
    db.flush()
    return token


def end(db: Session, token: str, at: datetime) -> None:
    """End the session with this token."""
    mine = col(SysSession.token_sha256) == digest(token)
    db.exec(update(SysSession).where(mine, col(SysSession.ended_at).is_(None)).values(ended_at=at))


def end_all(db: Session, person_id: int, at: datetime) -> int:
    """End every session of a person; the answer is how many were open."""
    theirs = col(SysSession.person_id) == person_id
    statement = update(SysSession).where(theirs, col(SysSession.ended_at).is_(None)).values(ended_at=at)
    return db.exec(statement).rowcount


def renew(db: Session, session: SignedIn, at: datetime) -> str:
    """The same session under a new token, unlocked; the old token is worth nothing any more."""
    end(db, session.token, at)
    return begin(db, session.person_id, at, session.started_at)


def lock(db: Session, token: str) -> None:
    """Lock the session until its owner gives the password."""
    db.exec(update(SysSession).where(col(SysSession.token_sha256) == digest(token)).values(locked=True))


def touch_due(session: SignedIn, at: datetime) -> bool:
    """Whether the last touch was written down more than a minute ago."""
    return not session.locked and at - session.seen_at >= TOUCH_EVERY


def touch(site: "Site", session: SignedIn, at: datetime) -> None:
    """Write down that the session is in use; a full disk is logged and keeps nobody from reading."""
    mine = col(SysSession.token_sha256) == digest(session.token)
    try:
        with site.db.writing() as db:
            db.exec(update(SysSession).where(mine).values(seen_at=at))
    except DBAPIError as fault:
        log.warning("could not write down the use of a session: %s", type(fault.orig).__name__)
