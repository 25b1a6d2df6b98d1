"""Every page of the story, for everybody who may open it: answered, well-mannered, and sound for axe."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from app.example.people import ADA, CAST, LENA, NORA, OTTO, PAULA, QUINN, REMY, TESS, Character
from app.site import Site, open_site
from tests.browser import Served, axe, picture, served
from tests.databases import settings_in
from tests.journeys.catalogue import ELSEWHERE, endpoint_of, may_open, prepared
from tests.journeys.hands import NARROW, OFFICE, Device, person_of, runs_out, sign_in
from tests.webapp import client_of, web

pytestmark = pytest.mark.browser
#: Addresses of pictures, papers, tables and answers for programs.
FILE = re.compile(r"(\.(pdf|png|csv|txt|json)|/certificate|/calibrations/\d+|/file|/sheet|^/health)$")


@dataclass(frozen=True, slots=True)
class Book:
    """The whole story as it can be read: its site, its app on a port, and every address."""

    site: Site
    place: Served
    addresses: list[str]

    @property
    def app(self) -> Flask:
        """The application."""
        return self.place.app


@pytest.fixture(scope="module")
def book(story_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """One copy of the story for all tests here, which only read it."""
    folder = tmp_path_factory.mktemp("book") / "data"
    copytree(story_folder, folder)
    site = open_site(settings_in(folder))
    addresses = prepared(site)
    with served(web(site)) as place:
        yield Book(site, place, addresses)
    site.db.close()


def test_no_page_is_left_out(book: Book) -> None:
    """A route that answers a GET and is not visited here fails: add its address to the catalogue."""
    visited = {endpoint_of(book.app, address) for address in book.addresses}
    every = {rule.endpoint for rule in book.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert every - ELSEWHERE == visited


@pytest.mark.parametrize("who", CAST, ids=[who.sign_in for who in CAST])
def test_each_of_them_reads_every_page_they_may_and_no_other(book: Book, who: Character) -> None:
    """The client looks at the manners of each page; the door holds for every address of the story."""
    client = client_of(book.site, book.app, person_of(book.site, who))
    for address in book.addresses:
        status = client.get(address).status_code
        assert status == (200 if may_open(book.app, who.role, address) else 403), address


#: Nobody sees more on a page than these, the first who may open it.
READERS = (TESS, QUINN, REMY, PAULA, NORA, LENA, ADA, OTTO)


def reader_of(book: Book, address: str) -> Character:
    """Whose hands are meant for this page."""
    return next(who for who in READERS if may_open(book.app, who.role, address))


def is_page(address: str) -> bool:
    """Whether it is a page, not a picture, a paper or a table to keep."""
    return not FILE.search(address.partition("?")[0])


def test_axe_finds_no_grave_fault_on_any_page_and_nothing_runs_out(book: Book, browser: Browser) -> None:
    """In Chromium, by the one who works on the page; no console error, no breach of the policy."""
    desk = Device(browser, book.place, OFFICE)
    found: dict[str, list[str]] = {}
    pages = [address for address in book.addresses if is_page(address)]
    for who in READERS:
        desk.seat(book.site, who)
        for address in (one for one in pages if reader_of(book, one) is who):
            page = desk.to(address)
            assert page.url == desk.url + address
            found[address] = [*axe(page), *(["runs out at the side"] if runs_out(page) else [])]
            picture(page, f"page-{who.sign_in}{re.sub(r'[^A-Za-z0-9]+', '-', address)[:60]}")
    desk.context.close()
    assert set(found) == set(pages)
    assert {address: faults for address, faults in found.items() if faults} == {}
    assert desk.watch.faults == []


def test_everybody_finds_their_rooms_on_the_first_page(book: Book, browser: Browser) -> None:
    """Each signs in with their password, on the page, and sees a first page without a grave fault."""
    for who in CAST:
        desk = Device(browser, book.place, OFFICE)
        sign_in(desk.to("/"), who)
        expect(desk.looked_at().get_by_role("heading", level=1)).to_have_text("What needs you now")
        expect(desk.page.get_by_role("navigation", name="Rooms").get_by_role("link").first).to_be_visible()
        desk.context.close()
        assert desk.watch.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bedside_pages_fit_the_narrowest_screen_by_day_and_night(
    book: Book, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    phone = Device(browser, book.place, {"width": NARROW, "height": 640})
    phone.page.emulate_media(color_scheme=scheme)
    phone.seat(book.site, NORA)
    for address in (one for one in book.addresses if one.startswith("/bedside") or one == "/"):
        phone.to(address)
        phone.looked_at()
    phone.context.close()
    assert phone.watch.faults == []
