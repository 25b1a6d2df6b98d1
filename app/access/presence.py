"""Presence: who comes to this browser, leaves it, locks it, and what the ledger is told of it."""

from dataclasses import replace

from app.access import delays, sessions
from app.access.events import LOCKED, SIGNED_IN, SIGNED_OUT, SWITCHED, UNLOCKED
from app.access.models import Person
from app.access.operations import subject_of
from app.access.rules import closed_account
from app.access.sessions import SignedIn
from app.evidence.ledger import record
from app.kernel.refusals import Refusal
from app.kernel.work import Actor, Work


def actor_from(person: Person | SignedIn) -> Actor:
    """The actor this person is on a page."""
    number = person.person_id if isinstance(person, SignedIn) else person.id
    return Actor(number, person.sign_in, person.name, str(person.role.value))


def enter(work: Work, person: Person, former: SignedIn | None, device: str) -> SignedIn | Refusal:
    """Open a session for somebody who has just proved who they are; a former one in this browser ends."""
    now = work.db.get_one(Person, person.id)
    if not now.active:
        return closed_account()
    assert now.id is not None
    if former is not None:
        sessions.end(work.db, former.token, work.at)
    token = sessions.begin(work.db, now.id, work.at)
    delays.remember(work.db, now.sign_in, device, work.at)
    subject = subject_of(now.sign_in)
    if former is not None and former.person_id != now.id:
        record(work, SWITCHED, subject, before=former.sign_in, after=now.sign_in)
    else:
        record(work, SIGNED_IN, subject, sign_in=now.sign_in)
    return SignedIn(
        token, now.id, now.sign_in, now.name, now.role, now.language, now.must_change, False, work.at, work.at
    )


def leave(work: Work, session: SignedIn) -> None:
    """End the session."""
    sessions.end(work.db, session.token, work.at)
    record(work, SIGNED_OUT, subject_of(session.sign_in), sign_in=session.sign_in)


def lock(work: Work, session: SignedIn) -> None:
    """Lock the session until its owner gives the password."""
    sessions.lock(work.db, session.token)
    record(work, LOCKED, subject_of(session.sign_in), sign_in=session.sign_in)


def unlock(work: Work, session: SignedIn) -> SignedIn:
    """Go on with the session under a new token, after its owner gave the password."""
    token = sessions.renew(work.db, session, work.at)
    record(work, UNLOCKED, subject_of(session.sign_in), sign_in=session.sign_in)
    return replace(session, token=token, locked=False, seen_at=work.at)
