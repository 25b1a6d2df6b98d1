"""People: added once under a name for ever, changed with a reason, closed for good."""

import pytest
from sqlmodel import select

from app.access.console import add, console_actor, first_administrator, people
from app.access.models import Person, Role
from app.access.operations import (
    Added,
    add_person,
    change_role,
    deactivate,
    end_sessions,
    reset_password,
    set_password,
)
from app.access.passwords import prepared
from app.access.proof import prove
from app.access.rules import Why
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM, Via
from app.site import Site
from tests.access.browser import Browser
from tests.access.factories import OTHER, PASSWORD, added, kinds, ledger_text, staff
from tests.factories import AT, act
from tests.pages import faults

pytestmark = pytest.mark.usefixtures("cheap")
REASON = "as agreed with the head of quality"


def why(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Refusal) else None


@pytest.fixture
def boss(site: Site) -> Person:
    return staff(site, "eva", Role.ADMINISTRATOR)


def test_a_person_is_added_with_a_one_time_password_that_is_kept_nowhere(site: Site, boss: Person) -> None:
    with act(site, boss) as work:
        done = add_person(work, " Bea ", "Bea  Vega", Role.QUALITY)
    assert isinstance(done, Added)
    assert (done.person.sign_in, done.person.name, done.person.must_change) == ("bea", "Bea Vega", True)
    text = ledger_text(site)
    assert '"bea added as quality"' in text
    assert done.one_time_password not in text and "Bea Vega" not in text and "argon2" not in text


def test_a_sign_in_name_is_never_given_twice(site: Site, boss: Person) -> None:
    """21 CFR 11.100(a), also after the account was closed."""
    staff(site)
    with act(site, boss) as work:
        deactivate(work, "ana", REASON)
        assert why(add_person(work, "ANA", "Ana Another", Role.NURSE)) == Why.NAME_TAKEN


@pytest.mark.parametrize("name", ["", "a", "1ana", "ana maria", "ána", "x" * 41, "hilo", "system", "a\x00b"])
def test_strange_sign_in_names_are_refused(site: Site, name: str) -> None:
    with site.db.act(SYSTEM, AT) as work:
        assert why(add_person(work, name, "Ana Ruiz", Role.NURSE)) == Why.BAD_NAME


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "12", "A\x00na"])
def test_a_name_that_cannot_stand_beside_a_signature_is_refused(site: Site, name: str) -> None:
    with site.db.act(SYSTEM, AT) as work:
        assert why(add_person(work, "ana", name, Role.NURSE)) == Why.BAD_PRINTED_NAME


def test_a_password_given_for_a_person_must_be_a_good_one(site: Site) -> None:
    with site.db.act(SYSTEM, AT) as work:
        assert why(add_person(work, "ana", "Ana Ruiz", Role.NURSE, "short")) == Why.PASSWORD_SHORT


