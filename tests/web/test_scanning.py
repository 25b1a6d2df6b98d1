"""The hand scanner, the verdict and the lock, in a real Chromium."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import PageOf, Served, axe, picture, scan_by_hand, until

pytestmark = pytest.mark.browser
BAG = "B7K3M9QX2D4F6G8H"
OTHER = "B9X3M9QX2D4F6G8H"


def received(site: Served) -> list[dict[str, str]]:
    """What the server got."""
    facts: list[dict[str, str]] = site.app.extensions["demo"]
    return facts


def test_a_scan_anywhere_on_the_page_reaches_the_server(page_of: PageOf, site: Served) -> None:
    """With nothing focused the code goes through the scan box, with a key and the device's time."""
    page = page_of(f"{site.url}/bedside")
    page.evaluate("document.activeElement.blur()")
    scan_by_hand(page, BAG)
    expect(page.locator("h1")).to_have_text("GO")
    (scan,) = received(site)
    assert (scan["code"], scan["scan_by"]) == (BAG, "hand_scanner")
    assert len(scan["scan_key"]) == 36
    assert scan["scan_at"].endswith("Z")


def test_a_scan_into_another_field_is_taken_out_of_it_again(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/bedside")
    page.fill("#f-note", "Patient is awake")
    page.evaluate(
        "addEventListener('pagehide', () => { localStorage.note = document.querySelector('#f-note').value })"
    )
    scan_by_hand(page, BAG)
    expect(page.locator("h1")).to_have_text("GO")
    assert page.evaluate("localStorage.note") == "Patient is awake"
    assert [scan["code"] for scan in received(site)] == [BAG]


def test_a_scan_while_a_button_has_the_focus_presses_no_button(page_of: PageOf, site: Served) -> None:
    """The scanner's Enter, and a space inside a foreign code, would otherwise press it."""
    page = page_of(f"{site.url}/bedside")
    page.fill("#f-note", "x")
    page.get_by_role("button", name="Code will not scan").focus()
    scan_by_hand(page, "FOREIGN CODE 12")
    expect(page.locator("h1")).to_have_text("STOP")
    assert [list(facts)[-1] for facts in received(site)] == ["code"]


def test_a_code_typed_by_hand_is_told_apart_from_a_scan(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/bedside")
    page.locator("[data-scan-box]").press_sequentially(BAG, delay=60)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("GO")
    assert received(site)[0]["scan_by"] == "typed"


def test_the_same_code_twice_within_two_seconds_is_one_scan(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/bedside")
    scan_by_hand(page, BAG)
    expect(page.locator("h1")).to_have_text("GO")
    page.goto(f"{site.url}/bedside")
    page.evaluate("sessionStorage.setItem('hilo.last', JSON.stringify(['" + BAG + "', Date.now()]))")
    scan_by_hand(page, BAG)
    expect(page.locator("[data-scan-status]")).to_have_text("Same code again: ignored.")
    assert len(received(site)) == 1


def test_a_scan_on_an_office_page_opens_what_was_scanned(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/form")
    scan_by_hand(page, BAG)
    expect(page.locator("h1")).to_have_text("Lot MSC-25-001")
    assert received(site) == [{"find": BAG}]


def stopped(page_of: PageOf, site: Served) -> Page:
    """A STOP on the screen, after the scan of a wrong bag."""
    page = page_of(f"{site.url}/bedside")
    scan_by_hand(page, OTHER)
    expect(page.locator("h1")).to_have_text("STOP")
    expect(page.locator("[data-acknowledge]:not([tabindex])")).to_be_visible()
    return page


def test_the_scanners_enter_does_not_dismiss_a_stop(page_of: PageOf, site: Served) -> None:
    page = stopped(page_of, site)
    for suffix in ("Enter", "Tab", "Enter", " ", "Enter"):
        scan_by_hand(page, "", suffix)
    scan_by_hand(page, "AB")
    assert page.locator("h1").inner_text() == "STOP"
    assert page.url.endswith("/bedside")
    assert len(received(site)) == 1


def test_nor_before_the_scripts_have_loaded(page_of: PageOf, site: Served) -> None:
    """Tab and Enter find nothing to press on the bare page; touch does."""
    page = page_of(f"{site.url}/verdict/STOP", java_script_enabled=False)
    for suffix in ("Enter", "Tab", "Enter", " ", "Tab", "Enter"):
        scan_by_hand(page, "", suffix)
    assert page.locator("h1").inner_text() == "STOP"
    assert page.url.endswith("/verdict/STOP")
    page.locator("[data-acknowledge]").click()
    expect(page.locator("h1")).to_have_text("Scan the product bag")


def test_a_scan_that_begins_before_the_scripts_have_loaded_is_whole(page_of: PageOf, site: Served) -> None:
    """The box has the focus from the start; what it got before the module came belongs to the scan."""
    page = page_of("about:blank")
    held: list[Route] = []
    page.route("**/scanner.mjs", lambda route: held.append(route))  # noqa: PLW0108  # a plain function is needed
    page.goto(f"{site.url}/bedside", wait_until="commit")
    expect(page.locator("[data-scan-box]")).to_be_focused()
    scan_by_hand(page, BAG[:7], "")
    assert page.input_value("[data-scan-box]") == BAG[:7]
    held[0].continue_()
    expect(page.locator("[data-scan-status]")).to_have_text("Ready to scan.")
    scan_by_hand(page, BAG[7:])
    expect(page.locator("h1")).to_have_text("GO")
    assert received(site)[0]["code"] == BAG


def test_a_scan_while_a_stop_stands_is_ignored_and_kept(page_of: PageOf, site: Served) -> None:
    """Also when the button has the focus: nothing is dismissed, and the server hears of the scan."""
    page = stopped(page_of, site)
    page.locator("[data-acknowledge]").focus()
    scan_by_hand(page, BAG)
    expect(page.locator("[data-verdict-ignored]")).to_contain_text("scanned and not used")
    until(lambda: len(received(site)) == 2)
    ignored = site.app.extensions["demo"][1]["ignored"]
    assert (ignored["text"], ignored["by"]) == (BAG, "hand_scanner")
    assert page.locator("h1").inner_text() == "STOP"


def test_a_stop_is_put_away_by_touch(page_of: PageOf, site: Served) -> None:
    page = stopped(page_of, site)
    page.locator("[data-acknowledge]").click()
    expect(page.locator("h1")).to_have_text("Scan the product bag")


def test_a_stop_is_put_away_by_tab_and_then_enter_after_a_calm_moment(page_of: PageOf, site: Served) -> None:
    """Those who cannot touch a screen still can go on, on purpose."""
    page = page_of(f"{site.url}/verdict/STOP")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hasAttribute('data-acknowledge')")
    page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "STOP"
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Scan the product bag")


def test_the_pages_work_without_scripts(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/bedside", java_script_enabled=False)
    page.fill("[data-scan-box]", OTHER)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("STOP")
    page.locator("[data-acknowledge]").click()
    expect(page.locator("h1")).to_have_text("Scan the product bag")


def locked(page_of: PageOf, site: Served) -> Page:
    """A page with something typed, locked because nobody touched it."""
    site.app.config["HILO_IDLE_MINUTES"] = 1
    page = page_of(f"{site.url}/bedside")
    page.fill("#f-note", "half a sentence")
    page.evaluate("localStorage.setItem('hilo.seen', String(Date.now() - 61000))")
    expect(page.locator("dialog[data-lock]")).to_be_visible()
    return page


def test_a_page_nobody_touches_locks_and_keeps_what_was_typed(page_of: PageOf, site: Served) -> None:
    page = locked(page_of, site)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[data-lock]")).to_be_visible()
    page.fill("#lock-password", "a good long password")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[data-lock]")).to_be_hidden()
    assert page.input_value("#f-note") == "half a sentence"
    assert page.locator("input[name=csrf_token]").first.input_value() == "renewed"


def test_a_wrong_password_leaves_the_page_locked(page_of: PageOf, site: Served) -> None:
    page = locked(page_of, site)
    page.fill("#lock-password", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("[data-lock-fault]")).to_contain_text("not right")
    expect(page.locator("dialog[data-lock]")).to_be_visible()


def test_night_mode_by_hand_outlives_the_page(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/bedside")
    page.get_by_role("button", name="Night mode").click()
    page.reload()
    assert page.locator("html").get_attribute("class") == "night"
    expect(page.get_by_role("button", name="Day mode")).to_be_visible()


def test_a_file_too_large_is_held_back_before_it_travels(page_of: PageOf, site: Served) -> None:
    page = page_of(f"{site.url}/form")
    page.set_input_files(
        "#f-beads", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * (5 * 1024**2 + 1)}
    )
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("[data-too-large]")).to_have_text(
        "This file is larger than 5 MB. Choose another one."
    )
    expect(page.locator("h1")).to_have_text("Harvest")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/form", "/bedside", "/verdict/GO", "/verdict/STOP", "/verdict/NOT CHECKED"]
)
def test_axe_finds_nothing_at_all(page_of: PageOf, site: Served, path: str, scheme: str) -> None:
    """In both colour schemes, and on the smallest screen nothing runs out at the side."""
    page = page_of(site.url + path, color_scheme=scheme, viewport={"width": 320, "height": 640})
    assert axe(page, ("minor", "moderate", "serious", "critical")) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, f"web-{path.strip('/').replace('/', '-') or 'lot'}-{scheme}")


def test_everything_to_touch_at_the_bedside_is_large(page_of: PageOf, site: Served) -> None:
    """56 px high at least, whatever can be pressed or typed into."""
    page = page_of(f"{site.url}/bedside", viewport={"width": 820, "height": 1180})
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=hidden]), a.button, label.button')]
            .filter((e) => e.checkVisibility() && !e.classList.contains('unseen'))
            .filter((e) => e.getBoundingClientRect().height < 56).map((e) => e.outerHTML)"""
    )
    assert small == []


def test_on_paper_only_the_record_is_left(page_of: PageOf, site: Served) -> None:
    page = page_of(site.url)
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.locator(".actions").first).to_be_hidden()
