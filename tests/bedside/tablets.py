"""A tablet at the bed, its clock that stands still, and the application behind it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access import passwords
from app.access.models import Person
from app.access.operations import set_password
from app.access.passwords import Hasher, prepared
from app.kernel import clock
from tests.access.factories import PASSWORD
from tests.bedside.factories import CHECK_AT, Story
from tests.factories import act
from tests.webapp import client_of, web


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.at = CHECK_AT


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the whole program stands at the time of the check; passwords are hashed cheaply."""
    standing = Clock()
    monkeypatch.setattr(clock, "now", lambda: standing.at)
    monkeypatch.setattr(passwords, "HASHER", Hasher(1, 8, 1))
    return standing


class Tablet:
    """One tablet at the bed."""

    def __init__(self, app: Flask, story: Story, who: Person) -> None:
        self.client: FlaskClient = client_of(story.site, app, who)
        self.keys = 0

    def post(self, path: str, **data: object) -> TestResponse:
        """Send a form with the page's token."""
        token = self.client.token("/bedside")  # type: ignore[attr-defined]  # PolicedClient's
        return self.client.post(path, data={**data, "csrf_token": token})

    def scan(self, text: str, check: str = "", **more: object) -> TestResponse:
        """What the hand scanner sends through the page's scan box."""
        self.keys += 1
        given = {
            "code": text,
            "check": check,
            "scan_by": "hand_scanner",
            "scan_key": f"tablet-{self.keys:08d}",
        }
        return self.post("/bedside/scan", **(given | more))

    def thaw(self, text: str, **more: object) -> TestResponse:
        """What the hand scanner sends at the thaw."""
        self.keys += 1
        given = {"code": text, "scan_by": "hand_scanner", "scan_key": f"tablet-{self.keys:08d}"}
        return self.post("/bedside/thaws", **(given | more))

    def page(self, path: str) -> str:
        """The text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True)

    def sign(self, who: Person, check: str, shown: str = "") -> TestResponse:
        """Sign on the page as it is shown."""
        if not shown:
            page = self.page(f"/bedside/checks/{check}")
            shown = page.partition('name="shown" value="')[2][:64]
        return self.post(f"/bedside/checks/{check}/sign", sign_in=who.sign_in, password=PASSWORD, shown=shown)


@pytest.fixture
def app(story: Story, time: Clock) -> Flask:  # noqa: ARG001  the clock stands still for all of it
    """The whole application over the ward; its people have passwords."""
    return peopled(story)


def peopled(story: Story) -> Flask:
    """The application; everybody of the story has a password."""
    for who in (story.first, story.second, story.doctor):
        with act(story.site, who, CHECK_AT) as work:
            set_password(work, who.sign_in, prepared(PASSWORD))
    return web(story.site)


@pytest.fixture
def tablet(app: Flask, story: Story) -> Tablet:
    """A tablet on which the first nurse is signed in."""
    return Tablet(app, story, story.first)


def word(answer: TestResponse) -> str:
    """The one word of a full-screen answer; empty on another page."""
    page = answer.get_data(as_text=True)
    return page.partition('id="verdict-word"')[2].partition(">")[2].partition("<")[0]
