"""The pages of holds."""

from flask.testing import FlaskClient

from app.access.models import Role
from app.site import Site
from tests.access.factories import PASSWORD, staff
from tests.donors.factories import eligible_donor
from tests.webapp import client_of, web


def send(client: FlaskClient, path: str, data: dict[str, str]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/holds")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def test_a_hold_is_placed_and_lifted_through_its_pages(site: Site) -> None:
    code = eligible_donor(site).code
    client = client_of(site, web(site), staff(site, "quinn", Role.QUALITY))
    assert code in client.get(f"/holds/new?kind=donor&code={code}").get_data(as_text=True)
    status, where = send(client, "/holds", {"kind": "donor", "code": code, "why": "Sample unclear."})
    assert status == 303
    assert "Sample unclear." in client.get("/holds").get_data(as_text=True)
    form = {"reason": "Sample identified.", "sign_in": "quinn", "password": PASSWORD}
    assert send(client, f"{where}/lift", form) == (303, where)
    assert "Sample identified." in client.get(where).get_data(as_text=True)
    assert "No hold is in force." in client.get("/holds").get_data(as_text=True)
    assert "LIFTED" in client.get("/holds?all=1").get_data(as_text=True)


def test_a_wrong_hold_is_422_and_keeps_what_was_typed(site: Site) -> None:
    client = client_of(site, web(site), Role.NURSE)
    status, page = send(client, "/holds", {"kind": "unit", "code": "MSC-99", "why": "Bag leaks."})
    assert status == 422
    assert "There is no unit with the code MSC-99." in page
    assert "Bag leaks." in page
    assert send(client, "/holds", {"kind": "ship", "code": "x" * 10_000, "why": ""})[0] == 422


def test_a_wrong_password_lifts_nothing(site: Site) -> None:
    code = eligible_donor(site).code
    client = client_of(site, web(site), staff(site, "quinn", Role.QUALITY))
    _, where = send(client, "/holds", {"kind": "donor", "code": code, "why": "Sample unclear."})
    form = {"reason": "Fine.", "sign_in": "quinn", "password": "wrong"}
    assert send(client, f"{where}/lift", form)[0] == 422
    assert send(client, f"{where}/lift", {**form, "reason": ""})[0] == 422
    assert "ON HOLD" in client.get(where).get_data(as_text=True)


def test_a_lifted_hold_is_not_lifted_twice(site: Site) -> None:
    code = eligible_donor(site).code
    client = client_of(site, web(site), staff(site, "quinn", Role.QUALITY))
    _, where = send(client, "/holds", {"kind": "donor", "code": code, "why": "Sample unclear."})
    form = {"reason": "Fine.", "sign_in": "quinn", "password": PASSWORD}
    assert send(client, f"{where}/lift", form)[0] == 303
    assert send(client, f"{where}/lift", form)[0] == 409
    assert client.get("/holds/HLD-99").status_code == 404


def test_the_auditor_reads_holds_and_places_none(site: Site) -> None:
    client = client_of(site, web(site), Role.AUDITOR)
    assert client.get("/holds").status_code == 200
    assert client.get("/holds/new").status_code == 403
