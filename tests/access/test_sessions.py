"""Sessions: kept on the server, ended by time, by leaving, by closing; locked without losing the page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlmodel import select

from app.access.models import Person, Role, SysSession
from app.access.operations import change_role, deactivate, end_sessions, reset_password, set_password
from app.access.passwords import prepared
from app.access.presence import enter
from app.access.rules import LONGEST_SESSION, Why, session_idle
from app.access.sessions import digest
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.site import Site
from tests.access.browser import Browser
from tests.access.conftest import Clock
from tests.access.factories import OTHER, PASSWORD, kinds, ledger_text, staff
from tests.factories import AT, act

pytestmark = pytest.mark.usefixtures("cheap")


def token_of(app: Flask, guest: Browser) -> str:
    """The token inside the browser's signed cookie."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    held: str = serializer.loads(guest.cookie() or "").get("_user_id", "")
    return held


def inside(guest: Browser) -> bool:
    return guest.get("/lots/MSC-25-001", json=True).status_code == 200


def sessions(site: Site) -> list[SysSession]:
    with site.db.reading() as db:
        return list(db.exec(select(SysSession)).all())


def test_over_http_the_cookie_is_http_only_and_strict(site: Site, guest: Browser) -> None:
    """ASVS 3.3.1, 3.3.2, 3.3.4."""
    staff(site)
    cookies = guest.sign_in("ana", PASSWORD).headers.getlist("Set-Cookie")
    for name in ("hilo_session=", "hilo_device="):
        (cookie,) = [c for c in cookies if c.startswith(name)]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert "Domain" not in cookie and "Secure" not in cookie


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(app: Flask, site: Site) -> None:
    """ASVS 3.3.1, 3.3.3."""
    staff(site)
    guest = Browser(app, https=True)
    cookies = guest.sign_in("ana", PASSWORD).headers.getlist("Set-Cookie")
    assert sorted(c.split("=")[0] for c in cookies) == ["__Host-hilo", "__Host-hilo_device"]
    assert all("Secure" in c and "HttpOnly" in c and "Path=/" in c and "Domain" not in c for c in cookies)


def test_the_server_keeps_only_the_digest_of_the_token(app: Flask, site: Site, guest: Browser) -> None:
    """ASVS 7.2.2, 7.2.3: an opaque random token of at least 128 bits."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    token = token_of(app, guest)
    assert len(token) == 43
    assert [row.token_sha256 for row in sessions(site)] == [digest(token)]
    assert token not in ledger_text(site)


def test_a_cookie_that_was_altered_opens_nothing(app: Flask, site: Site, guest: Browser) -> None:
    staff(site)
    guest.sign_in("ana", PASSWORD)
    cookie = guest.cookie() or ""
    thief = Browser(app)
    thief.client.set_cookie("hilo_session", cookie[:-3] + "xyz")
    assert not inside(thief)
    thief.client.set_cookie("hilo_session", cookie)
    assert inside(thief)


def test_signing_in_gives_a_new_session_to_a_browser_that_had_one(
    app: Flask, site: Site, guest: Browser
) -> None:
    """ASVS 7.2.4: no session of before the sign-in goes on, whoever planted it."""
    staff(site)
    guest.get("/sign-in")
    planted, first = guest.cookie(), guest.sign_in("ana", PASSWORD)
    old = token_of(app, guest)
    assert first.status_code == 303 and guest.cookie() != planted
    guest.sign_in("ana", PASSWORD)
    assert token_of(app, guest) != old
    assert [row.token_sha256 for row in sessions(site) if row.ended_at is None] == [
        digest(token_of(app, guest))
    ]


def test_a_session_ends_twelve_hours_after_the_sign_in(site: Site, guest: Browser, time: Clock) -> None:
    """ASVS 7.3.2, however busy it was."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    for _ in range(71):
        time.move(minutes=10)
        assert inside(guest)
    time.at = AT + LONGEST_SESSION
    assert not inside(guest)


