"""The pages of deviations."""

import pytest
from flask.testing import FlaskClient

from app.access.models import Role
from app.site import Site
from tests.access.factories import PASSWORD, staff
from tests.concerns.test_views import send
from tests.donors.factories import eligible_donor
from tests.webapp import client_of, web

SIGNED = {"sign_in": "quinn", "password": PASSWORD}
ASSESSED = {"impact": "None: the tube stayed cold.", "severity": "minor", **SIGNED}
CLOSED = {"root_cause": "Traffic.", "correction": "Courier told.", **SIGNED}


def opened(client: FlaskClient, code: str, what: str = "Tube came 2 h late.") -> tuple[int, str]:
    form = {"kind": "donor", "code": code, "severity": "critical", "what": what}
    return send(client, "/deviations", form)


def page(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def test_a_deviation_is_opened_assessed_and_closed_through_its_pages(site: Site) -> None:
    code = eligible_donor(site).code
    app = web(site)
    bench = client_of(site, app, Role.TECHNOLOGIST)
    assert code in page(bench, f"/deviations/new?kind=donor&code={code}")
    status, where = opened(bench, code)
    assert (status, where) == (303, "/deviations/DEV-26-001")
    assert "waits for its assessment" in page(bench, where)
    quinn = client_of(site, app, staff(site, "quinn", Role.QUALITY))
    assert "Tube came 2 h late." in page(quinn, "/deviations")
    assert send(quinn, f"{where}/assessment", ASSESSED) == (303, where)
    assert "Sign and close" in page(quinn, where)
    assert send(quinn, f"{where}/closing", CLOSED) == (303, where)
    assert "Courier told." in page(quinn, where)
    assert "No deviation waits to be closed." in page(quinn, "/deviations")
    assert "CLOSED" in page(quinn, "/deviations?all=1")


def test_a_wrong_deviation_is_422_and_keeps_what_was_typed(site: Site) -> None:
    client = client_of(site, web(site), Role.NURSE)
    status, told = send(client, "/deviations", {"kind": "ship", "code": "x" * 10_000, "what": "Bag leaks."})
    assert status == 422
    assert "Bag leaks." in told
    status, told = opened(client, "D-9999", "Bag leaks.")
    assert status == 409
    assert "There is no donor with the code D-9999." in told
    assert "Bag leaks." in told


def test_a_wrong_password_or_an_empty_word_signs_nothing(site: Site) -> None:
    client = client_of(site, web(site), staff(site, "quinn", Role.QUALITY))
    _, where = opened(client, eligible_donor(site).code)
    assert send(client, f"{where}/closing", CLOSED)[0] == 409
    assert send(client, f"{where}/assessment", {**ASSESSED, "impact": " "})[0] == 422
    assert send(client, f"{where}/assessment", {**ASSESSED, "password": "wrong"})[0] == 422
    assert "OPEN" in page(client, where)


def test_who_opened_it_sees_that_another_closes_it(site: Site) -> None:
    client = client_of(site, web(site), staff(site, "quinn", Role.QUALITY))
    _, where = opened(client, eligible_donor(site).code)
    assert send(client, f"{where}/assessment", ASSESSED)[0] == 303
    assert "another person of the quality unit closes it" in page(client, where)
    assert send(client, f"{where}/closing", CLOSED)[0] == 409


def test_who_may_not_decide_reads_and_opens(site: Site) -> None:
    app = web(site)
    bench, auditor = client_of(site, app, Role.TECHNOLOGIST), client_of(site, app, Role.AUDITOR)
    _, where = opened(bench, eligible_donor(site).code)
    assert send(bench, f"{where}/assessment", ASSESSED)[0] == 403
    assert auditor.get("/deviations").status_code == 200
    assert auditor.get("/deviations/new").status_code == 403
    assert bench.get("/deviations/DEV-99").status_code == 404


@pytest.mark.parametrize("end", ["assessment", "closing"])
def test_signing_a_deviation_that_is_not_there_is_not_found(site: Site, end: str) -> None:
    client = client_of(site, web(site), Role.QUALITY)
    assert send(client, f"/deviations/DEV-99/{end}", {**ASSESSED, **CLOSED})[0] == 404
