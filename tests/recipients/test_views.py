"""Pages of recipients: by code everywhere, by name only on request."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access.models import Role
from app.recipients.rules import Why
from app.site import Site
from labels.payload import Kind, issue
from labels.payload import Why as Fault
from tests.access.factories import kinds
from tests.donors.factories import someone
from tests.recipients.factories import recipient
from tests.webapp import client_of, web

NEW = {
    "family_name": "Muster",
    "given_name": "Anna",
    "born_on": "1984-05-12",
    "record_number": "7K3M-0001",
    "diagnosis": "lupus nephritis, class IV",
}


@pytest.fixture
def ward(site: Site) -> FlaskClient:
    """A nurse's browser."""
    return client_of(site, web(site), someone(site, Role.NURSE, "nurse1"))


def send(client: FlaskClient, path: str, **data: object) -> TestResponse:
    token = client.token("/recipients")  # type: ignore[attr-defined]  # PolicedClient's
    return client.post(path, data={**data, "csrf_token": token})


def test_a_recipient_is_registered_and_then_only_a_code(ward: FlaskClient) -> None:
    answer = send(ward, "/recipients/new", **NEW)
    assert answer.headers["Location"] == "/recipients/LN-01"
    page = ward.get("/recipients/LN-01").get_data(as_text=True)
    assert "lupus nephritis" in page
    assert "MUSTER" not in page.upper() and "7K3M-0001" not in page


@pytest.mark.parametrize(
    "wrong",
    [{"born_on": "12/05/1984"}, {"born_on": "2984-05-12"}, {"family_name": ""}, {"record_number": "1" * 41}],
)
def test_what_cannot_be_keeps_what_was_typed(ward: FlaskClient, wrong: dict[str, str]) -> None:
    answer = send(ward, "/recipients/new", **(NEW | wrong))
    assert answer.status_code == 422
    assert 'value="Anna"' in answer.get_data(as_text=True)


def test_the_name_is_shown_on_request_and_the_reading_is_kept(site: Site, ward: FlaskClient) -> None:
    send(ward, "/recipients/new", **NEW)
    answer = send(ward, "/recipients/LN-01/identity")
    assert "MUSTER, Anna" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert kinds(site)[-1] == "recipients.identity_read"


def test_a_role_without_the_permission_never_sees_a_name(site: Site) -> None:
    recipient(site, someone(site, Role.PHYSICIAN, "physician"))
    auditor = client_of(site, web(site), someone(site, Role.AUDITOR, "auditor"))
    assert send(auditor, "/recipients/LN-01/identity").status_code == 403
    assert "Show the name" not in auditor.get("/recipients/LN-01").get_data(as_text=True)


def test_a_wristband_is_printed_put_on_and_made_void(ward: FlaskClient) -> None:
    send(ward, "/recipients/new", **NEW)
    printed = send(ward, "/recipients/LN-01/wristbands")
    assert printed.mimetype == "application/pdf" and printed.data.startswith(b"%PDF")
    page = ward.get("/recipients/LN-01").get_data(as_text=True)
    serial = page.partition('data-code="')[2][:16]
    assert send(ward, "/recipients/LN-01/wristbands/apply", code=serial).status_code == 303
    assert send(ward, "/recipients/LN-01/wristbands/apply", code=serial).status_code == 409
    assert send(ward, "/recipients/LN-01/wristbands/void", serial=serial).status_code == 422
    voided = send(ward, "/recipients/LN-01/wristbands/void", serial=serial, reason="cut off")
    assert voided.status_code == 303
    assert "cut off" in ward.get("/recipients/LN-01").get_data(as_text=True)


def test_a_code_that_is_no_wristband_is_not_put_on(ward: FlaskClient) -> None:
    send(ward, "/recipients/new", **NEW)
    for text, why in (
        ("5901234123457", Fault.OTHER_BARCODE),
        (issue(Kind.CONTAINER), Why.NOT_A_WRISTBAND),
        (issue(Kind.WRISTBAND), Why.BAND_UNKNOWN),
    ):
        answer = send(ward, "/recipients/LN-01/wristbands/apply", code=text)
        assert answer.status_code == 409
        assert f'data-reason="{why.value}"' in answer.get_data(as_text=True)


def test_a_typing_is_recorded_and_a_wrong_one_is_refused(ward: FlaskClient) -> None:
    send(ward, "/recipients/new", **NEW)
    typing = {"method": "SBT", "laboratory": "HLA lab", "typed_on": "2025-04-20"}
    wrong = send(ward, "/recipients/LN-01/typing", alleles="Z*99:99", **typing)
    assert wrong.status_code == 422 and "Z*99:99" in wrong.get_data(as_text=True)
    assert send(ward, "/recipients/LN-01/typing", alleles="A*02:01 B*07:02", **typing).status_code == 303
    assert "A*02:01 B*07:02" in ward.get("/recipients/LN-01").get_data(as_text=True)
    again = send(ward, "/recipients/LN-01/typing", alleles="A*02:01", **typing)
    assert again.status_code == 422 and "needs a reason" in again.get_data(as_text=True)


def test_a_recipient_who_is_not_there_is_404(ward: FlaskClient) -> None:
    assert ward.get("/recipients/LN-99").status_code == 404
    assert send(ward, "/recipients/LN-99/identity").status_code == 404
