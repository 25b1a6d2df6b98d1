"""One bag walked by hand through the pages by the people of the story, each at their own device."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.evidence.verify import verify
from app.example.afterwards import lymphocytes
from app.example.beadfiles import Draw, fusion_csv
from app.example.making import PRODUCT
from app.example.people import LENA, NILS, NORA, PASSWORD, PAULA, QUINN, TESS, Character
from app.site import Site
from tests.browser import picture, until
from tests.journeys.conftest import DeviceOf
from tests.journeys.hands import OFFICE, TABLET, Device, scan_by_hand, sign_in
from tests.journeys.ward import LOOKS, band_of, label_of, new_patient, today

pytestmark = pytest.mark.browser
BAG, PATIENT = "MSC-25-001-B02", "LN-04"


class Walk:
    """The people with their devices, and what they learn on the way."""

    def __init__(self, site: Site, device: DeviceOf) -> None:
        self.site = site
        self._device = device
        self._devices: dict[str, Device] = {}
        self.order = ""

    def at(self, who: Character, path: str) -> Page:
        """The person's own device, signed in by password the first time, on this page."""
        if who.sign_in not in self._devices:
            desk = self._device(TABLET if who is NORA else OFFICE)
            self._devices[who.sign_in] = desk
            sign_in(desk.to(path), who)
        else:
            self._devices[who.sign_in].to(path)
        return self.look(who)

    def look(self, who: Character, name: str = "") -> Page:
        """The page in front of the person, after a look at it."""
        page = self._devices[who.sign_in].looked_at()
        if name:
            picture(page, f"bag-{name}")
        return page


