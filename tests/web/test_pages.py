"""Times, states, links and the frame of each page."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.web.pages import chip_look, date_words, differing, moment_words, state_word, static_url
from app.web.signs import LOOKS, SIGNS
from tests.pages import PolicedClient, faults
from tests.web.demo import make_app


def test_a_date_cannot_be_misread() -> None:
    """31-Mar-2028, never figures alone."""
    assert date_words(date(2028, 3, 31)) == "31-Mar-2028"


def test_times_are_shown_in_the_zone_of_the_site(app: Flask) -> None:
    with app.app_context():
        assert moment_words(datetime(2025, 5, 6, 23, 40, tzinfo=UTC)) == "07-May-2025 01:40 CEST"


def test_a_time_without_a_zone_is_not_shown(app: Flask) -> None:
    with app.app_context(), pytest.raises(ValueError, match="without a zone"):
        moment_words(datetime(2025, 5, 6))  # noqa: DTZ001  # naive on purpose


def test_each_state_has_its_sign_and_states_of_another_meaning_look_different() -> None:
    """Never told by colour alone: sign and border differ between what may and what may not be used."""
    assert all(look.sign in SIGNS for look in LOOKS.values())
    words = ["in_quarantine", "released", "rejected", "recalled", "issued", "given", "destroyed"]
    assert len({(chip_look(word).sign, chip_look(word).edge) for word in words}) == len(words)
    assert state_word("in_quarantine") == "IN QUARANTINE"


def test_look_alike_codes_show_where_they_differ() -> None:
    assert differing("MSC-25-001", "MSC-25-007") == "MSC-25-00<b>1</b>"
    assert differing("A<", "AB") == "A<b>&lt;</b>"


def test_a_static_address_changes_with_the_content(app: Flask) -> None:
    with app.test_request_context():
        url = static_url("css/hilo.css")
    assert url.startswith("/static/css/hilo.css?v=")
    assert "immutable" in app.test_client().get(url).headers["Cache-Control"]
    assert app.test_client().get("/static/css/hilo.css").headers["Cache-Control"] == "no-cache"


def test_rooms_that_a_person_may_not_enter_are_not_in_the_navigation(client: PolicedClient) -> None:
    page = client.get("/").text
    assert 'aria-current="page">Lots' in page
    assert "Harvest" in page
    assert "People" not in page


@pytest.mark.parametrize("path", ["/", "/form", "/bedside", "/verdict/STOP", "/refused"])
def test_every_page_says_that_the_data_are_synthetic(client: PolicedClient, path: str) -> None:
    assert "Worked example, synthetic data" in client.get(path).text


def test_a_real_site_has_no_example_banner() -> None:
    assert "synthetic" not in make_app(example=False).test_client().get("/").text


def test_night_mode_is_drawn_by_the_server(client: PolicedClient) -> None:
    client.set_cookie("hilo_theme", "night")
    assert '<html lang="en" class="night">' in client.get("/").text
    client.set_cookie("hilo_theme", '"><script>')
    assert '<html lang="en">' in client.get("/").text


def test_a_refusal_says_what_to_do_next(client: PolicedClient) -> None:
    answer = client.get("/refused")
    assert answer.status_code == 409
    assert "This bag expired at 14:10." in answer.text
    assert "Return the bag." in answer.text


def test_a_refusal_is_json_for_a_program(client: PolicedClient) -> None:
    answer = client.get("/refused", headers={"Accept": "application/json"})
    assert answer.get_json() == {
        "refused": "expired",
        "sentence": "This bag expired at 14:10.",
        "next_step": "Do not infuse. Return the bag.",
    }


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<h1>a</h1><h1>b</h1>", "2 h1"),
        ("<h1> </h1>", "an empty h1"),
        ("<h1>a</h1><p style='color:red'>", "inline style"),
        ("<h1>a</h1><script>x()</script>", "inline script"),
        ("<h1 onclick='x()'>a</h1>", "inline handler"),
        ("<h1>a</h1><a href='javascript:x'>b</a>", "javascript:"),
        ("<h1 id='x'>a</h1><p id='x'>", "id x stands 2 times"),
        ("<h1>a</h1><input name='dose'>", "without a label"),
        ("<h1>a</h1><input aria-label='x' aria-describedby='none'>", "points to nothing"),
        ("<h1>a</h1><form method='post'></form>", "without csrf"),
    ],
)
def test_bad_manners_are_found(html: str, fault: str) -> None:
    """The check itself can fail: each fault of a page is seen."""
    page = f"<html lang='en'><head><title>t</title></head><body><main>{html}</main></body></html>"
    assert any(fault in found for found in faults(page))
    assert "no lang on html" in faults(page.replace(" lang='en'", ""))


def test_a_well_mannered_page_passes() -> None:
    page = "<html lang='en'><head><title>t</title></head><body><main><h1>a</h1></main></body></html>"
    assert faults(page) == []
