"""Proof: is the person at the keyboard who they say they are, this very moment?"""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import has_request_context, request

from app.access import delays
from app.access.cookies import device_cookie
from app.access.events import GUESSED, GUESSING, REHASHED
from app.access.here import let_go
from app.access.models import Person
from app.access.passwords import HASHER
from app.access.queries import by_sign_in
from app.access.rules import LONGEST_PASSWORD, closed_account, must_change_first, must_wait, wrong_password
from app.evidence.ledger import Subject, record
from app.evidence.signatures import Proof
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM

if TYPE_CHECKING:
    from app.site import Site

#: Each time a run of failures grows by this many, the ledger is told.
TELL_EVERY = 5


def prove(site: "Site", sign_in: str, password: str, at: datetime | None = None) -> Proof | Refusal:
    """Full re-authentication for one signature: name and password, checked now (21 CFR 11.200).

    Call it before the act opens: argon2 takes some 50 ms and must not run inside a transaction. Somebody
    whose password was set by another, or whose account is closed, cannot sign.
    """
    person = authenticate(site, sign_in, password, at)
    if isinstance(person, Refusal):
        return person
    if person.must_change:
        return must_change_first()
    assert person.id is not None
    return Proof(person.id, person.sign_in, person.name, str(person.role.value))


def authenticate(site: "Site", sign_in: str, password: str, at: datetime | None = None) -> Person | Refusal:
    """The active person with this name and password; wrong ones make the next attempt wait."""
    at = at or clock.now()
    sign_in = sign_in.strip().lower()
    address, device = _origin()
    let_go()
    buckets = delays.buckets_of(sign_in, address, device)
    with delays.one_at_a_time(buckets):
        with site.db.reading() as db:
            known = delays.is_known(db, buckets, at)
            wait = delays.seconds_to_wait(db, buckets.keys(known), at)
            person = by_sign_in(db, sign_in)
        if wait:
            return must_wait(wait)
        stored = None if person is None else person.password_hash
        if len(password) > LONGEST_PASSWORD or not HASHER.matches(stored, password) or person is None:
            counted = delays.count_failure(site.db, buckets.keys(known), at)
            _tell(site, person, address, buckets, counted, at)
            return wrong_password()
        delays.clear(site.db, buckets, known, at)
    if not person.active:
        return closed_account()
    return _rehashed(site, person, password, at)


def _origin() -> tuple[str | None, str | None]:
    """Address and device token of the request in hand; none at the console or in an operation."""
    if not has_request_context():
        return None, None
    return request.remote_addr, request.cookies.get(device_cookie())


def _tell(
    site: "Site",
    person: Person | None,
    address: str | None,
    buckets: delays.Buckets,
    counted: dict[str, int],
    at: datetime,
) -> None:
    """Tell the ledger of a long run of failures (21 CFR 11.300(d)); never the text that was typed."""
    of_name = counted.get(buckets.known) or counted.get(buckets.name, 0)
    of_address = counted.get(buckets.address or "", 0)
    if person is not None and of_name and of_name % TELL_EVERY == 0:
        with site.db.act(SYSTEM, at) as work:
            subject = Subject("person", person.sign_in)
            record(work, GUESSED, subject, failures=of_name, sign_in=person.sign_in)
    if address and of_address and of_address % TELL_EVERY == 0:
        with site.db.act(SYSTEM, at) as work:
            record(work, GUESSING, Subject("address", address), failures=of_address, address=address)


def _rehashed(site: "Site", person: Person, password: str, at: datetime) -> Person:
    """A hash of another cost is made anew while the password is at hand (ASVS 11.4.2)."""
    if not HASHER.outdated(person.password_hash):
        return person
    hashed = HASHER.hash(password)
    with site.db.act(SYSTEM, at) as work:
        row = work.db.get_one(Person, person.id)
        if row.password_hash != person.password_hash:
            return row
        row.password_hash = hashed
        record(work, REHASHED, Subject("person", row.sign_in), sign_in=row.sign_in)
    return row
