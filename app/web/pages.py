"""What every page shares: words for times and states, links with a version, the signed-in person's rooms."""

import hashlib
import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from markupsafe import Markup

from app.kernel import numerals, units
from app.kernel.speech import Said, headed, phrase, retold, told, voice, word
from app.web.signs import SIGNS, Look, look_of
from app.web.voices import init_voices, language

HERE = Path(__file__).parent
STATIC = HERE / "static"
#: Also typed and read on labels, where they stay English.
MONTHS = [
    phrase("Jan"), phrase("Feb"), phrase("Mar"), phrase("Apr"), phrase("May"), phrase("Jun"),
    phrase("Jul"), phrase("Aug"), phrase("Sep"), phrase("Oct"), phrase("Nov"), phrase("Dec"),
]  # fmt: skip
#: What the machine may not know: with ``nosniff`` a module of the wrong type would not run.
MIME_TYPES = (("text/javascript", ".mjs"), ("application/wasm", ".wasm"), ("font/woff2", ".woff2"))
#: Name of the cookie that remembers night mode; read before the first paint, so that no page flashes white.
THEME_COOKIE = "hilo_theme"


class SignedIn(Protocol):
    """What the top of a page says about the person who is signed in."""

    @property
    def sign_in(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


class ANo(Protocol):
    """A refusal, as a page shows it."""

    @property
    def reason(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def next_step(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Addresses that every page links to and other rooms answer."""

    find: str = "/find"
    sign_out: str = "/sign-out"
    unlock: str = "/unlock"
    me: str = "/me"


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One room in the navigation: shown to those who hold the permission."""

    label: str
    endpoint: str
    permission: str


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation entry as drawn: where it leads and whether the reader stands in that room now."""

    label: str
    url: str
    current: bool


@dataclass(slots=True)
class Furniture:
    """What `furnish` keeps on the app: who is signed in, what that person may do, which rooms exist."""

    who: Callable[[], SignedIn | None]
    can: Callable[[str], bool]
    doors: Doors
    entries: list[NavEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Site:
    """``site`` in templates."""

    name: str
    zone: str
    version: str
    example: bool
    theme: str
    idle_seconds: int
    person: SignedIn | None
    doors: Doors


def furnish(
    app: Flask,
    *,
    who: Callable[[], SignedIn | None],
    can: Callable[[str], bool],
    doors: Doors | None = None,
    reads: Callable[[], str | None] = lambda: None,
) -> None:
    """Give the app its templates, static files, filters and page context.

    The app must be made with ``static_folder=None``: `/static` is served from here. Read from the config:
    ``HILO_SITE``, ``HILO_TIMEZONE``, ``HILO_VERSION``, ``HILO_EXAMPLE`` (bool, or a callable asked on each
    page), ``HILO_IDLE_MINUTES``.
    """
    for kind, ending in MIME_TYPES:
        mimetypes.add_type(kind, ending)
    init_voices(app, reads)
    app.extensions["hilo.web"] = Furniture(who, can, doors or Doors())
    app.register_blueprint(
        Blueprint(
            "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
        )
    )
    for name, maker in FILTERS.items():
        app.jinja_env.filters[name] = maker
    app.jinja_env.globals.update(static_url=static_url, site_zone=site_zone, SIGNS=SIGNS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_context)


def register_nav(app: Flask, entries: Iterable[tuple[str, str, str]]) -> None:
    """Add rooms to the navigation, in order: (label, endpoint, permission or "" for everybody)."""
    _furniture(app).entries.extend(NavEntry(*entry) for entry in entries)


def _furniture(app: Flask) -> Furniture:
    furniture: Furniture = app.extensions["hilo.web"]
    return furniture


def _context() -> dict[str, object]:
    furniture = _furniture(current_app)
    person = furniture.who()
    return {"site": site_facts(furniture, person), "nav": _nav(furniture) if person else []}


def site_facts(furniture: Furniture, person: SignedIn | None) -> Site:
    """The facts that base pages print about this site and this reader."""
    config = current_app.config
    example = config.get("HILO_EXAMPLE", False)
    theme = request.cookies.get(THEME_COOKIE, "") if request else ""
    return Site(
        name=config.get("HILO_SITE", ""),
        zone=site_zone().key,
        version=config.get("HILO_VERSION", ""),
        example=bool(example() if callable(example) else example),
        theme=theme if theme in ("night", "day") else "",
        idle_seconds=60 * int(config.get("HILO_IDLE_MINUTES", 15)),
        person=person,
        doors=furniture.doors,
    )


def _nav(furniture: Furniture) -> list[NavLink]:
    here = _here([entry.endpoint for entry in furniture.entries])
    return [
        NavLink(voice(entry.label), url_for(entry.endpoint), entry.endpoint == here)
        for entry in furniture.entries
        if not entry.permission or furniture.can(entry.permission)
    ]


def _here(endpoints: list[str]) -> str:
    """The entry the reader stands at: the page itself, or else the first entry of its room."""
    if request.endpoint in endpoints:
        return str(request.endpoint)
    blueprint = request.blueprint or ""
    rooms = (f"{blueprint}.", f"{blueprint.partition('.')[0]}.")
    return next((one for room in rooms for one in endpoints if one.startswith(room)), "")


@lru_cache(maxsize=512)
def _fingerprint(path: Path, _modified_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(path: str, *, plain: bool = False) -> str:
    """The address of a static file with a fingerprint of its content, so that it may be cached for a year.

    ``plain`` leaves the fingerprint off, for files that the stylesheet names by themselves.
    """
    url = url_for("web.static", filename=path)
    file = STATIC / path
    if plain or not file.is_file():
        return url
    return f"{url}?v={_fingerprint(file, file.stat().st_mtime_ns)}"


def site_zone() -> ZoneInfo:
    """The site's time zone; storage is UTC, only people read local time."""
    return ZoneInfo(current_app.config.get("HILO_TIMEZONE", "UTC"))


def date_words(day: date) -> str:
    """A date that cannot be misread: ``31-Mar-2028``. A datetime is first brought to the site's zone."""
    if isinstance(day, datetime):
        day = _local(day)
    return f"{day.day:02d}-{voice(MONTHS[day.month - 1])}-{day.year}"


def clock_words(at: datetime) -> str:
    """The time of day at the site, with its zone: ``14:05 CET``."""
    local = _local(at)
    return f"{local:%H:%M} {local.tzname()}"


def moment_words(at: datetime) -> str:
    """Date and time at the site: ``31-Mar-2028 14:05 CEST``."""
    return f"{date_words(at)} {clock_words(at)}"


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"time without a zone: {at!r}")
    return at.astimezone(site_zone())


def state_word(state: str) -> str:
    """A stored state as its fixed word on screens: ``in_quarantine`` → ``IN QUARANTINE``."""
    return told(word(state)).upper()


def cells_words(count: int) -> str:
    """A count of cells in the reader's words, exact."""
    return numerals.in_words(count, language())


def in_words(value: object) -> Said:
    """A stored value as words: ``in_quarantine`` → ``in quarantine``, in the reader's language."""
    return word(value)


def kept_words(text: object) -> str:
    """A sentence or word that was kept in English, in the reader's language; Markup stays as it is."""
    return text if isinstance(text, Markup) else retold(text)


def chip_look(state: str) -> Look:
    """Sign, border and tone of a state's chip."""
    return look_of(str(state))


def differing(text: str, other: str) -> Markup:
    """``text`` with the characters that differ from ``other`` marked, for look-alike codes in one list."""
    out = Markup("")
    for at, character in enumerate(text):
        same = at < len(other) and other[at] == character
        out += character if same else Markup("<b>{}</b>").format(character)
    return out


FILTERS: dict[str, Callable[..., object]] = {
    "date_words": date_words,
    "clock_words": clock_words,
    "moment_words": moment_words,
    "state_word": state_word,
    "words": in_words,
    "chip_look": chip_look,
    "groups": units.groups,
    "number": units.number,
    "cells": units.cells,
    "cells_words": cells_words,
    "retold": kept_words,
    "headed": headed,
    "differing": differing,
}


def wants_json() -> bool:
    """Does the client ask for JSON rather than a page?"""
    kinds = request.accept_mimetypes
    best = kinds.best_match(["text/html", "application/json"])
    return best == "application/json" and kinds[best] > kinds["text/html"]


def refused(no: ANo, status: int = HTTPStatus.CONFLICT, back: str = "") -> Response:
    """A refusal as a whole answer: page, or ``{"refused", "sentence", "next_step"}`` when JSON is asked for.

    Use it where there is no form to go back to; a page with a form shows ``ui.refusal(refusal)`` above it
    and keeps what was typed.
    """
    if wants_json():
        answer = jsonify(refused=str(no.reason), sentence=no.sentence, next_step=no.next_step)
    else:
        answer = make_response(render_template("web/refused.html", refusal=no, back=back))
    answer.status_code = status
    return answer