def headed(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def state(page: Page, word: str) -> None:
    """The chip beside the page's heading."""
    expect(page.locator(".heading-row .chip")).to_have_text(word)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def give_password(page: Page) -> None:
    page.locator("main").get_by_label("Password", exact=True).fill(PASSWORD)


@pytest.fixture
def walk(story: Site, device: DeviceOf) -> Walk:
    """The worked example, opened by nobody yet, with a patient whom nothing was given."""
    new_patient(story, PATIENT)
    return Walk(story, device)


def test_one_bag_from_the_order_to_the_batch_record(walk: Walk, story: Site) -> None:
    """Prescribed, allocated, carried, checked by two, given, followed up, on paper, and traced both ways."""
    beads_before(walk)
    prescribe(walk)
    allocate(walk)
    carry_to_the_ward(walk)
    new_wristband(walk)
    first_check(walk)
    second_check(walk)
    infuse(walk)
    follow_up(walk)
    batch_record(walk)
    trace_both_ways(walk)
    with story.db.reading() as db:
        assert verify(db).ok


def beads_before(walk: Walk) -> None:
    """The laboratory uploads the serum that the crossmatch looks at."""
    drawn = today() - timedelta(days=3)
    sample = Draw("LN04-0", (drawn.year, drawn.month, drawn.day), {"A*24:02": 2310.0})
    file = fusion_csv([sample], patient="SYN-LN-04")
    page = walk.at(LENA, "/antibodies/upload")
    page.get_by_label("Recipient").select_option(PATIENT)
    page.get_by_label("Month first").check()
    page.get_by_label("Bead file").set_input_files(
        {"name": "LN04-0.csv", "mimeType": "text/csv", "buffer": file}
    )
    press(page, "Read the file")
    headed(page, "Which serum is which")
    walk.look(LENA, "beads").get_by_label("Sample LN04-0").fill(drawn.isoformat())
    press(page, "Take these results")
    headed(page, "Antibodies")
    expect(page.get_by_role("row").nth(1)).to_contain_text(PATIENT)


def prescribe(walk: Walk) -> None:
    """The physician prescribes; the next page says it in digits and words; the signature is a password."""
    page = walk.at(PAULA, f"/orders/new?recipient={PATIENT}")
    page.get_by_label("Product").select_option(PRODUCT)
    page.get_by_label("Dose").fill("90")
    page.get_by_label("Route").select_option("intravenous")
    page.get_by_label("Body weight").fill("64")
    page.get_by_label("Weighed on").fill(today().isoformat())
    page.get_by_label("Day of the infusion").fill(today().isoformat())
    page.get_by_label("Given under").select_option("compassionate_use")
    page.get_by_label("Number of the authorisation").fill("CU-2026-004")
    page.get_by_label("Date of the authorisation").fill(today().isoformat())
    press(page, "Show what I will sign")
    headed(page, "Sign the prescription")
    expect(walk.look(PAULA, "prescription").get_by_text("ninety million")).to_be_visible()
    give_password(page)
    press(page, "Sign and prescribe")
    state(page, "PRESCRIBED")
    walk.order = page.url.rpartition("/")[2]


def allocate(walk: Walk) -> None:
    """The technologist sees what the serum says of the donor, and allocates the bag by its label."""
    page = walk.at(TESS, f"/orders/{walk.order}")
    row = page.get_by_role("row").filter(has_text=BAG)
    expect(row).to_contain_text("A*24:02")
    walk.look(TESS, "candidates")
    scan_by_hand(page, label_of(walk.site, BAG))
    state(page, "ALLOCATED")
    expect(page.get_by_role("link", name=BAG)).to_be_visible()


def carry_to_the_ward(walk: Walk) -> None:
    """Out of the tank into the shipper, handed to Nils; Nora takes it at the ward; the order is ready."""
    page = walk.at(TESS, f"/custody/issue?unit={BAG}")
    page.get_by_label("Place: scan or type its code").fill("DS-1")
    page.get_by_label("Sign-in of the person who takes it").fill(NILS.sign_in)
    page.get_by_label("How the container looks").fill(LOOKS)
    page.get_by_label("Temperature").fill("-165")
    press(page, "Issue a unit")
    headed(page, f"Custody of {BAG}")
    page = walk.at(NORA, "/custody/receive")
    page.get_by_label("Unit: scan its label").click()
    scan_by_hand(page, label_of(walk.site, BAG))
    page.get_by_label("Place: scan or type its code").fill("WARD-4")
    page.get_by_label("How the container looks").fill(LOOKS)
    page.get_by_label("Temperature").fill("-158")
    press(page, "Receive a unit")
    headed(page, f"Custody of {BAG}")
    expect(walk.look(NORA, "custody").get_by_text("Custody is whole")).to_be_visible()
    page = walk.at(NORA, f"/orders/{walk.order}")
    press(page, "The bag is at the ward: ready")
    state(page, "READY")


def new_wristband(walk: Walk) -> None:
    """A fresh band is printed, put on and scanned on the wrist; the one before it is void."""
    former = band_of(walk.site, PATIENT)
    page = walk.at(NORA, f"/recipients/{PATIENT}")
    with page.expect_popup():
        press(page, "Print a wristband")
    page.reload()
    row = page.get_by_role("row").filter(has_text="PRINTED")
    serial = row.locator("[data-code]").get_attribute("data-code") or ""
    scan_by_hand(page, serial)
    expect(page.get_by_role("row").filter(has_text=former[:4])).to_contain_text("replaced by a new wristband")
    walk.look(NORA, "wristband")
    assert band_of(walk.site, PATIENT) == serial != former


def both_scans(walk: Walk, due: str) -> Page:
    """Wristband, then the bag: GO, with the name to ask the patient for."""
    page = walk.look(NORA)
    page.evaluate("sessionStorage.removeItem('hilo.last')")
    scan_by_hand(page, band_of(walk.site, PATIENT))
    headed(page, due)
    expect(walk.look(NORA).get_by_label("Patient")).to_contain_text("EXAMPLE-FOUR, Patient")
    scan_by_hand(page, label_of(walk.site, BAG))
    headed(page, "GO")
    expect(walk.look(NORA, "go").locator(".verdict-identity")).to_contain_text(PATIENT)
    press(page, "Go on")
    return walk.look(NORA)


def first_check(walk: Walk) -> None:
    """Nora scans both and signs what is shown."""
    headed(walk.at(NORA, "/bedside"), "Scan the wristband")
    page = both_scans(walk, "Scan the bag")
    headed(page, "Sign your check")
    picture(page, "bag-sign")
    give_password(page)
    press(page, "Sign")
    headed(page, "Hand over to the second person")


def second_check(walk: Walk) -> None:
    """Nils takes over the tablet with his own password, does his own scans, and signs."""
    page = walk.look(NORA, "hand-over")
    page.get_by_label("Colleague's sign-in name").fill(NILS.sign_in)
    page.get_by_label("Colleague's password").fill(PASSWORD)
    press(page, "Take over the tablet")
    headed(page, "Second person: scan the wristband")
    expect(page.get_by_role("banner")).to_contain_text(NILS.name)
    expect(page.get_by_text(BAG)).to_have_count(0)
    page = both_scans(walk, "Second person: scan the bag")
    headed(page, "Second person: sign your check")
    give_password(page)
    press(page, "Sign")
    headed(page, "Start the infusion")


def thaw(walk: Walk) -> None:
    """Nothing starts before the label was scanned for the thaw; then its clock runs on the page."""
    page = walk.look(NORA, "not-thawed")
    expect(page.get_by_text("Not thawed yet")).to_be_visible()
    page.get_by_role("link", name="Scan the label for the thaw").click()
    headed(page, "Thaw a bag")
    page.evaluate("sessionStorage.removeItem('hilo.last')")
    scan_by_hand(page, label_of(walk.site, BAG))
    headed(page, f"Thaw of {BAG}")
    expect(walk.look(NORA, "clock").get_by_text("WITHIN THE LIMIT")).to_be_visible()
    page.get_by_role("link", name="Go on with check").click()
    headed(page, "Start the infusion")


def infuse(walk: Walk) -> None:
    """Thaw scan, volume and count; the start; the end with what was left; what was delivered is computed."""
    thaw(walk)
    page = walk.look(NORA, "start")
    page.get_by_label("Volume in the bag").fill("20")
    page.get_by_label("Viable cells measured at thaw").fill("90")
    page.get_by_label("Viability at thaw").fill("91")
    press(page, "Start the infusion")
    state(page, "IN PROGRESS")
    walk.look(NORA, "running").get_by_label("Left in bag and line").fill("0.4")
    page.get_by_label("Flushed afterwards").fill("10")
    press(page, "Record the end")
    state(page, "GIVEN")
    expect(walk.look(NORA, "given").get_by_text("88.2 × 10⁶ viable cells")).to_be_visible()


def follow_up(walk: Walk) -> None:
    """The baseline visit and a cytometry file; all on the recipient's one axis."""
    page = walk.at(LENA, f"/cytometry/upload?recipient={PATIENT}")
    page.get_by_label("Sample collected on").fill(today().isoformat())
    page.get_by_label("Panel").fill("Lymphocytes: CD3 CD4 CD8 CD19")
    page.get_by_label("FCS file").set_input_files(
        {"name": "LN04-0.fcs", "mimeType": "application/octet-stream", "buffer": lymphocytes(7)}
    )
    press(page, "Keep the file")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cytometry file FCM-")
    walk.look(LENA, "cytometry")
    page = walk.at(PAULA, f"/recipients/{PATIENT}/timeline")
    page.get_by_text("Record a visit").click()
    page.get_by_label("Visit", exact=True).select_option("baseline")
    page.get_by_label("Date of the visit").fill(today().isoformat())
    press(page, "Record the visit")
    page = walk.at(PAULA, f"/recipients/{PATIENT}/timeline")
    visit = page.get_by_role("row").filter(has_text="Baseline").filter(has_text=" to ")
    expect(visit).to_contain_text("ON TIME")
    walk.look(PAULA, "timeline")
    expect(page.get_by_role("row").filter(has_text="A*24:02")).to_contain_text("DSA")
    expect(page.get_by_role("row").filter(has_text=BAG)).to_contain_text("88.2 × 10⁶")


def batch_record(walk: Walk) -> None:
    """Quality issues the record; its pages are shown, and say who received the bag by code alone."""
    page = walk.at(QUINN, "/lots/MSC-25-001")
    press(page, "Issue the batch record")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Batch record of MSC-25-001, revision")
    pictures = page.locator("img.page-picture")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        until_drawn(page, number)
    walk.look(QUINN, "record")


def until_drawn(page: Page, number: int) -> None:
    """Wait for a page's picture."""
    drawn = "n => document.querySelectorAll('img.page-picture')[n].naturalWidth > 400"
    until(lambda: bool(page.evaluate(drawn, number)))


def trace_both_ways(walk: Walk) -> None:
    """From the donor to both recipients, and from this recipient back to the one donor."""
    page = walk.at(QUINN, "/trace?subject=donor:D-0007")
    went = page.locator("section").filter(has=page.get_by_role("heading", name="Went to"))
    expect(went.get_by_role("link", name="LN-01")).to_be_visible()
    expect(went.get_by_role("link", name=PATIENT)).to_be_visible()
    scan = page.get_by_label("Scan or type any code:")
    scan.fill(f"recipient:{PATIENT}")
    press(page, "Trace")
    headed(page, f"Trace of recipient {PATIENT}")
    came = page.locator("section").filter(has=page.get_by_role("heading", name="Came from"))
    expect(came.get_by_role("link", name="D-0007")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=BAG)).to_contain_text("INFUSED")
    walk.look(QUINN, "trace")
