"""The whole story, read by its people in its order, in both languages, at a desk and on a tablet."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser

from app.access.models import Language
from app.access.operations import choose_language
from app.access.permissions import allowed
from app.example.people import LENA, NORA, OTTO, PAULA, QUINN, REMY, TESS, Character, actor
from app.example.tour import TOUR
from app.kernel import clock
from app.site import Site, open_site
from tests.browser import Served, axe, picture, served
from tests.databases import settings_in
from tests.journeys.hands import OFFICE, TABLET, Device, runs_out
from tests.webapp import web

pytestmark = pytest.mark.browser

#: Who reads which page, and the figures and codes that must stand there, whatever the language.
STORY: tuple[tuple[Character, str, tuple[str, ...]], ...] = (
    (QUINN, "/donors/D-0006", ("D-0006", "anti-HBc")),
    (TESS, "/donors/D-0007", ("D-0007", "A*24:02")),
    (TESS, "/lots/MSC-25-001", ("18.68", "MSC-25-001-B10", "100 × 10⁶")),
    (QUINN, "/quality/MSC-25-001", ("CD34", "0.4", "CD105")),
    (REMY, "/quality/MSC-25-002", ("CD34", "6.8")),
    (REMY, "/quality/MSC-25-003", ("DEV-25-",)),
    (QUINN, "/deviations?all=1", ("DEV-25-001", "MSC-25-003", "MSC-25-001-B07")),
    (TESS, "/units/MSC-25-001-B01/custody", ("SHP-25-001", "Nora Nurse")),
    (TESS, "/places/T2-C4", ("MSC-25-001-B02", "T2-C4-01")),
    (TESS, "/custody/scan?condition=intact&place=T2-C5", ("T2-C5",)),
    (TESS, "/shipments/SHP-25-001", ("-158",)),
    (NORA, "/shipments/SHP-25-002", ("MSC-25-001-B07", "-150")),
    (QUINN, "/units/MSC-25-001-B07/return", ("SHP-25-002", "-119", "returns-1")),
    (TESS, "/units/MSC-25-001-B10", ("MSC-25-001-B10",)),
    (PAULA, "/orders/ORD-25-001", ("90 × 10⁶", "LN-01", "60 kg")),
    (NORA, "/bedside/scans", ("OVR-25-001", "LN-02", "STOP", "GO")),
    (NORA, "/bedside/infusions/INF-25-001", ("88.2 × 10⁶", "37.9")),
    (PAULA, "/bedside/infusions/INF-25-002", ("118", "LN-02")),
    (LENA, "/antibodies/sera/SER-LN-02-1", ("A*24:02", "1850")),
    (PAULA, "/recipients/LN-01/timeline", ("LN-01", "22", "3.8")),
    (PAULA, "/recipients/LN-02/timeline", ("LN-02", "A*24:02")),
    (PAULA, "/recipients/LN-03/timeline", ("LN-03", "5.1")),
    (OTTO, "/trace?subject=donor:D-0007", ("LN-01", "LN-02")),
    (OTTO, "/dashboard", ("STOP",)),
    (OTTO, "/ledger", ()),
)
#: What the frame of every page but those at the bed says.
FRAME = {Language.EN: "Sign out", Language.ES: "Cerrar sesión"}
SIZES = {"desk": OFFICE, "tablet": TABLET}


@pytest.fixture(scope="module", params=list(Language), ids=[one.value for one in Language])
def told(
    request: pytest.FixtureRequest, story_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Served, Language]]:
    """A copy of the story whose people all read one language."""
    folder = tmp_path_factory.mktemp("told") / "data"
    copytree(story_folder, folder)
    site = open_site(settings_in(folder))
    for who in {who for who, _, _ in STORY}:
        with site.db.reading() as db:
            reader = actor(db, who)
        with site.db.act(reader, clock.now()) as work:
            choose_language(work, who.sign_in, request.param)
    with served(web(site)) as place:
        yield site, place, request.param
    site.db.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_story_is_told_role_by_role(
    told: tuple[Site, Served, Language], browser: Browser, size: str
) -> None:
    site, place, language = told
    device = Device(browser, place, SIZES[size])
    found = {(who.sign_in, address): read(device, site, language, who, address) for who, address, _ in STORY}
    device.context.close()
    assert {where: faults for where, faults in found.items() if faults} == {}
    assert device.watch.faults == []


def read(device: Device, site: Site, language: Language, who: Character, address: str) -> list[str]:
    """What is wrong with a page of the story: its language, its figures, its manners, its width."""
    device.seat(site, who)
    page = device.to(address)
    seen = (page.locator("main").text_content() or "").replace("−", "-")
    due = next(figures for reader, one, figures in STORY if (reader, one) == (who, address))
    at_the_bed = page.locator("body.bedside").count() == 1
    framed = at_the_bed or FRAME[language] in page.inner_text("body")
    spoken = page.locator("html").get_attribute("lang"), framed
    picture(page, f"story-{language.value}-{device.width}-{re.sub(r'[^A-Za-z0-9]+', '-', address)[:50]}")
    return [
        *(f"{one} is missing" for one in due if one not in seen),
        *([] if spoken == (language.value, True) else [f"speaks {spoken}"]),
        *axe(page),
        *(["runs out at the side"] if runs_out(page) else []),
    ]


def test_the_first_page_leads_a_newcomer_to_every_page_of_the_tour(
    told: tuple[Site, Served, Language], browser: Browser
) -> None:
    site, place, _ = told
    device = Device(browser, place, OFFICE)
    device.seat(site, QUINN)
    links = {link.get_attribute("href") for link in device.to("/").locator("main a").all()}
    assert {address for _, _, address, needed in TOUR if allowed(QUINN.role, needed)} <= links
    device.context.close()
