"""The act in hand: who does it, when, in which transaction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session


class Via(StrEnum):
    """Through which door the act came in."""

    PAGE = "page"
    CONSOLE = "console"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the system itself) that acts. ``person_id`` is None only for the system."""

    person_id: int | None
    sign_in: str
    name: str
    role: str
    via: Via = Via.PAGE


#: What Hilo does of its own accord: installing itself, closing a session.
SYSTEM = Actor(None, "hilo", "Hilo", "system", Via.SYSTEM)


@dataclass(frozen=True, slots=True)
class Work:
    """One act. First argument of every operation; ``at`` is when it happened, aware and in UTC."""

    db: Session
    actor: Actor
    at: datetime
