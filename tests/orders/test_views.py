"""Pages of orders: a physician prescribes what the page showed, the bank promises a bag."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access import passwords
from app.access.models import Role
from app.access.operations import set_password
from app.access.passwords import Hasher, prepared
from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.concerns.operations import place_hold
from app.kernel import clock
from app.site import Site
from tests.access.factories import PASSWORD
from tests.donors.factories import someone
from tests.factories import AT, act
from tests.lots.factories import PRODUCT
from tests.orders.factories import order, physician, released_lot, technologist
from tests.recipients.factories import recipient, withdraw
from tests.webapp import client_of, web

DOSE = {
    "recipient": "LN-01",
    "product": PRODUCT,
    "dose_million": "90",
    "route": "intravenous",
    "weight_kg": "60",
    "weighed_on": "2025-04-28",
    "planned_on": "2025-05-06",
    "regime": "compassionate_use",
    "authorisation_number": "CU-2025-017",
    "authorised_on": "2025-04-22",
}


@pytest.fixture
def app(site: Site, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application at the time of the prescription; the physician has a password."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(passwords, "HASHER", Hasher(1, 8, 1))
    recipient(site, physician(site))
    with act(site, physician(site)) as work:
        set_password(work, "physician", prepared(PASSWORD))
    return web(site)


@pytest.fixture
def doctor(app: Flask, site: Site) -> FlaskClient:
    """The physician's browser."""
    return client_of(site, app, physician(site))


def send(client: FlaskClient, path: str, **data: object) -> TestResponse:
    token = client.token("/orders")  # type: ignore[attr-defined]  # PolicedClient's
    return client.post(path, data={**data, "csrf_token": token})


def shown(page: str) -> str:
    return page.partition('name="shown" value="')[2][:64]


