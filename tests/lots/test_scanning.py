"""At the bench: packs and devices are scanned one after another into the step, and nothing is sent."""

import pytest
from playwright.sync_api import Browser, expect

from app.access.models import Role
from app.site import Site
from tests.access.factories import PASSWORD, staff
from tests.browser import scan_by_hand, served
from tests.lots.factories import lot
from tests.webapp import web


@pytest.mark.browser
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_each_scan_becomes_a_line_of_the_step_and_the_page_stays(site: Site, browser: Browser) -> None:
    staff(site, "tilda", Role.TECHNOLOGIST)
    made = lot(site, "MSC-25-001").code
    with served(web(site)) as running:
        page = browser.new_context().new_page()
        page.goto(f"{running.url}/sign-in?next=/lots/{made}/step")
        page.get_by_label("Sign-in name").fill("tilda")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main button[type=submit]").click()
        page.goto(f"{running.url}/lots/{made}/step")
        tools = page.get_by_label("Scan materials and equipment")
        tools.click()
        scan_by_hand(page, "(01)00000000000208(10)HPL-209")
        expect(tools).to_have_value("(01)00000000000208(10)HPL-209\n")
        scan_by_hand(page, "EQ-001")
        expect(tools).to_have_value("(01)00000000000208(10)HPL-209\nEQ-001\n")
        assert page.url.endswith(f"/lots/{made}/step")