def test_an_idle_session_locks_and_its_page_stays(site: Site, guest: Browser, time: Clock) -> None:
    """ASVS 7.3.1: the lock asks for the password; nothing is signed out."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    time.move(minutes=site.settings.idle_minutes + 1)
    answer = guest.get("/lots/MSC-25-001", json=True)
    assert answer.status_code == 401
    assert answer.json is not None and answer.json["refused"] == Why.LOCKED
    page = guest.get("/lots/MSC-25-001")
    assert page.status_code == 401 and 'name="next" value="/lots/MSC-25-001"' in page.text
    unlocked = guest.post("/unlock", password=PASSWORD, next="/lots/MSC-25-001")
    assert (unlocked.status_code, unlocked.location) == (303, "/lots/MSC-25-001")
    assert inside(guest)


def test_the_lock_falls_at_most_a_minute_late_and_never_early() -> None:
    assert not session_idle(AT, AT + timedelta(minutes=15, seconds=59), 15)
    assert session_idle(AT, AT + timedelta(minutes=16), 15)


def test_use_is_written_down_at_most_once_a_minute(site: Site, guest: Browser, time: Clock) -> None:
    staff(site)
    guest.sign_in("ana", PASSWORD)
    for seconds, seen in ((59, 0), (1, 60), (59, 60), (2, 121)):
        time.move(seconds=seconds)
        assert inside(guest)
        assert sessions(site)[0].seen_at == AT + timedelta(seconds=seen)


def test_unlocking_by_a_script_answers_204_401_and_409(
    app: Flask, site: Site, guest: Browser, time: Clock
) -> None:
    staff(site)
    guest.sign_in("ana", PASSWORD)
    guest.post("/lock")
    assert guest.fetch("/unlock", password="wrong").status_code == 401
    assert guest.fetch("/unlock").status_code == 401
    assert guest.fetch("/unlock", password=PASSWORD).status_code == 429
    time.move(seconds=3)
    before = token_of(app, guest)
    assert guest.fetch("/unlock", password=PASSWORD).status_code == 204
    assert token_of(app, guest) != before
    time.move(hours=13)
    assert guest.fetch("/unlock", password=PASSWORD).status_code == 409


def test_unlocking_keeps_the_token_of_an_open_form(site: Site, guest: Browser) -> None:
    """The lock keeps the page: what was typed before it can be sent after it."""
    staff(site, "ana", Role.TECHNOLOGIST)
    guest.sign_in("ana", PASSWORD)
    token = guest.token()
    guest.post("/lock")
    assert guest.client.post("/touch", data={"csrf_token": token}).status_code == 401
    assert guest.fetch("/unlock", password=PASSWORD).status_code == 204
    assert guest.client.post("/touch", data={"csrf_token": token}).text == "touched"


def test_locking_and_unlocking_stand_in_the_ledger(site: Site, guest: Browser) -> None:
    staff(site)
    guest.sign_in("ana", PASSWORD)
    guest.post("/lock")
    guest.post("/unlock", password=PASSWORD)
    guest.post("/sign-out")
    told = [kind for kind in kinds(site) if kind != "access.rehashed"]
    assert told[1:] == ["access.signed_in", "access.locked", "access.unlocked", "access.signed_out"]


def test_only_the_owner_unlocks_and_another_person_takes_over_with_a_clean_start(
    site: Site, guest: Browser
) -> None:
    staff(site)
    staff(site, "bea", Role.PHYSICIAN, OTHER)
    guest.sign_in("ana", PASSWORD)
    guest.post("/lock")
    assert guest.fetch("/unlock", password=OTHER).status_code == 401
    answer = guest.sign_in("bea", OTHER, next="/lots/MSC-25-001")
    assert (answer.status_code, answer.location) == (303, "/")
    assert guest.get("/").text == "bea"
    assert '"ana left the workstation to bea"' in ledger_text(site)


def test_taking_over_ends_the_session_of_the_person_before(app: Flask, site: Site, guest: Browser) -> None:
    """ASVS 7.2.4 at a change of person."""
    staff(site)
    staff(site, "bea", Role.PHYSICIAN, OTHER)
    guest.sign_in("ana", PASSWORD)
    thief = Browser(app)
    thief.take_cookies_of(guest)
    guest.sign_in("bea", OTHER)
    assert not inside(thief)


def test_signing_out_ends_the_session_on_the_server(app: Flask, site: Site, guest: Browser) -> None:
    """ASVS 7.4.1: a stolen cookie is worth nothing afterwards."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    thief = Browser(app)
    thief.take_cookies_of(guest)
    assert inside(thief)
    assert guest.post("/sign-out").location == "/sign-in"
    assert not inside(thief)
    assert guest.post("/sign-out").status_code == 303


def closed(work: Work) -> object:
    return deactivate(work, "ana", "left the hospital")


def reset(work: Work) -> object:
    return reset_password(work, "ana", "forgot her password", prepared(OTHER))


def signed_out_everywhere(work: Work) -> object:
    return end_sessions(work, "ana", "tablet was lost")


def new_password(work: Work) -> object:
    return set_password(work, "ana", prepared(OTHER))


@pytest.mark.parametrize("change", [closed, reset, signed_out_everywhere, new_password])
def test_all_sessions_die_when_the_account_changes(
    app: Flask, site: Site, change: Callable[[Work], object]
) -> None:
    """ASVS 7.4.2, 7.4.3, 7.4.5."""
    boss = staff(site, "eva", Role.ADMINISTRATOR)
    staff(site)
    tablet, desk = Browser(app), Browser(app)
    for each in (tablet, desk):
        each.sign_in("ana", PASSWORD)
        assert inside(each)
    with act(site, boss) as work:
        assert not isinstance(change(work), Refusal)
    assert not inside(tablet) and not inside(desk)