def test_the_dose_is_shown_in_digits_and_words_and_signed(doctor: FlaskClient) -> None:
    page = send(doctor, "/orders/review", **DOSE).get_data(as_text=True)
    assert "90 × 10⁶" in page and "ninety million" in page and "28-Apr-2025" in page
    answer = send(doctor, "/orders", **DOSE, sign_in="physician", password=PASSWORD, shown=shown(page))
    assert answer.headers["Location"] == "/orders/ORD-25-001"
    assert "PRESCRIBED" in doctor.get("/orders/ORD-25-001").get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"dose_million": "900"}, "10 times ninety million"),
        ({"dose_million": "9"}, "10 times less than ninety million"),
        ({"dose_million": "-90"}, "must be more than 0"),
        ({"dose_million": ".9"}, "write a number"),
        ({"dose_million": "90,5"}, "write a number"),
        ({"weighed_on": "2025-04-30"}, "day of weighing lies in the future"),
        ({"planned_on": "2024-05-06"}, "The planned day is over."),
        ({"weight_kg": "600"}, "cannot be right"),
        ({"weight_kg": "6"}, "for 60 kg it would fit"),
        ({"weighed_on": "2015-04-28"}, "older than 30 days"),
        ({"dose_basis": "cells_per_kg", "dose_million": "15"}, "10 times ninety million"),
        ({"dose_basis": "per_gram"}, "choose one of"),
        ({"regime": "because"}, "choose one of"),
        ({"authorisation_number": ""}, "fill this in"),
        ({"authorised_on": "2025-05-22"}, "authorisation lies in the future"),
        ({"recipient": "LN-99"}, "No recipient has the code"),
    ],
)
def test_a_slip_is_stopped_before_the_signature_and_stays_on_the_form(
    doctor: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    answer = send(doctor, "/orders/review", **(DOSE | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in page
    assert "/orders/review" in page


def test_a_dose_per_kg_is_shown_and_signed_both_ways(doctor: FlaskClient) -> None:
    per_kg = DOSE | {"dose_basis": "cells_per_kg", "dose_million": "1.5"}
    page = send(doctor, "/orders/review", **per_kg).get_data(as_text=True)
    assert "ninety million" in page and "one million five hundred thousand" in page
    answer = send(doctor, "/orders", **per_kg, sign_in="physician", password=PASSWORD, shown=shown(page))
    page = doctor.get(answer.headers["Location"]).get_data(as_text=True)
    assert "ninety million" in page and "compassionate use" in page and "CU-2025-017 of 22-Apr-2025" in page


def test_what_was_changed_between_page_and_signature_is_not_signed(doctor: FlaskClient) -> None:
    page = send(doctor, "/orders/review", **DOSE).get_data(as_text=True)
    other = DOSE | {"dose_million": "150"}
    answer = send(doctor, "/orders", **other, sign_in="physician", password=PASSWORD, shown=shown(page))
    assert answer.status_code == 422 and "has changed" in answer.get_data(as_text=True)


def test_a_wrong_password_prescribes_nothing(doctor: FlaskClient) -> None:
    answer = send(doctor, "/orders", **DOSE, sign_in="physician", password="not this one", shown="")
    assert answer.status_code == 401
    assert "No order yet." in doctor.get("/orders").get_data(as_text=True)


def test_only_a_physician_prescribes(app: Flask, site: Site) -> None:
    nurse = client_of(site, app, someone(site, Role.NURSE, "nurse1"))
    assert nurse.get("/orders/new").status_code == 403
    assert send(nurse, "/orders", **DOSE).status_code == 403


def test_a_bag_is_promised_and_taken_back(app: Flask, site: Site) -> None:
    serials = released_lot(site, 2)
    code = order(site).code
    bank = client_of(site, app, technologist(site))
    page = bank.get(f"/orders/{code}").get_data(as_text=True)
    assert "MSC-25-001-B01" in page and "No serum of this recipient" in page
    assert send(bank, f"/orders/{code}/allocate", unit="MSC-25-001-B77").status_code == 409
    assert send(bank, f"/orders/{code}/allocate").status_code == 422
    assert send(bank, f"/orders/{code}/allocate", unit=serials["MSC-25-001-B02"]).status_code == 303
    assert "ALLOCATED" in bank.get(f"/orders/{code}").get_data(as_text=True)
    assert send(bank, f"/orders/{code}/undo").status_code == 422
    assert send(bank, f"/orders/{code}/undo", reason="fever").status_code == 303
    assert "Undone: fever" in bank.get(f"/orders/{code}").get_data(as_text=True)


def test_the_order_shows_consent_and_dmso_of_each_bag(app: Flask, site: Site) -> None:
    released_lot(site, 1)
    code = order(site).code
    bank = client_of(site, app, technologist(site))
    page = bank.get(f"/orders/{code}").get_data(as_text=True)
    assert "2.2 g in this bag; all bags of the day 2.2 g, 0.037 g per kg (limit 1 g per kg and day)" in page
    assert "CST-25-001, form version 2.1, signed on 18-Apr-2025" in page
    withdraw(site, "LN-01")
    assert "No signed consent of LN-01 stands." in bank.get(f"/orders/{code}").get_data(as_text=True)
    refused = send(bank, f"/orders/{code}/allocate", unit="MSC-25-001-B01")
    assert refused.status_code == 409 and "No signed consent" in refused.get_data(as_text=True)


def test_an_offered_bag_says_that_it_is_held_and_how_many_deviations_are_open(app: Flask, site: Site) -> None:
    released_lot(site, 2)
    code = order(site).code
    bank = client_of(site, app, technologist(site))
    assert "ON HOLD" not in bank.get(f"/orders/{code}").get_data(as_text=True)
    with act(site, technologist(site)) as work:
        place_hold(work, SubjectKind.UNIT, "MSC-25-001-B02", "The overwrap is torn.")
        open_deviation(work, SubjectKind.LOT, "MSC-25-001", "The tank ran low.", Severity.MINOR)
    page = bank.get(f"/orders/{code}").get_data(as_text=True)
    assert page.count("ON HOLD") == 1 and page.count("1 open deviation") == 2


def test_an_order_is_not_ready_before_its_bag_and_can_be_not_given(
    app: Flask, site: Site, doctor: FlaskClient
) -> None:
    assert app is not None
    code = order(site).code
    early = send(doctor, f"/orders/{code}/ready")
    assert early.status_code == 409 and "No bag is allocated" in early.get_data(as_text=True)
    assert send(doctor, f"/orders/{code}/not-given", reason="").status_code == 422
    assert send(doctor, f"/orders/{code}/not-given", reason="consent withdrawn").status_code == 303
    assert "consent withdrawn" in doctor.get(f"/orders/{code}").get_data(as_text=True)
    assert send(doctor, f"/orders/{code}/not-given", reason="again").status_code == 409


def test_an_order_that_is_not_there_is_404(doctor: FlaskClient) -> None:
    assert doctor.get("/orders/ORD-25-999").status_code == 404


def test_the_recipients_page_lists_the_orders(doctor: FlaskClient, site: Site) -> None:
    code = order(site).code
    assert code in doctor.get("/recipients/LN-01").get_data(as_text=True)