def test_a_role_is_changed_with_a_reason_and_both_roles_are_told(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        change_role(work, "ana", Role.AUDITOR, REASON)
    assert kinds(site)[-1] == "access.role_changed"
    assert '"ana is auditor, was nurse"' in ledger_text(site)
    assert REASON in ledger_text(site)


def test_a_change_that_cannot_be_is_refused_with_a_next_step(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        assert why(change_role(work, "nobody", Role.NURSE, REASON)) == Why.NO_SUCH_PERSON
        assert why(change_role(work, "ana", Role.NURSE, REASON)) == Why.SAME_ROLE
        assert why(change_role(work, "ana", Role.AUDITOR, "because")) == Why.NO_REASON
        assert why(end_sessions(work, "ana", " ")) == Why.NO_REASON
        assert why(end_sessions(work, "nobody", REASON)) == Why.NO_SUCH_PERSON
        assert why(set_password(work, "nobody", prepared(OTHER))) == Why.NO_SUCH_PERSON
        assert why(reset_password(work, "nobody", REASON)) == Why.NO_SUCH_PERSON
        assert why(deactivate(work, "nobody", REASON)) == Why.NO_SUCH_PERSON
        assert why(set_password(work, "ana", prepared("ana ruiz 2025"))) == Why.PASSWORD_COMMON


def test_a_closed_account_stays_as_it_is(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        deactivate(work, "ana", REASON)
        for again in (
            deactivate(work, "ana", REASON),
            change_role(work, "ana", Role.AUDITOR, REASON),
            reset_password(work, "ana", REASON),
            set_password(work, "ana", prepared(OTHER)),
        ):
            assert why(again) == Why.INACTIVE


def test_nobody_changes_their_own_role_or_closes_their_own_account(site: Site, boss: Person) -> None:
    staff(site, "adm", Role.ADMINISTRATOR)
    with act(site, boss) as work:
        assert why(change_role(work, "eva", Role.RELEASER, REASON)) == Why.OWN_ACCOUNT
        assert why(deactivate(work, "eva", REASON)) == Why.OWN_ACCOUNT
        assert why(reset_password(work, "eva", REASON)) == Why.OWN_ACCOUNT


def test_the_last_administrator_stays(site: Site, boss: Person) -> None:
    with site.db.act(SYSTEM, AT) as work:
        assert why(deactivate(work, boss.sign_in, REASON)) == Why.LAST_ADMINISTRATOR
        assert why(change_role(work, boss.sign_in, Role.NURSE, REASON)) == Why.LAST_ADMINISTRATOR


def test_a_closed_account_signs_nothing(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        deactivate(work, "ana", REASON)
    assert why(prove(site, "ana", PASSWORD, AT)) == Why.INACTIVE
    assert why(console_actor(site, "ana")) == Why.INACTIVE


def test_a_reset_password_signs_nothing_until_it_is_replaced(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        done = reset_password(work, "ana", REASON)
    assert isinstance(done, Added)
    assert why(prove(site, "ana", done.one_time_password, AT)) == Why.MUST_CHANGE
    assert done.one_time_password not in ledger_text(site)


def test_everything_done_to_people_is_told_and_sound(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        change_role(work, "ana", Role.AUDITOR, REASON)
        end_sessions(work, "ana", REASON)
        reset_password(work, "ana", REASON)
        set_password(work, "ana", prepared(OTHER))
        deactivate(work, "ana", REASON)
    assert kinds(site)[2:] == [
        "access.role_changed",
        "access.sessions_ended",
        "access.password_reset",
        "access.password_changed",
        "access.deactivated",
    ]
    with site.db.reading() as db:
        assert verify(db).ok
    assert "argon2" not in ledger_text(site)


def test_an_empty_site_gets_one_administrator_and_only_one(site: Site) -> None:
    made = first_administrator(site)
    assert made is not None and made[0] == "admin"
    assert why(prove(site, *made, AT)) == Why.MUST_CHANGE
    assert first_administrator(site) is None
    with site.db.reading() as db:
        assert db.exec(select(Person.role)).all() == [Role.ADMINISTRATOR]


def test_at_the_console_only_an_administrator_adds_people(site: Site, boss: Person) -> None:
    staff(site)
    nurse, eva = console_actor(site, "ana"), console_actor(site, "Eva")
    assert not isinstance(nurse, Refusal) and not isinstance(eva, Refusal)
    assert eva.via == Via.CONSOLE and eva.person_id == boss.id
    assert why(add(site, nurse, "bea", "Bea Vega", Role.NURSE)) == Why.NOT_ALLOWED
    assert isinstance(add(site, eva, "bea", "Bea Vega", Role.NURSE), Added)
    assert '"via":"console"' in ledger_text(site)
    assert why(console_actor(site, "nobody")) == Why.NO_SUCH_PERSON


def test_the_list_of_people_names_everybody(site: Site, boss: Person) -> None:
    staff(site)
    with act(site, boss) as work:
        deactivate(work, "ana", REASON)
    assert people(site) == [
        {"sign_in": "eva", "name": "Eva Ruiz", "role": "administrator", "active": True},
        {"sign_in": "ana", "name": "Ana Ruiz", "role": "nurse", "active": False},
    ]


@pytest.fixture
def desk(site: Site, boss: Person, guest: Browser) -> Browser:  # noqa: ARG001  the boss signs in there
    """A browser in which the administrator is signed in."""
    guest.sign_in("eva", PASSWORD)
    return guest


def test_the_page_shows_a_one_time_password_once(site: Site, desk: Browser) -> None:
    page = desk.post("/people", sign_in="bea", name="Bea Vega", role="nurse").text
    password = page.split("data-one-time>")[1].split("<")[0]
    assert why(prove(site, "bea", password, AT)) == Why.MUST_CHANGE
    assert password not in desk.get("/people").text + desk.get("/people/bea").text


def test_a_taken_name_is_409_keeps_what_was_typed_and_stands_in_the_ledger(site: Site, desk: Browser) -> None:
    answer = desk.post("/people", sign_in="eva", name="Another Eva", role="nurse")
    assert answer.status_code == 409
    assert "never given again" in answer.text and 'value="Another Eva"' in answer.text
    assert kinds(site)[-1] == "access.refused"


def test_a_form_that_is_not_complete_is_422_and_changes_nothing(site: Site, desk: Browser) -> None:
    before = kinds(site)
    assert desk.post("/people", sign_in="bea").status_code == 422
    assert desk.post("/people", sign_in="bea", name="Bea", role="king").status_code == 422
    assert desk.post("/people/eva", what="role", reason=REASON).status_code == 422
    assert desk.post("/people/eva", what="behead", reason=REASON).status_code == 422
    assert kinds(site) == before


def test_fields_nobody_asked_for_are_not_taken(site: Site, desk: Browser) -> None:
    """ASVS 15.3.3: no mass assignment."""
    desk.post("/people", sign_in="bea", name="Bea Vega", role="nurse", id="77", must_change="", active="")
    with site.db.reading() as db:
        bea = db.exec(select(Person).where(Person.sign_in == "bea")).one()
    assert bea.id != 77 and bea.must_change and bea.active


def test_the_account_page_does_what_the_administrator_chose(site: Site, desk: Browser) -> None:
    staff(site)
    assert "Done" in desk.post("/people/ana", what="role", role="auditor", reason=REASON).text
    assert "data-one-time" in desk.post("/people/ana", what="reset", reason=REASON).text
    assert "Done" in desk.post("/people/ana", what="sign_out", reason=REASON).text
    closed = desk.post("/people/ana", what="close", reason=REASON).text
    assert "Closed" in closed and "Change this account" not in closed
    assert desk.post("/people/ana", what="close", reason=REASON).status_code == 409


def test_an_account_nobody_has_is_404(desk: Browser) -> None:
    assert desk.get("/people/nobody").status_code == 404
    assert desk.get("/people/a%00b").status_code == 404
    assert desk.post("/people/nobody", what="close", reason=REASON).status_code == 404


def test_only_the_administrator_manages_people(site: Site, guest: Browser) -> None:
    """ASVS 8.2.1: changing addresses or posting forms by hand does not help."""
    staff(site, "ana", Role.RELEASER)
    guest.sign_in("ana", PASSWORD)
    assert guest.get("/people").status_code == 403
    assert guest.post("/people", sign_in="bea", name="Bea", role="nurse").status_code == 403
    assert guest.post("/people/ana", what="role", role="administrator", reason=REASON).status_code == 403


def test_pages_at_the_door_have_good_manners(site: Site, desk: Browser) -> None:
    added(site, "bea", Role.NURSE)
    pages = {path: desk.get(path).text for path in ("/sign-in", "/me", "/password", "/people", "/people/bea")}
    pages["one time"] = desk.post("/people/bea", what="reset", reason=REASON).text
    pages["faults"] = desk.post("/people").text
    desk.post("/lock")
    pages["locked"] = desk.get("/people").text
    desk.post("/sign-out")
    pages["signed out"] = desk.get("/sign-in").text
    assert {path: faults(text) for path, text in pages.items() if faults(text)} == {}


def test_a_password_may_be_pasted_and_filled_in_by_a_manager(desk: Browser) -> None:
    """ASVS 6.2.7, WCAG 3.3.8."""
    page = desk.get("/password").text
    assert 'autocomplete="current-password"' in page and 'autocomplete="new-password"' in page
    assert "onpaste" not in page and 'autocomplete="username"' in page
