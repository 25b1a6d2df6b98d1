"""Every page of the story in every language: nothing that Hilo itself says is left in English.

What people typed stays as they typed it; what a file or a record holds is shown as it is, in code and pre.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import pytest

from app.access.models import Language
from app.access.operations import choose_language
from app.example.people import ADA, LENA, NORA, OTTO, PAULA, QUINN, REMY, TESS, actor, done
from app.kernel import clock
from app.kernel.speech import LANGUAGES, retold, voice
from app.site import open_site
from tests.databases import settings_in
from tests.journeys.catalogue import may_open, prepared
from tests.journeys.hands import person_of
from tests.webapp import client_of, web

#: Nobody sees more than these together.
READERS = (TESS, QUINN, REMY, PAULA, NORA, LENA, ADA, OTTO)
OTHERS = [code for code in LANGUAGES if code != "en"]
#: Attributes that are read out or shown.
READ = ("aria-label", "title", "placeholder", "alt")
#: Inside these stand the bytes of records and files.
AS_KEPT = {"script", "style", "pre", "code"}


class Words(HTMLParser):
    """Every piece of text of a page, and whether it is the word of a chip."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []
        self.inside: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what it carries for reading, and that we are inside."""
        given = dict(attrs)
        self.found += [(value, False) for name in READ if (value := given.get(name))]
        self.inside.append((tag, given.get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave it, and what was never closed in it."""
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """One piece of text."""
        if data.strip() and not any(tag in AS_KEPT for tag, _ in self.inside):
            chip = any("chip" in classes.split() for _, classes in self.inside)
            self.found.append((" ".join(data.split()), chip))


def left(html: str, code: str) -> Iterator[str]:
    """Pieces of a page that Hilo would say otherwise in this language."""
    page = Words()
    page.feed(html)
    for text, is_chip in page.found:
        in_chip = voice(text.lower(), code).upper() if is_chip and text.isupper() else text
        if retold(text, code) != text or in_chip != text:
            yield text


@pytest.mark.parametrize("code", OTHERS)
def test_no_page_is_left_in_english(story_folder: Path, tmp_path: Path, code: str) -> None:
    folder = tmp_path / "data"
    copytree(story_folder, folder)
    site = open_site(settings_in(folder))
    addresses = prepared(site)
    for who in READERS:
        with site.db.reading() as db:
            person = actor(db, who)
        with site.db.act(person, clock.now()) as work:
            done(choose_language(work, who.sign_in, Language(code)))
    app, found, seen = web(site), dict[str, str](), 0
    app.test_client_class = None  # the manners of these pages are proven by test_every_page
    for who in READERS:
        client = client_of(site, app, person_of(site, who))
        for address in addresses:
            if not may_open(app, who.role, address):
                continue
            answer = client.get(address)
            if answer.mimetype == "text/html":
                seen += 1
                found |= dict.fromkeys(left(answer.get_data(as_text=True), code), address)
    site.db.close()
    assert found == {}
    assert seen > len(addresses)


def test_a_page_left_in_english_would_be_found() -> None:
    """The proof proves something: a heading, a chip, a label and a kept sentence are each noticed."""
    page = (
        '<h2>Deviations</h2><span class="chip chip-good"><svg></svg><span>PENDING</span></span>'
        '<p aria-label="Reactions">Closed and sealed, says Tess</p><pre>pending</pre>'
        "<td>The bead of A*02:01 reads 190 MFI (raw), below 1000.</td>"
    )
    assert list(left(page, "es")) == [
        "Deviations",
        "PENDING",
        "Reactions",
        "The bead of A*02:01 reads 190 MFI (raw), below 1000.",
    ]
