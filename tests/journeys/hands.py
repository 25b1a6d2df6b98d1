"""Hands on the keyboard and on the tablet: how people sign in, and what a page must never do to them."""

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from app.access.models import Person
from app.example.people import PASSWORD, Character
from app.site import Site
from tests import browser as hardware
from tests.browser import Served, Watch, axe
from tests.webapp import client_of

#: A tablet, upright.
TABLET = {"width": 820, "height": 1180}
#: An office screen.
OFFICE = {"width": 1280, "height": 900}
#: The narrowest screen that must do: 1280 px at 400 % zoom (WCAG 1.4.10).
NARROW = 320


def sign_in(page: Page, who: Character, password: str = PASSWORD) -> None:
    """Sign in as a person does, on the page that stands there."""
    page.get_by_label("Sign-in name").fill(who.sign_in)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


def scan_by_hand(page: Page, text: str, suffix: str = "Enter") -> None:
    """Scan once the page is whole: its scripts listen from then on, however busy the machine is."""
    page.wait_for_load_state("load")
    hardware.scan_by_hand(page, text, suffix)


def person_of(site: Site, who: Character) -> Person:
    """The character's row."""
    with site.db.reading() as db:
        return db.exec(select(Person).where(Person.sign_in == who.sign_in)).one()


def seated(context: BrowserContext, site: Site, app: Flask, url: str, who: Character) -> None:
    """Let this person sit at the browser without typing: the session is made on the server."""
    cookie = client_of(site, app, person_of(site, who)).get_cookie("hilo_session")
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


class Device:
    """A browser of its own, as one tablet or one desk has it; complaints of its console are kept."""

    def __init__(self, browser: Browser, place: Served, size: dict[str, int]) -> None:
        self.context = browser.new_context(viewport={"width": size["width"], "height": size["height"]})
        self.width = size["width"]
        self.page = self.context.new_page()
        self.watch = Watch(self.page)
        self.url = place.url
        self.app = place.app

    def seat(self, site: Site, who: Character) -> None:
        """Let this person sit here; their password was typed elsewhere."""
        seated(self.context, site, self.app, self.url, who)

    def to(self, path: str) -> Page:
        """Go to a page."""
        self.page.goto(self.url + path)
        return self.page

    def looked_at(self) -> Page:
        """The page in front, after a look: axe finds nothing serious and nothing runs out at the side."""
        assert axe(self.page) == [], self.page.url
        assert not runs_out(self.page), self.page.url
        return self.page


def runs_out(page: Page) -> bool:
    """Whether the page is wider than the screen."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide
