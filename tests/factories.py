"""What tests of every room begin with: people, proofs and acts."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from app.access.models import Person, Role
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.signatures import Proof
from app.kernel.work import SYSTEM, Actor, Via, Work
from app.site import Site

#: When most test stories happen.
AT = datetime(2025, 4, 28, 9, 0, tzinfo=UTC)

PRESENT = EventKind("tests.person", "{name} is there for a test")


def person(site: Site, role: Role, sign_in: str = "") -> Person:
    """A member of staff; without a sign-in name the role's name is used."""
    sign_in = sign_in or str(role.value)
    someone = Person(
        sign_in=sign_in, name=sign_in.title(), role=role, password_hash="not a hash", created_at=AT
    )
    with site.db.act(SYSTEM, AT) as work:
        work.db.add(someone)
        record(work, PRESENT, Subject("person", sign_in), name=sign_in)
    return someone


def actor_of(someone: Person) -> Actor:
    """The actor that this person is on a page."""
    return Actor(someone.id, someone.sign_in, someone.name, someone.role.value, Via.PAGE)


def proof(someone: Person) -> Proof:
    """That this person just gave their password."""
    assert someone.id is not None
    return Proof(someone.id, someone.sign_in, someone.name, someone.role.value)


def act(site: Site, someone: Person, at: datetime = AT) -> AbstractContextManager[Work]:
    """An act of this person."""
    return site.db.act(actor_of(someone), at)
