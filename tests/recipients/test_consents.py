"""The patient's consent: recorded with its sheet, read under the name's permission, taken back."""

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from app.access.models import Role
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.recipients.consents import read_sheet, record_consent, withdraw_consent
from app.recipients.forms import ConsentWithdrawalForm
from app.recipients.models import CONSENT_MOVES, ConsentState
from app.recipients.queries import by_code, consent_in_force, consents_of
from app.recipients.rules import Why
from app.site import Site
from tests.donors.factories import someone
from tests.factories import AT, act
from tests.orders.factories import physician
from tests.recipients.factories import consent_form, recipient, withdraw
from tests.webapp import client_of, web

SHEET = b"%PDF-1.4 signed by Maria I Example"


def stands(site: Site, day_offset: int = 0) -> bool:
    with site.db.reading() as db:
        known = by_code(db, "LN-01")
        assert known is not None and known.id is not None
        return consent_in_force(db, known.id, AT.date() + timedelta(days=day_offset)) is not None


def test_a_consent_stands_from_its_signature_until_it_is_taken_back(site: Site) -> None:
    recipient(site, physician(site))
    assert stands(site) and not stands(site, -11)
    withdraw(site, "LN-01")
    assert not stands(site)
    with site.db.reading() as db:
        assert verify(db).ok


def test_the_latest_signature_counts_whatever_became_of_earlier_ones(site: Site) -> None:
    recipient(site, physician(site))
    with act(site, physician(site)) as work:
        record_consent(work, "LN-01", consent_form(form_version="3", signed_on=AT.date()))
    withdraw(site, "LN-01")
    assert not stands(site), "the withdrawn one is the latest"


def test_every_state_of_a_consent_has_its_moves() -> None:
    assert set(CONSENT_MOVES) == set(ConsentState)


def test_what_cannot_be_a_consent_is_refused(site: Site) -> None:
    recipient(site, physician(site))
    with act(site, physician(site)) as work:
        answers = [
            record_consent(work, "LN-77", consent_form()),
            record_consent(work, "LN-01", consent_form(signed_on=AT.date() + timedelta(days=1))),
            record_consent(work, "LN-01", consent_form(signed_on=AT.date() - timedelta(days=3653))),
        ]
    assert [no.reason for no in answers if isinstance(no, Refusal)] == [
        Why.RECIPIENT_UNKNOWN,
        Why.SIGNED_IN_FUTURE,
        Why.SIGNED_TOO_LONG_AGO,
    ]


def test_what_cannot_be_a_withdrawal_is_refused(site: Site) -> None:
    recipient(site, physician(site))

    def refused(code: str, consent: str, days: int) -> object:
        day = AT.date() + timedelta(days=days)
        form = ConsentWithdrawalForm(consent=consent, withdrawn_on=day, withdrawn_reason="no more")
        with act(site, physician(site)) as work:
            answer = withdraw_consent(work, code, form)
        return answer.reason if isinstance(answer, Refusal) else None

    assert refused("LN-77", "CST-25-001", 0) == Why.RECIPIENT_UNKNOWN
    assert refused("LN-01", "CST-25-999", 0) == Why.CONSENT_UNKNOWN
    assert refused("LN-01", "CST-25-001", 1) == Why.WITHDRAWN_BEFORE_SIGNED
    assert refused("LN-01", "CST-25-001", -11) == Why.WITHDRAWN_BEFORE_SIGNED
    assert refused("LN-01", "CST-25-001", 0) is None
    assert refused("LN-01", "CST-25-001", 0) == Why.CONSENT_WITHDRAWN


def test_reading_the_signed_sheet_is_kept_as_a_reading_of_the_name(site: Site) -> None:
    recipient(site, physician(site), consents=False)
    with act(site, physician(site)) as work:
        record_consent(work, "LN-01", consent_form(), (SHEET, "Maria I Example consent.pdf"))
    with act(site, physician(site)) as work:
        assert read_sheet(work, "LN-01", "CST-25-001") == SHEET
    with site.db.reading() as db:
        bodies = [bytes(body) for body in db.exec(select(LedgerEntry.body).order_by(col(LedgerEntry.seq)))]
    assert b"the signed sheet of CST-25-001" in bodies[-1]
    assert not any(b"Maria" in body or b"Example" in body for body in bodies)


