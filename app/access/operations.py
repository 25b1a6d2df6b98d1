"""Writes about people: adding, roles, passwords, closing, and what the ledger is told of signing in."""

from dataclasses import dataclass

from app.access import rules, sessions
from app.access.events import (
    ADDED,
    DEACTIVATED,
    LANGUAGE_CHOSEN,
    PASSWORD_CHANGED,
    PASSWORD_RESET,
    ROLE_CHANGED,
    SESSIONS_ENDED,
)
from app.access.models import Language, Person, Role
from app.access.passwords import NewPassword, one_time, prepared
from app.access.queries import administrators, by_sign_in
from app.evidence.ledger import Subject, record
from app.kernel.refusals import Refusal, first
from app.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Added:
    """A person just added. ``one_time_password`` is shown once and kept nowhere; "" when one was given."""

    person: Person
    one_time_password: str


def subject_of(sign_in: str) -> Subject:
    """The ledger's subject of a person."""
    return Subject("person", sign_in)


def add_person(
    work: Work, sign_in: str, name: str, role: Role, password: NewPassword | str | None = None
) -> Added | Refusal:
    """Add a member of staff.

    ``password``: a text is the person's own, and must be a good one; a `NewPassword` or None is a one-time
    password to be replaced at first use. Pages give a `NewPassword` made before the act, so that argon2
    does not run inside it. Sign-in names are never given twice.
    """
    sign_in, name = sign_in.strip().lower(), " ".join(name.split())
    refusal = first(
        rules.bad_sign_in(sign_in),
        rules.bad_printed_name(name),
        rules.weak_password(password, (sign_in, name)) if isinstance(password, str) else None,
    )
    if refusal is not None:
        return refusal
    if by_sign_in(work.db, sign_in) is not None:
        return rules.name_taken(sign_in)
    own = isinstance(password, str)
    made = prepared(password) if isinstance(password, str) else password or one_time()
    person = Person(
        sign_in=sign_in,
        name=name,
        role=role,
        password_hash=made.hashed,
        must_change=not own,
        created_at=work.at,
    )
    work.db.add(person)
    record(work, ADDED, subject_of(sign_in), sign_in=sign_in, role=role)
    return Added(person, "" if own else made.text)


def choose_language(work: Work, sign_in: str, language: Language) -> Person | Refusal:
    """From the next page on this person reads Hilo in another language; records stay as they were written."""
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    if person.language == language:
        return person
    before, person.language = person.language, language
    work.db.add(person)
    told = {"sign_in": person.sign_in, "before": before, "language": language}
    record(work, LANGUAGE_CHOSEN, subject_of(person.sign_in), **told)
    return person


def change_role(work: Work, sign_in: str, role: Role, reason: str) -> Person | Refusal:
    """Give a person another role. It holds from their next request on; their open sessions stay."""
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    refusal = first(
        rules.short_reason(reason),
        rules.own_account(work.actor.person_id, person.id),
        None if person.active else rules.already_closed(person.sign_in),
        rules.same_role(role) if person.role == role else None,
        rules.last_administrator(person.role, administrators(work.db)),
    )
    if refusal is not None:
        return refusal
    before, person.role = person.role, role
    work.db.add(person)
    record(
        work,
        ROLE_CHANGED,
        subject_of(person.sign_in),
        reason=reason.strip(),
        sign_in=person.sign_in,
        before=before,
        after=role,
    )
    return person


def deactivate(work: Work, sign_in: str, reason: str) -> Person | Refusal:
    """Close an account for good: all its sessions end in this act, and it can neither sign in nor sign."""
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    refusal = first(
        rules.short_reason(reason),
        rules.own_account(work.actor.person_id, person.id),
        None if person.active else rules.already_closed(person.sign_in),
        rules.last_administrator(person.role, administrators(work.db)),
    )
    if refusal is not None:
        return refusal
    person.active = False
    work.db.add(person)
    record(
        work,
        DEACTIVATED,
        subject_of(person.sign_in),
        reason=reason.strip(),
        sign_in=person.sign_in,
        sessions=_end_sessions(work, person),
    )
    return person


def end_sessions(work: Work, sign_in: str, reason: str) -> int | Refusal:
    """Sign a person out everywhere (ASVS 7.4.5), for example when a tablet was lost."""
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    refusal = rules.short_reason(reason)
    if refusal is not None:
        return refusal
    ended = _end_sessions(work, person)
    subject = subject_of(person.sign_in)
    record(work, SESSIONS_ENDED, subject, reason=reason.strip(), sign_in=person.sign_in, sessions=ended)
    return ended


def set_password(work: Work, sign_in: str, password: NewPassword) -> Person | Refusal:
    """Keep the password a person chose for themselves; all their sessions end.

    The view proves the present password first, and opens a new session in the same act.
    """
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    if not person.active:
        return rules.already_closed(person.sign_in)
    refusal = rules.weak_password(password.text, (person.sign_in, person.name))
    if refusal is not None:
        return refusal
    person.password_hash, person.must_change = password.hashed, False
    work.db.add(person)
    _end_sessions(work, person)
    record(work, PASSWORD_CHANGED, subject_of(person.sign_in), sign_in=person.sign_in)
    return person


def reset_password(
    work: Work, sign_in: str, reason: str, password: NewPassword | None = None
) -> Added | Refusal:
    """Give somebody who forgot their password a one-time password; all their sessions end.

    As in `add_person`, pages make ``password`` before the act. It signs nothing until it is replaced.
    """
    person = by_sign_in(work.db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    refusal = first(
        rules.short_reason(reason),
        rules.own_account(work.actor.person_id, person.id),
        None if person.active else rules.already_closed(person.sign_in),
    )
    if refusal is not None:
        return refusal
    made = password or one_time()
    person.password_hash, person.must_change = made.hashed, True
    work.db.add(person)
    _end_sessions(work, person)
    subject = subject_of(person.sign_in)
    record(work, PASSWORD_RESET, subject, reason=reason.strip(), sign_in=person.sign_in)
    return Added(person, made.text)


def _end_sessions(work: Work, person: Person) -> int:
    assert person.id is not None
    return sessions.end_all(work.db, person.id, work.at)
