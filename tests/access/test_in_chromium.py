"""The door in a real browser: Strict cookies, the way back, the lock that keeps the page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.access.models import Role
from app.site import Site
from tests.access.conftest import Clock
from tests.access.factories import OTHER, PASSWORD, added, staff
from tests.browser import PageOf, Served, axe, served, until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cheap")]


@pytest.fixture
def door(app: Flask) -> Iterator[Served]:
    """The app on a port."""
    with served(app) as running:
        yield running


def give(page: Page, sign_in: str, password: str) -> None:
    page.get_by_label("Sign-in name").fill(sign_in)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_after_signing_in_a_browser_stands_where_it_wanted_to_go(
    site: Site, door: Served, page_of: PageOf
) -> None:
    """SameSite=Strict does not break the way back."""
    staff(site)
    page = page_of(f"{door.url}/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert axe(page) == []
    give(page, "ana", PASSWORD)
    expect(page).to_have_url(f"{door.url}/me")
    assert axe(page) == []
    assert page.evaluate("document.cookie") == "", "no script reads the cookies"


def test_a_link_on_another_site_leads_to_the_page_and_nobody_is_signed_out(
    site: Site, door: Served, page_of: PageOf
) -> None:
    """Another site's link brings no Strict cookie: our page asks again by itself."""
    staff(site)
    page = page_of(f"{door.url}/me")
    give(page, "ana", PASSWORD)
    elsewhere = door.url.replace("127.0.0.1", "localhost")
    page.goto(f"{elsewhere}/sign-in")
    page.evaluate("to => { location.href = to }", f"{door.url}/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def long_ago(page: Page) -> bool:
    """Nobody touched this browser for years; said again where a late touch of the test came after it."""
    return bool(page.evaluate("localStorage.setItem('hilo.seen', '1') ?? true"))


def test_the_lock_in_the_page_gives_back_what_was_typed(
    site: Site, door: Served, page_of: PageOf, time: Clock
) -> None:
    staff(site, "eva", Role.ADMINISTRATOR)
    page = page_of(f"{door.url}/people")
    give(page, "eva", PASSWORD)
    page.get_by_label("Name as printed").fill("Bea Vega")
    time.move(hours=1)
    dialog = page.get_by_role("dialog")
    until(lambda: long_ago(page) and dialog.is_visible())
    dialog.get_by_label("Password").fill("not this one")
    dialog.get_by_role("button", name="Unlock").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not right")
    time.move(seconds=5)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Unlock").click()
    expect(dialog).to_be_hidden()
    page.get_by_label("Sign-in name").fill("bea")
    page.get_by_label("Role").select_option("nurse")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One-time password")
    assert axe(page) == []


def test_the_first_sign_in_leads_to_a_password_of_ones_own(site: Site, door: Served, page_of: PageOf) -> None:
    page = page_of(f"{door.url}/me")
    given = added(site, "ana", Role.NURSE).one_time_password
    give(page, "ana", given)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password")
    assert axe(page) == []
    page.get_by_label("Present password").fill(given)
    page.get_by_label("New password", exact=False).first.fill(OTHER)
    page.get_by_label("New password once more").fill(OTHER)
    page.get_by_role("button", name="Keep the new password").click()
    page.goto(f"{door.url}/me")
    expect(page.get_by_text("Ana Ruiz").first).to_be_visible()
    page.get_by_role("button", name="Lock the screen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
    assert axe(page) == []