def test_a_closed_account_comes_in_no_more(site: Site, guest: Browser, time: Clock) -> None:
    boss = staff(site, "eva", Role.ADMINISTRATOR)
    person = staff(site)
    with act(site, boss) as work:
        deactivate(work, "ana", "left the hospital")
    answer = guest.sign_in("ana", PASSWORD)
    assert answer.status_code == 401 and "This account is closed." in answer.text
    with act(site, person, time.at) as work:
        raced = enter(work, person, None, "device")
    assert isinstance(raced, Refusal) and raced.reason == Why.INACTIVE


def test_changing_ones_own_password_gives_a_new_token_and_ends_the_others(
    app: Flask, site: Site, guest: Browser, time: Clock
) -> None:
    """ASVS 7.2.4, 7.4.3; the twelve hours go on counting from the sign-in."""
    staff(site)
    other = Browser(app)
    for each in (guest, other):
        each.sign_in("ana", PASSWORD)
    old = token_of(app, guest)
    time.move(hours=1)
    answer = guest.post("/password", current_password=PASSWORD, new_password=OTHER, new_password_again=OTHER)
    assert answer.status_code == 401, "idle for an hour: locked first"
    guest.post("/unlock", password=PASSWORD)
    answer = guest.post("/password", current_password=PASSWORD, new_password=OTHER, new_password_again=OTHER)
    assert answer.status_code == 303
    assert token_of(app, guest) != old and inside(guest) and not inside(other)
    assert {row.started_at for row in sessions(site) if row.ended_at is None} == {AT}
    time.at = AT + LONGEST_SESSION
    assert not inside(guest)


def test_the_present_password_is_asked_for_and_must_be_right(site: Site, guest: Browser) -> None:
    """ASVS 6.2.3."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    fields = {"new_password": OTHER, "new_password_again": OTHER}
    assert guest.post("/password", current_password="wrong", **fields).status_code == 422
    assert guest.post("/password", current_password=PASSWORD, **fields).status_code == 429
    assert guest.post("/password", **fields).status_code == 422
    short = guest.post("/password", current_password=PASSWORD, new_password="x", new_password_again="x")
    assert short.status_code == 422 and "it needs at least 12" in short.text
    assert "access.password_changed" not in kinds(site)


def test_after_choosing_ones_own_password_the_site_is_open(site: Site, guest: Browser) -> None:
    from tests.access.factories import added

    given = added(site, "ana", Role.NURSE).one_time_password
    guest.sign_in("ana", given)
    guest.post("/password", current_password=given, new_password=OTHER, new_password_again=OTHER)
    assert inside(guest)
    with site.db.reading() as db:
        assert not db.exec(select(Person.must_change)).one()


def test_wrong_passwords_answer_401_then_429_and_keep_the_name(site: Site, guest: Browser) -> None:
    staff(site)
    first, second = guest.sign_in("ana", "not this one"), guest.sign_in("ana", PASSWORD)
    assert first.status_code == 401 and 'value="ana"' in first.text and "not this one" not in first.text
    assert second.status_code == 429 and second.headers["Retry-After"] == "60"


def test_a_stranger_elsewhere_cannot_make_a_nurse_wait_at_her_own_desk(
    app: Flask, site: Site, guest: Browser
) -> None:
    """ASVS 6.3.1 without lock-out: a browser she has used keeps a count of its own."""
    staff(site)
    guest.sign_in("ana", PASSWORD)
    guest.post("/sign-out")
    stranger = Browser(app, address="10.0.0.9")
    assert stranger.sign_in("ana", "guess 1").status_code == 401
    assert stranger.sign_in("ana", PASSWORD).status_code == 429
    assert guest.sign_in("ana", PASSWORD).status_code == 303


def test_a_desk_known_for_one_person_is_not_known_for_another(site: Site, guest: Browser) -> None:
    """A colleague's own sign-in buys no free guesses at somebody else's password."""
    staff(site)
    staff(site, "bea", Role.PHYSICIAN, OTHER)
    guest.sign_in("bea", OTHER)
    assert guest.sign_in("ana", "guess 1").status_code == 401
    assert Browser(guest.client.application).sign_in("ana", PASSWORD).status_code == 429


def test_guessing_at_many_names_from_one_address_waits_too(app: Flask, site: Site, time: Clock) -> None:
    """ASVS 6.3.1: password spraying; told to the ledger at the fifth failure."""
    stranger = Browser(app, address="10.0.0.9")
    for name in ("a1", "a2", "a3", "a4", "a5"):
        assert stranger.sign_in(name, "Winter2025").status_code == 401
        assert stranger.sign_in(name + "x", "Winter2025").status_code == 429
        time.move(seconds=61)
    assert kinds(site) == ["access.guessing"]
    assert "5 wrong passwords in a row from 10.0.0.9" in ledger_text(site)


def test_a_change_of_role_needs_no_new_sign_in(site: Site, guest: Browser) -> None:
    boss = staff(site, "eva", Role.ADMINISTRATOR)
    staff(site)
    guest.sign_in("ana", PASSWORD)
    with act(site, boss) as work:
        change_role(work, "ana", Role.RELEASER, "qualified as releaser")
    assert guest.get("/needs/quality:release").status_code == 200
