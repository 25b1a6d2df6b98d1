"""Each person chooses what they read; records stay as they were written."""

import pytest

from app.access.models import Language, Role
from app.access.operations import choose_language
from app.access.rules import Why
from app.donors.forms import WithdrawalForm
from app.kernel.refusals import Refusal
from app.site import Site
from app.web.forms import Faults, read
from tests.access.factories import kinds, ledger_text
from tests.factories import act, person
from tests.pages import PolicedClient
from tests.webapp import client_of, web

pytestmark = pytest.mark.usefixtures("cheap")


def nurse_of(site: Site) -> PolicedClient:
    """A nurse's browser."""
    client = client_of(site, web(site), person(site, Role.NURSE))
    assert isinstance(client, PolicedClient)
    return client


def test_a_person_reads_in_the_language_they_chose(site: Site) -> None:
    client = nurse_of(site)
    assert '<html lang="en"' in client.get("/me").get_data(as_text=True)
    token = client.token("/me")
    assert client.post("/me/language", data={"language": "es", "csrf_token": token}).status_code == 303
    page = client.get("/me").get_data(as_text=True)
    assert '<html lang="es"' in page and "Cerrar sesión" in page


def test_a_choice_is_told_once_and_the_same_choice_is_no_event(site: Site) -> None:
    nurse = person(site, Role.NURSE)
    with act(site, nurse) as work:
        choose_language(work, nurse.sign_in, Language.ES)
    with act(site, nurse) as work:
        choose_language(work, nurse.sign_in, Language.ES)
    assert kinds(site).count("access.language_chosen") == 1
    assert f'"{nurse.sign_in} reads Hilo in es, before in en"' in ledger_text(site)


def test_nobody_chooses_for_a_person_who_is_not_there(site: Site) -> None:
    with act(site, person(site, Role.NURSE)) as work:
        answer = choose_language(work, "nobody", Language.ES)
    assert isinstance(answer, Refusal) and answer.reason is Why.NO_SUCH_PERSON


def test_a_language_that_hilo_does_not_speak_is_a_fault_of_the_form(site: Site) -> None:
    client = nurse_of(site)
    answer = client.post("/me/language", data={"language": "xx", "csrf_token": client.token("/me")})
    assert answer.status_code == 422


def test_at_the_door_the_browser_is_asked(site: Site) -> None:
    client = web(site).test_client()
    page = client.get("/sign-in", headers={"Accept-Language": "es-MX,es;q=0.9"}).get_data(as_text=True)
    assert '<html lang="es"' in page
    assert '<html lang="en"' in client.get("/sign-in", headers={"Accept-Language": "de"}).get_data(
        as_text=True
    )


@pytest.mark.parametrize("typed", ["15-Aug-2028", "15-ago-2028", "2028-08-15"])
def test_a_month_typed_as_a_word_is_read_in_either_language(site: Site, typed: str) -> None:
    with web(site).test_request_context():
        form = read(
            WithdrawalForm, {"withdrawn_on": typed, "scope": "everything", "reason": "as the donor said"}
        )
    assert not isinstance(form, Faults)
    assert form.withdrawn_on.isoformat() == "2028-08-15"
