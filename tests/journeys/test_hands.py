"""What hands do at three in the morning: wrong codes of every kind, a clear answer, nothing half saved."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, Response, expect
from sqlmodel import col, select

from app.bedside.models import BedsideCheck, VerdictWord
from app.example.people import NILS, NORA, PASSWORD
from app.site import Site
from labels.payload import Kind, issue
from tests.journeys.conftest import DeviceOf
from tests.journeys.hands import Device, scan_by_hand
from tests.journeys.ward import band_of, label_of, ready_order, scans, told

pytestmark = pytest.mark.browser
BAG = "MSC-25-001-B02"
#: What the digit row of a French keyboard types where the scanner meant 1 to 0.
FRENCH = str.maketrans("1234567890", "&é\"'(-è_çà")

#: (what is scanned where the bag's label is due, how its text comes about, words of the answer)
SLIPS: tuple[tuple[str, Callable[[Site], str], str], ...] = (
    ("another product's barcode", lambda _site: "05012345678900", "another product"),
    ("a web address", lambda _site: "https://example.org/bag/12", "web address"),
    ("the wristband once more", lambda site: band_of(site, "LN-01"), "WRISTBAND"),
    ("the label of a bag promised to nobody", lambda site: label_of(site, "MSC-25-001-B05"), "B05"),
    ("lower case", lambda site: label_of(site, BAG).lower(), "lower case"),
    ("a French keyboard", lambda site: label_of(site, BAG).translate(FRENCH), "keyboard"),
    ("half a code", lambda site: label_of(site, BAG)[:9], "9"),
    ("one wrong character", lambda site: damaged(label_of(site, BAG)), "do not fit together"),
    ("a label that was never printed", lambda _site: issue(Kind.CONTAINER), "No label"),
)


def damaged(serial: str) -> str:
    """One character read as another."""
    return serial[:5] + ("7" if serial[5] != "7" else "8") + serial[6:]


@pytest.fixture
def tablet(story: Site, device: DeviceOf) -> Device:
    """A tablet in the hand of nurse Nora; the bag for LN-01 is at the ward."""
    ready_order(story, "LN-01", BAG)
    one = device()
    one.seat(story, NORA)
    return one


def wristband_scanned(tablet: Device, site: Site) -> Page:
    """LN-01's wristband was scanned: the label of the bag is due."""
    page = tablet.to("/bedside")
    some_time_later(page)
    scan_by_hand(page, band_of(site, "LN-01"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    page.wait_for_load_state("load")
    return page


def some_time_later(page: Page) -> None:
    """More than two seconds: the same code is a new scan again."""
    page.evaluate("sessionStorage.removeItem('hilo.last')")


def answered(page: Page, act: Callable[[], None]) -> Response:
    """The server's answer to a scan."""
    with page.expect_response("**/bedside/scan") as waiting:
        act()
    return waiting.value


def checks(site: Site) -> list[tuple[int | None, int | None]]:
    """Of every check, the latest first: the bag it took up, the second person it took in."""
    with site.db.reading() as db:
        found = db.exec(select(BedsideCheck).order_by(col(BedsideCheck.id).desc())).all()
        return [(check.unit_id, check.second_person_id) for check in found]


def stopped(page: Page, site: Site, wrong: str, says: str) -> None:
    """STOP in plain words with the next step; the scan is kept as it was read, and told in the ledger."""
    expect(page.get_by_role("heading", level=1)).to_have_text("STOP")
    expect(page.locator(".verdict-sentence")).to_contain_text(says)
    expect(page.locator(".verdict-next")).not_to_be_empty()
    _, verdict, kept = scans(site)[0]
    assert (verdict, kept) == (VerdictWord.STOP, wrong)
    assert "stop" in told(site, "bedside.scanned")[0]


def test_every_wrong_code_is_stopped_in_plain_words_and_kept(story: Site, tablet: Device) -> None:
    for slip, text, says in SLIPS:
        page = wristband_scanned(tablet, story)
        some_time_later(page)
        wrong = text(story)
        answer = answered(page, partial(scan_by_hand, page, wrong))
        assert answer.status == 409, slip
        stopped(page, story, wrong, says)
        assert checks(story)[0] == (None, None), slip


def test_ten_thousand_characters_are_one_kept_refusal(story: Site, tablet: Device) -> None:
    page = wristband_scanned(tablet, story)
    arrived = "text => document.dispatchEvent(new CustomEvent('hilo:read', {detail: {text, by: 'camera'}}))"
    answer = answered(page, lambda: page.evaluate(arrived, "B" * 10_000))
    assert answer.status == 409
    stopped(page, story, "B" * 200, "10,000 characters")


def test_a_label_before_the_wristband_says_what_it_is(story: Site, tablet: Device) -> None:
    page = tablet.to("/bedside")
    before = checks(story)
    scan_by_hand(page, label_of(story, BAG))
    stopped(page, story, label_of(story, BAG), "That is a PRODUCT label.")
    assert checks(story) == before


def test_an_empty_scan_box_sends_nothing_worth_a_word(story: Site, tablet: Device) -> None:
    """The required box holds an empty press back; what comes past it is answered and kept."""
    page = wristband_scanned(tablet, story)
    before = len(scans(story))
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    assert len(scans(story)) == before


def test_a_typed_code_without_reason_and_colleague_gives_no_go(story: Site, tablet: Device) -> None:
    page = wristband_scanned(tablet, story)
    page.get_by_text("Code will not scan").click()
    page.get_by_label("The 16 characters printed below the symbol").fill(label_of(story, BAG))
    answer = answered(page, lambda: page.get_by_role("button", name="Check the typed code").click())
    assert answer.status == 409
    stopped(page, story, label_of(story, BAG), "reason and a second person")


def test_a_code_typed_with_a_reason_and_a_colleague_is_read(story: Site, tablet: Device) -> None:
    """The way out when a symbol is torn: two people read the code, and it is counted as typed."""
    page = wristband_scanned(tablet, story)
    page.get_by_text("Code will not scan").click()
    page.get_by_label("The 16 characters printed below the symbol").fill(label_of(story, BAG))
    page.get_by_label("Why it cannot be scanned").fill("The symbol is torn")
    page.get_by_label("Colleague's sign-in name").fill(NILS.sign_in)
    page.get_by_label("Colleague's password").fill(PASSWORD)
    page.get_by_role("button", name="Check the typed code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GO")
    assert "typed: go" in told(story, "bedside.scanned")[0]
    latest = tablet.to("/bedside/scans").get_by_role("region", name="Scans").get_by_role("row").nth(1)
    expect(latest).to_contain_text("typed")


def test_a_label_scanned_into_a_custody_form_stays_in_it(story: Site, tablet: Device) -> None:
    """Where a form asks for a scan, the scan fills the field and the next one is ready."""
    page = tablet.to("/custody/return")
    page.get_by_label("Unit: scan its label").click()
    scan_by_hand(page, label_of(story, BAG))
    expect(page.get_by_label("Unit: scan its label")).to_have_value(label_of(story, BAG))
    expect(page.get_by_label("Place: scan or type")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Return a unit")
