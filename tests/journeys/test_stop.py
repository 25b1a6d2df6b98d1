"""The wrong wristband: STOP fills the screen, is in the ledger before it is seen, and waits for a hand."""

import pytest
from playwright.sync_api import Page, Route, expect

from app.bedside.models import ScanStep, VerdictWord
from app.example.people import NORA
from app.site import Site
from tests.browser import picture, until
from tests.journeys.conftest import DeviceOf
from tests.journeys.hands import Device, scan_by_hand
from tests.journeys.ward import band_of, label_of, ready_order, scans, told

pytestmark = pytest.mark.browser
HIS_BAG, HER_BAG = "MSC-25-001-B02", "MSC-25-001-B04"
#: The picture in the README.
README = {"width": 1024, "height": 768}


@pytest.fixture
def stopped(story: Site, device: DeviceOf) -> Device:
    """LN-02's wristband was scanned, then the label of the bag for LN-01."""
    ready_order(story, "LN-01", HIS_BAG)
    ready_order(story, "LN-02", HER_BAG)
    tablet = device(README)
    tablet.seat(story, NORA)
    page = tablet.to("/bedside")
    scan_by_hand(page, band_of(story, "LN-02"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    scan_by_hand(page, label_of(story, HIS_BAG))
    expect(page.get_by_role("heading", level=1)).to_have_text("STOP")
    return tablet


def acknowledge(page: Page) -> None:
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the wristband")


def test_a_bag_for_another_patient_is_stopped_in_one_sentence_with_the_next_step(stopped: Device) -> None:
    page = stopped.looked_at()
    expect(page.locator(".verdict-sentence")).to_have_text(
        "This bag is for LN-01. The wristband is of LN-02."
    )
    expect(page.locator(".verdict-next")).to_contain_text("cell laboratory")
    filled = page.locator("[data-verdict=stop]").bounding_box()
    assert filled == {"x": 0, "y": 0, **README}
    picture(page, "stop")


def test_the_stop_is_in_the_ledger_before_it_is_on_the_screen(story: Site, stopped: Device) -> None:
    """The answer is held back on its way to the screen; the ledger already has it."""
    kept: list[list[str]] = []
    page = stopped.page
    acknowledge(page)
    scan_by_hand(page, band_of(story, "LN-02"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")

    def hold_back(route: Route) -> None:
        answer = route.fetch()
        kept.append(told(story, "bedside.scanned")[:1])
        route.fulfill(response=answer)

    before = len(told(story, "bedside.scanned"))
    page.route("**/bedside/scan", hold_back)
    scan_by_hand(page, label_of(story, HIS_BAG))
    expect(page.get_by_role("heading", level=1)).to_have_text("STOP")
    assert len(told(story, "bedside.scanned")) == before + 1
    ((sentence,),) = kept
    assert "stop" in sentence and "LN-02" in sentence and HIS_BAG in sentence


def test_the_scanners_enter_and_space_do_not_dismiss_it(stopped: Device) -> None:
    for suffix in ("Enter", " ", "Tab", "Enter", " ", "Enter"):
        scan_by_hand(stopped.page, "", suffix)
    expect(stopped.page.get_by_role("heading", level=1)).to_have_text("STOP")


def test_a_scan_while_it_stands_is_kept_and_changes_nothing(story: Site, stopped: Device) -> None:
    page = stopped.page
    before = len(scans(story))
    scan_by_hand(page, label_of(story, HER_BAG))
    expect(page.locator("[data-verdict-ignored]")).to_contain_text("scanned and not used")
    until(lambda: len(scans(story)) == before + 1)
    step, verdict, text = scans(story)[0]
    assert (step, verdict, text) == (ScanStep.FIRST_LABEL, VerdictWord.NOT_CHECKED, label_of(story, HER_BAG))
    assert "not_checked" in told(story, "bedside.scanned")[0]
    expect(page.get_by_role("heading", level=1)).to_have_text("STOP")


def test_a_touch_puts_it_away_and_nothing_may_be_given_on_that_check(stopped: Device) -> None:
    acknowledge(stopped.page)