@pytest.mark.parametrize(
    ("code", "consent", "why"),
    [
        ("LN-77", "CST-25-001", Why.RECIPIENT_UNKNOWN),
        ("LN-01", "CST-25-009", Why.CONSENT_UNKNOWN),
        ("LN-01", "CST-25-001", Why.SHEET_MISSING),
    ],
)
def test_a_sheet_that_is_not_there_is_refused(site: Site, code: str, consent: str, why: Why) -> None:
    recipient(site, physician(site))
    with act(site, physician(site)) as work:
        answer = read_sheet(work, code, consent)
    assert isinstance(answer, Refusal) and answer.reason == why


@pytest.fixture
def app(site: Site, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with one patient who has not signed."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    recipient(site, physician(site), consents=False)
    return web(site)


CONSENT = {
    "signed_on": "2025-04-22",
    "form_version": "2.1",
    "scope": "treatment",
    "kept_at": "ward folder 4, sheet 12",
}


def send(client: FlaskClient, path: str, data: Mapping[str, object]) -> TestResponse:
    token = client.token("/recipients/LN-01/consent")  # type: ignore[attr-defined]  # PolicedClient's
    return client.post(path, data={**data, "csrf_token": token}, content_type="multipart/form-data")


def test_a_consent_is_recorded_with_its_sheet_and_taken_back_on_the_page(app: Flask, site: Site) -> None:
    doctor = client_of(site, app, physician(site))
    assert "nothing is issued or given without one" in doctor.get("/recipients/LN-01").get_data(as_text=True)
    file = (BytesIO(SHEET), "scan.pdf")
    assert send(doctor, "/recipients/LN-01/consent", CONSENT | {"sheet": file}).status_code == 303
    page = doctor.get("/recipients/LN-01/consent").get_data(as_text=True)
    assert "SIGNED" in page and "22-Apr-2025" in page and "Open the sheet (recorded)" in page
    sheet = send(doctor, "/recipients/LN-01/consent/CST-25-001/sheet", {})
    assert sheet.data == SHEET and sheet.headers["Cache-Control"] == "no-store"
    back = {"consent": "CST-25-001", "withdrawn_on": "2025-04-28", "withdrawn_reason": "wishes no more"}
    assert send(doctor, "/recipients/LN-01/consent/withdrawal", back).status_code == 303
    assert "WITHDRAWN" in doctor.get("/recipients/LN-01").get_data(as_text=True)
    assert send(doctor, "/recipients/LN-01/consent/withdrawal", back).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "status", "sentence"),
    [
        ({"signed_on": "22/04/2025"}, 422, "write the date"),
        ({"signed_on": "2025-04-29"}, 409, "lies in the future"),
        ({"scope": "everything"}, 422, "choose one of"),
        ({"kept_at": ""}, 422, "fill this in"),
        ({"sheet": b"MZ not a pdf"}, 422, "This is not a PDF"),
    ],
)
def test_a_wrong_consent_keeps_what_was_typed(
    app: Flask, site: Site, wrong: dict[str, object], status: int, sentence: str
) -> None:
    doctor = client_of(site, app, physician(site))
    given = {
        name: (BytesIO(value), "scan.pdf") if isinstance(value, bytes) else value
        for name, value in (CONSENT | wrong).items()
    }
    answer = send(doctor, "/recipients/LN-01/consent", given)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status and sentence in page and 'value="2.1"' in page
    with site.db.reading() as db:
        known = by_code(db, "LN-01")
        assert known is not None and consents_of(db, known.id or 0) == []


def test_the_product_side_neither_writes_nor_opens_a_consent(app: Flask, site: Site) -> None:
    bank = client_of(site, app, someone(site, Role.TECHNOLOGIST, "bank"))
    assert bank.get("/recipients/LN-01/consent").status_code == 200
    assert send(bank, "/recipients/LN-01/consent", dict(CONSENT)).status_code == 403
    assert send(bank, "/recipients/LN-01/consent/CST-25-001/sheet", {}).status_code == 403
    doctor = client_of(site, app, physician(site))
    assert send(doctor, "/recipients/LN-01/consent/CST-25-001/sheet", {}).status_code == 404
    assert doctor.get("/recipients/LN-99/consent").status_code == 404
