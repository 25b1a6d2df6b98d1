"""At the bed in a real browser: a printed label before the camera is GO, the wrong wristband is STOP."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy import text
from sqlmodel import col, select

from app.evidence import files
from app.evidence.verify import verify
from app.example.labels import BAGS
from app.example.people import NORA
from app.labeling.models import Label, PrintJob
from app.labeling.queries import file_of
from app.site import Site
from labels import proof
from tests.browser import Served, axe, camera_file, launch, picture, scan_by_hand, scene, served, until
from tests.journeys.beds import Bed, ready_bed
from tests.journeys.hands import Device, sign_in
from tests.webapp import web

pytestmark = pytest.mark.browser

#: A tablet lying down.
TABLET = {"width": 1024, "height": 768}


@pytest.fixture
def ward(story: Site) -> Iterator[tuple[Site, Served, Bed, Bed]]:
    """The worked example with two patients ready: LN-02 with bag 02, LN-01 with bag 03."""
    two, one = ready_bed(story), ready_bed(story, "LN-01", BAGS[2])
    with served(web(story)) as place:
        yield story, place, two, one


def at_the_bed(browser: Browser, place: Served) -> Page:
    """Nora's tablet at the first step of the check."""
    device = Device(browser, place, TABLET)
    sign_in(device.to("/bedside"), NORA)
    page = device.to("/bedside")
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the wristband")
    return page


def verdicts(site: Site) -> list[str]:
    """What the ledger says was answered at the bed, in order."""
    with site.db.reading() as db:
        rows = db.connection().execute(
            text("SELECT body FROM ledger_entry WHERE kind = 'bedside.scanned' ORDER BY seq")
        )
        return [json.loads(bytes(body))["facts"]["verdict"] for (body,) in rows]


def printed_label(site: Site, serial: str) -> Path:
    """The page of this label as its print job kept it, as a picture of what lies under the camera."""
    with site.db.reading() as db:
        label = db.exec(select(Label).where(Label.serial == serial)).one()
        job = db.get_one(PrintJob, label.print_job_id)
        pages = db.exec(
            select(Label.serial).where(Label.print_job_id == job.id).order_by(col(Label.id))
        ).all()
        data = files.read(db, file_of(db, job))
    image = Image.open(BytesIO(proof.image(data, list(pages).index(serial), 4.0))).convert("L")
    film = site.settings.data / "camera.y4m"
    return camera_file(film, [scene(image)])


def test_a_printed_label_before_the_camera_is_go(
    ward: tuple[Site, Served, Bed, Bed], playwright: Playwright
) -> None:
    site, place, bed, _ = ward
    browser = launch(playwright, printed_label(site, bed.label))
    page = at_the_bed(browser, place)
    scan_by_hand(page, bed.bands["LN-02"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    page.get_by_role("button", name="Use camera").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GO", timeout=20_000)
    assert axe(page) == []
    picture(page, "go")
    assert verdicts(site)[-2:] == ["go", "go"]
    browser.close()


def test_the_wrong_wristband_is_stop_and_only_a_touch_goes_on(
    ward: tuple[Site, Served, Bed, Bed], browser: Browser
) -> None:
    """Bag 02 is for LN-02; the wristband is LN-01's. The scanner's Enter does not dismiss the STOP."""
    site, place, bed, other = ward
    page = at_the_bed(browser, place)
    scan_by_hand(page, other.bands["LN-01"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    scan_by_hand(page, bed.label)
    stop = page.get_by_role("heading", level=1)
    expect(stop).to_have_text("STOP")
    expect(page.locator("body")).to_contain_text("This bag is for LN-02. The wristband is of LN-01.")
    picture(page, "stop")
    assert verdicts(site)[-1] == "stop", "the STOP was committed before it was shown"
    assert axe(page) == []
    before = len(verdicts(site))
    for key in ("Enter", "Space", "Enter"):
        page.keyboard.press(key)
        expect(stop).to_have_text("STOP")
    scan_by_hand(page, bed.label)
    until(lambda: len(verdicts(site)) > before)
    assert verdicts(site)[-1] == "not_checked", "scans while a STOP stands are kept, not used"
    expect(stop).to_have_text("STOP")
    page.get_by_role("button").filter(has_text="read").or_(page.locator("[data-acknowledge]")).first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("STOP")
    with site.db.reading() as db:
        assert verify(db).ok


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        ("4006381333931", "another product"),
        ("bd0c0ffee0000000", "lower case"),
        ("à&é\"'(-è_çà&é\"'(", "keyboard"),
        ("B" * 10_000, "characters"),
    ],
)
def test_a_wrong_scan_is_named_and_nothing_is_checked(
    ward: tuple[Site, Served, Bed, Bed], browser: Browser, reading: str, sentence: str
) -> None:
    site, place, _, _ = ward
    page = at_the_bed(browser, place)
    page.get_by_label("Wristband").first.fill(reading)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("STOP")
    expect(page.locator("body")).to_contain_text(sentence)
    assert verdicts(site)[-1] == "stop"
