"""A small app with the real doors, a clock that stands still, and browsers to walk through them."""

from datetime import timedelta

import pytest
from flask import Blueprint, Flask, Response, jsonify

from app.access import passwords
from app.access.doors import actor, can, needs, signed_in, this_db, this_work
from app.access.models import Person
from app.access.operations import subject_of
from app.access.passwords import Hasher
from app.access.permissions import Permission
from app.access.setup import init_access
from app.evidence.ledger import EventKind, record
from app.kernel import clock
from app.site import Site
from app.web.errors import answer_errors
from app.web.pages import furnish
from app.web.security import secure
from tests.access.browser import Browser
from tests.factories import AT

TOUCHED = EventKind("tests.touched", "touched by {who}")


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> object:
        return self.at

    def move(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the whole program."""
    standing = Clock()
    monkeypatch.setattr(clock, "now", standing.now)
    return standing


def rooms() -> Blueprint:
    """Routes as other rooms write them."""
    bp = Blueprint("rooms", __name__)

    @bp.get("/")
    @needs(Permission.HOME)
    def home() -> str:
        return actor().sign_in

    @bp.get("/lots/<code>")
    @needs(Permission.LOT_READ)
    def lot(code: str) -> Response:
        with this_db() as db:
            names = db.get(Person, 1)
        return jsonify(code=code, by=actor().sign_in, first=names.sign_in if names else None)

    @bp.post("/touch")
    @needs(Permission.LOT_WRITE)
    def touch() -> str:
        with this_work() as work:
            record(work, TOUCHED, subject_of(work.actor.sign_in), who=work.actor.sign_in)
        return "touched"

    @bp.get("/forgotten")
    def forgotten() -> str:
        return "anybody could read this"

    for permission in Permission:
        view = needs(permission)(lambda: "in")
        bp.add_url_rule(f"/needs/{permission.value}", f"needs_{permission.name.lower()}", view)
    return bp


@pytest.fixture
def app(site: Site, time: Clock) -> Flask:  # noqa: ARG001  the clock stands still for all of it
    """The doors, the look and two routes, on a site of its own."""
    made = Flask(__name__, static_folder=None)
    made.secret_key = site.vault.session_secret
    made.config.update(TESTING=True, HILO_SITE="Test site", HILO_IDLE_MINUTES=site.settings.idle_minutes)
    secure(made)
    init_access(made, site)
    furnish(made, who=signed_in, can=can)
    answer_errors(made)
    made.register_blueprint(rooms())
    return made


@pytest.fixture
def guest(app: Flask) -> Browser:
    """A browser nobody has used yet."""
    return Browser(app)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """New passwords are hashed at little cost, to be fast; checking takes each hash as it is."""
    monkeypatch.setattr(passwords, "HASHER", Hasher(1, 8, 1))
