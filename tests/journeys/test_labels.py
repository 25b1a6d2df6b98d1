"""Paper by hand: a vial's label is printed, looked at, scanned back; a reprint asks why and who stood by."""

import pytest
from playwright.sync_api import Page, expect

from app.example.people import PASSWORD, QUINN, TESS
from app.site import Site
from tests.browser import picture
from tests.journeys.conftest import DeviceOf
from tests.journeys.hands import OFFICE, Device, scan_by_hand
from tests.journeys.ward import label_of

pytestmark = pytest.mark.browser
VIAL = "MSC-25-001-R01"


@pytest.fixture
def desk(story: Site, device: DeviceOf) -> Device:
    """Tess at the label printer."""
    one = device(OFFICE)
    one.seat(story, TESS)
    return one


def print_vial(desk: Device) -> Page:
    """The dialog with the vial ticked."""
    page = desk.to("/labels/print/MSC-25-001")
    page.get_by_label(VIAL).check()
    page.get_by_label("Stock").select_option("vial-50x25")
    page.get_by_role("button", name="Print").click()
    return page


def drawn(page: Page) -> None:
    """Every picture of the page is there, none is a broken frame."""
    for each in page.get_by_role("img").all():
        each.scroll_into_view_if_needed()
        expect(each).not_to_have_js_property("naturalWidth", 0)


def test_the_dialog_shows_a_label_of_every_stock_that_fits(desk: Device) -> None:
    for lot, stocks in (("MCB-25-001", 1), ("MSC-25-001", 3)):
        page = desk.to(f"/labels/print/{lot}")
        expect(page.get_by_role("img")).to_have_count(stocks)
        drawn(page)


def test_a_vials_label_is_printed_scanned_back_and_reprinted_with_a_reason(story: Site, desk: Device) -> None:
    page = print_vial(desk)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Print job JOB-")
    drawn(page)
    picture(desk.looked_at(), "label-job")
    row = page.get_by_role("row").filter(has_text=VIAL)
    serial = row.locator("[data-code]").get_attribute("data-code") or ""
    scan_by_hand(page, serial)
    expect(page.get_by_role("row").filter(has_text=VIAL)).to_contain_text("APPLIED")
    assert label_of(story, VIAL) == serial
    page = print_vial(desk)
    expect(page.get_by_role("alert")).to_contain_text("reason")
    desk.looked_at().get_by_label("Reason for the reprint").fill("The first one froze to the rack")
    page.get_by_label("Second person: sign-in").fill(QUINN.sign_in)
    page.get_by_label("Second person: password").fill(PASSWORD)
    page.get_by_role("button", name="Print").click()
    expect(page.get_by_role("row").filter(has_text=VIAL)).to_contain_text("froze to the rack")
    assert label_of(story, VIAL) == serial, "the first piece counts until the second is on the vial"
