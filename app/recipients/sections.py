"""Sections of a recipient's page that later rooms fill: orders, infusions, whatever comes after."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup
from sqlmodel import Session

from app.access.permissions import Permission
from app.recipients.models import Recipient


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its heading, who sees it, and what draws it from a reading session."""

    heading: str
    permission: Permission
    draw: Callable[[Session, Recipient], Markup]


#: Where `create_app` keeps the sections; a room adds its own when its blueprint is registered.
KEY = "hilo.recipient_sections"


def add_section(extensions: dict[str, object], section: Section) -> None:
    """Add a section below the ones that are there."""
    sections_of(extensions).append(section)


def sections_of(extensions: dict[str, object]) -> list[Section]:
    """The sections in the order in which they were added."""
    found = extensions.setdefault(KEY, [])
    assert isinstance(found, list)
    return found
