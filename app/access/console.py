"""People at the console: who acts there, and the commands about people."""

from typing import TYPE_CHECKING

from sqlmodel import select

from app.access import rules
from app.access.models import Person, Role
from app.access.operations import Added, add_person
from app.access.passwords import one_time
from app.access.permissions import Permission, allowed
from app.access.queries import by_sign_in, people_lines
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM, Actor, Via

if TYPE_CHECKING:
    from app.site import Site


def first_administrator(site: "Site") -> tuple[str, str] | None:
    """On a site without people: make its administrator; the answer is the name and a one-time password."""
    with site.db.reading() as db:
        if db.exec(select(Person.id).limit(1)).first() is not None:
            return None
    password = one_time()
    with site.db.act(SYSTEM, clock.now()) as work:
        if work.db.exec(select(Person.id).limit(1)).first() is not None:
            return None
        added = add_person(work, "admin", "Administrator", Role.ADMINISTRATOR, password)
    assert isinstance(added, Added), added
    return added.person.sign_in, added.one_time_password


def console_actor(site: "Site", sign_in: str) -> Actor | Refusal:
    """The active person who acts at the console; whoever may run the program answers for the name.

    Nothing can be signed there: no password is asked, so there is no proof.
    """
    with site.db.reading() as db:
        person = by_sign_in(db, sign_in)
    if person is None:
        return rules.no_such_person(sign_in)
    if not person.active:
        return rules.already_closed(person.sign_in)
    return Actor(person.id, person.sign_in, person.name, str(person.role.value), Via.CONSOLE)


def add(site: "Site", actor: Actor, sign_in: str, name: str, role: Role) -> Added | Refusal:
    """Add a person with a one-time password; only an administrator may."""
    if not allowed(Role(actor.role), Permission.PEOPLE_MANAGE):
        return rules.not_allowed(actor.role)
    password = one_time()
    with site.db.act(actor, clock.now()) as work:
        return add_person(work, sign_in, name, role, password)


def people(site: "Site") -> list[dict[str, str | bool]]:
    """Everybody as ``{"sign_in", "name", "role", "active"}``, active people first."""
    with site.db.reading() as db:
        return [
            {"sign_in": line.sign_in, "name": line.name, "role": line.role.value, "active": line.active}
            for line in people_lines(db)
        ]
