"""Doors: deny by default, each role exactly its table, and a refusal is kept."""

import logging

import pytest
from flask import Flask

from app.access.doors import door_of, kept, needs, public
from app.access.models import Role
from app.access.operations import subject_of
from app.access.permissions import ROLES, Permission
from app.access.rules import Why, not_allowed, safe_next
from app.site import Site
from tests.access.browser import Browser
from tests.access.factories import PASSWORD, added, kinds, ledger_text, staff
from tests.factories import act


def test_a_view_says_whom_it_lets_in() -> None:
    assert door_of(needs(Permission.RELEASE)(lambda: "x")) == Permission.RELEASE
    assert door_of(public(lambda: "x")) == "public"
    assert door_of(lambda: "x") is None


def test_a_route_without_a_door_lets_nobody_in(site: Site, guest: Browser) -> None:
    """ASVS 8.2.1: deny by default, even for somebody who forgot to ask."""
    assert guest.get("/forgotten").status_code == 403
    staff(site)
    guest.sign_in("ana", PASSWORD)
    assert guest.get("/forgotten").status_code == 403


def test_a_stranger_is_led_to_the_sign_in_page_and_back(site: Site, guest: Browser) -> None:
    staff(site)
    answer = guest.get("/lots/MSC-25-001?tab=units")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/lots/MSC-25-001?tab%3Dunits"
    assert 'name="next" value="/lots/MSC-25-001?tab=units"' in guest.get(answer.location).text
    entered = guest.sign_in("ana", PASSWORD, next="/lots/MSC-25-001?tab=units")
    assert (entered.status_code, entered.location) == (303, "/lots/MSC-25-001?tab=units")


def test_a_stranger_asking_for_json_gets_401_and_no_cookie(guest: Browser) -> None:
    answer = guest.get("/lots/MSC-25-001", json=True)
    assert answer.status_code == 401
    assert answer.json is not None and answer.json["refused"] == Why.NOT_SIGNED_IN
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "",
        "/a\r\nSet-Cookie: x=y",
        "javascript:1",
    ],
)
def test_signing_in_leads_to_no_other_site(elsewhere: str) -> None:
    """ASVS 3.7.2: no open redirect."""
    assert safe_next(elsewhere) == "/"
    assert safe_next("/lots?x=1") == "/lots?x=1"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_exactly_the_doors_of_its_row(site: Site, guest: Browser, role: Role) -> None:
    """ASVS 8.2.1: the table of permissions is what the doors do."""
    staff(site, "ana", role)
    guest.sign_in("ana", PASSWORD)
    passed = {p for p in Permission if guest.get(f"/needs/{p.value}").status_code == 200}
    assert passed == set(ROLES[role])


def test_a_lacking_role_gets_403_a_next_step_and_a_line_in_the_log(
    site: Site, guest: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """ASVS 16.3.2; the path in the log is quoted, so that it cannot forge a line (16.4.1)."""
    staff(site, "ana", Role.ADMINISTRATOR)
    guest.sign_in("ana", PASSWORD)
    before = kinds(site)
    with caplog.at_level(logging.WARNING, "hilo.access"):
        answer = guest.get("/lots/A%0Aforged line", json=True)
    assert answer.status_code == 403
    assert answer.json is not None and answer.json["refused"] == Why.NOT_ALLOWED
    assert "forbidden: ana asked for lot:read at '/lots/A\\nforged line'" in caplog.text
    assert kinds(site) == before


def test_a_change_of_role_holds_at_the_next_request(site: Site, guest: Browser) -> None:
    from app.access.operations import change_role

    person, boss = staff(site), staff(site, "eva", Role.ADMINISTRATOR)
    guest.sign_in("ana", PASSWORD)
    assert guest.get("/needs/bedside:infuse").status_code == 200
    with act(site, boss) as work:
        change_role(work, person.sign_in, Role.AUDITOR, "moved to the audit team")
    assert guest.get("/needs/bedside:infuse").status_code == 403


def test_an_act_is_done_by_the_person_signed_in(site: Site, guest: Browser) -> None:
    staff(site, "ana", Role.TECHNOLOGIST)
    guest.sign_in("ana", PASSWORD)
    assert guest.post("/touch").text == "touched"
    assert kinds(site)[-1] == "tests.touched"
    assert '"touched by ana"' in ledger_text(site)


def test_an_unsafe_request_without_the_form_token_does_nothing(site: Site, guest: Browser) -> None:
    """ASVS 3.5.1."""
    staff(site, "ana", Role.TECHNOLOGIST)
    guest.sign_in("ana", PASSWORD)
    before = kinds(site)
    assert guest.client.post("/touch").status_code == 400
    assert guest.client.post("/sign-out").status_code == 400
    assert kinds(site) == before


def test_a_refusal_is_kept_in_the_ledger(site: Site) -> None:
    person = staff(site)
    with act(site, person) as work:
        kept(work, subject_of("ana"), not_allowed("nurse"))
    assert kinds(site)[-1] == "access.refused"
    assert "refused: The role nurse does not allow this. (not_allowed)" in ledger_text(site)


def test_a_link_on_another_site_neither_shows_a_page_nor_replaces_the_cookie(
    site: Site, guest: Browser
) -> None:
    """Strict cookies stay at home then; the answer asks again from our own page."""
    staff(site)
    for path in ("/lots/MSC-25-001", "/sign-in"):
        answer = guest.client.get(path, headers={"Sec-Fetch-Site": "cross-site", "Accept": "text/html"})
        assert answer.status_code == 200
        assert f'content="0; url={path}"' in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_one_time_password_opens_one_page(site: Site, guest: Browser) -> None:
    given = added(site, "ana", Role.NURSE)
    entered = guest.sign_in("ana", given.one_time_password)
    assert entered.location == "/password"
    assert guest.get("/lots/MSC-25-001").location == "/password"
    answer = guest.get("/lots/MSC-25-001", json=True)
    assert answer.status_code == 403
    assert answer.json is not None and answer.json["refused"] == Why.MUST_CHANGE


def test_to_know_its_person_a_request_asks_the_database_once(app: Flask, site: Site, guest: Browser) -> None:
    """Budget http-read: one statement, on the connection that the page reads with."""
    from sqlalchemy import event

    staff(site)
    guest.sign_in("ana", PASSWORD)
    seen: list[str] = []
    event.listen(site.db.reader, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert guest.get("/", json=True).text == "ana"
    asked = [statement for statement in seen if "SELECT" in statement.upper()]
    assert len(asked) == 1 and "sys_session" in asked[0]
    assert app.extensions["hilo"] is site
