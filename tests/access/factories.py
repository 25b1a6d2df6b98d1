"""People with real passwords, for tests that go through the door."""

from datetime import datetime

from sqlmodel import select

from app.access.models import Person, Role
from app.access.operations import Added, add_person
from app.evidence.models import LedgerEntry
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.site import Site
from tests.factories import AT

PASSWORD = "quiet otters paint pianos"
OTHER = "eleven green umbrellas"


def staff(
    site: Site,
    sign_in: str = "ana",
    role: Role = Role.NURSE,
    password: str | None = PASSWORD,
    at: datetime = AT,
) -> Person:
    """A member of staff with a password of their own."""
    return added(site, sign_in, role, password, at).person


def added(site: Site, sign_in: str, role: Role, password: str | None = None, at: datetime = AT) -> Added:
    """A member of staff and, without ``password``, their one-time password."""
    with site.db.act(SYSTEM, at) as work:
        done = add_person(work, sign_in, sign_in.title() + " Ruiz", role, password)
    assert not isinstance(done, Refusal), done
    return done


def kinds(site: Site) -> list[str]:
    """The kinds of all entries of the ledger, in order."""
    with site.db.reading() as db:
        return list(db.exec(select(LedgerEntry.kind).order_by(LedgerEntry.seq)).all())  # type: ignore[arg-type]  # seq is a column here


def ledger_text(site: Site) -> str:
    """Everything the ledger holds, as text."""
    with site.db.reading() as db:
        return "\n".join(body.decode() for body in db.exec(select(LedgerEntry.body)).all())
