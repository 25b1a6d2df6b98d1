"""Paper before the tablet's camera: the pixels of a printed label, read by the page, become GO."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from app.bedside.models import EntrySource, Scan, VerdictWord
from app.example.people import NORA
from app.site import Site
from tests.browser import Frame, picture, scene
from tests.journeys.hands import Device, scan_by_hand
from tests.journeys.ward import band_of, label_of, printed, ready_order

pytestmark = pytest.mark.browser
BAG, OTHER = "MSC-25-001-B02", "MSC-25-001-B03"
#: 6 pixels a millimetre: a bag's label held half a metre from the tablet.
PIXELS_A_POINT = 6 * 25.4 / 72
Seeing = Callable[[list[Frame]], Device]


def at_the_bag(story: Site, seeing: Seeing, frame: Frame) -> Device:
    """The wristband was scanned by hand; the camera looks at the scene."""
    ready_order(story, "LN-01", BAG)
    tablet = seeing([frame])
    tablet.seat(story, NORA)
    page = tablet.to("/bedside")
    scan_by_hand(page, band_of(story, "LN-01"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
    page.get_by_role("button", name="Use camera").click()
    return tablet


def test_the_pixels_of_a_printed_label_become_go(story: Site, seeing: Seeing) -> None:
    tablet = at_the_bag(story, seeing, scene(printed(story, BAG, PIXELS_A_POINT)))
    page = tablet.page
    expect(page.get_by_role("heading", level=1)).to_have_text("GO", timeout=15_000)
    expect(page.locator(".verdict-identity")).to_contain_text("EXAMPLE-ONE, Patient")
    picture(tablet.looked_at(), "go")
    with story.db.reading() as db:
        scan = db.exec(select(Scan).order_by(col(Scan.id).desc())).first()
    assert scan is not None
    assert (scan.source, scan.verdict, scan.text_read) == (
        EntrySource.CAMERA,
        VerdictWord.GO,
        label_of(story, BAG),
    )


def test_two_labels_before_the_camera_are_not_read_until_one_is_covered(story: Site, seeing: Seeing) -> None:
    near = PIXELS_A_POINT * 0.95
    both = scene(printed(story, BAG, near), printed(story, OTHER, near), tilt=2)
    tablet = at_the_bag(story, seeing, both)
    expect(tablet.page.locator("[data-camera-status]")).to_have_text(
        "Cover one code: two are in view.", timeout=15_000
    )
    expect(tablet.page.get_by_role("heading", level=1)).to_have_text("Scan the bag")
