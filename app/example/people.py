"""The people of the story, one for each role and two nurses; synthetic, like everything in the example."""

from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session, select

from app.access.models import Person, Role
from app.access.operations import Added, add_person
from app.access.proof import prove
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.work import Actor, Via, Work
from app.site import Site

#: The password of everybody in the worked example, printed at each start. It opens synthetic data only.
PASSWORD = "thread of life"


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody in the story."""

    sign_in: str
    name: str
    role: Role


ADA = Character("ada", "Ada Admin", Role.ADMINISTRATOR)
TESS = Character("tess", "Tess Tiller", Role.TECHNOLOGIST)
QUINN = Character("quinn", "Quinn Quality", Role.QUALITY)
REMY = Character("remy", "Remy Release", Role.RELEASER)
PAULA = Character("paula", "Paula Physician", Role.PHYSICIAN)
NORA = Character("nora", "Nora Nurse", Role.NURSE)
NILS = Character("nils", "Nils Nurse", Role.NURSE)
LENA = Character("lena", "Lena Laboratory", Role.LABORATORY)
OTTO = Character("otto", "Otto Auditor", Role.AUDITOR)

CAST = (ADA, TESS, QUINN, REMY, PAULA, NORA, NILS, LENA, OTTO)


def sign_in_table() -> list[str]:
    """Who can sign in to the worked example, as printed at start."""
    lines = [f"  {c.sign_in:<7} {c.role.value:<14} {c.name}" for c in CAST]
    return [
        "",
        "Sign in to the worked example (synthetic data) as:",
        *lines,
        f"  password of all: {PASSWORD}",
        "",
    ]


class Unexpected(RuntimeError):
    """The story met a refusal it did not expect: the example and the rules disagree."""


R = TypeVar("R")


def done(answer: R | Refusal) -> R:
    """The result of an act of the story. Raises Unexpected with the refusal."""
    if isinstance(answer, Refusal):
        raise Unexpected(f"{answer.reason}: {answer}")
    return answer


def hire(work: Work) -> None:
    """Everybody joins the site."""
    for character in CAST:
        added: Added = done(add_person(work, character.sign_in, character.name, character.role, PASSWORD))
        if character is ADA:
            work = Work(work.db, _actor(added.person), work.at)


def _actor(person: Person) -> Actor:
    return Actor(person.id, person.sign_in, person.name, person.role.value, Via.SYSTEM)


def actor(db: Session, character: Character) -> Actor:
    """The character as the ledger names them; ``via`` says that the program acted for them."""
    return _actor(db.exec(select(Person).where(Person.sign_in == character.sign_in)).one())


def signing(site: Site, character: Character) -> Proof:
    """The character gives their password."""
    return done(prove(site, character.sign_in, PASSWORD))
