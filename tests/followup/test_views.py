"""The recipient's timeline: one axis, the same values as tables and as CSV, and visits recorded on it."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from app.access.models import Role
from app.recipients.models import Recipient
from app.site import Site
from app.web.csvtext import csv_text
from tests.antibodies.factories import imported, recipient
from tests.followup.factories import infused, promised
from tests.webapp import client_of, web

PATH = "/recipients/LN-01/timeline"


@pytest.fixture
def treated(site: Site) -> Recipient:
    """LN-01 with an infusion, and sera before and after it."""
    made = recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    imported(site, "LN-01", date(2025, 4, 28), {"A*24:02": 180})
    imported(site, "LN-01", date(2025, 6, 5), {"A*24:02": 1850})
    return made


@pytest.fixture
def nurse(site: Site) -> FlaskClient:
    """The browser of a nurse."""
    return client_of(site, web(site), Role.NURSE)


def record(client: FlaskClient, **fields: str) -> tuple[int, str]:
    form = {"timepoint": "month_1", "happened_on": "2025-06-05", **fields}
    form["csrf_token"] = client.token(PATH)  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post("/recipients/LN-01/visits", data=form)
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


@pytest.mark.usefixtures("treated")
def test_the_timeline_shows_the_antibody_that_came(nurse: FlaskClient) -> None:
    page = nurse.get(PATH).get_data(as_text=True)
    assert "Infusion MSC-25-001-B01" in page
    assert "De novo antibody" in page and "A*24:02 of D-0007" in page
    assert "positive from 1500" in page.replace(",", "")
    assert page.count('class="point s1 hollow"') >= 1
    assert "window-missing" in page
    assert "Day 0 is the first infusion" in page


def test_a_recipient_of_whom_nothing_is_known_has_a_page_too(site: Site, nurse: FlaskClient) -> None:
    recipient(site, "LN-01")
    page = nurse.get(PATH).get_data(as_text=True)
    assert "No infusion yet." in page and "No cytometry file yet." in page
    assert nurse.get("/recipients/LN-77/timeline").status_code == 404


@pytest.mark.usefixtures("treated")
def test_a_visit_is_recorded_on_the_page(nurse: FlaskClient) -> None:
    assert record(nurse) == (303, "/recipients/LN-01/visits/month_1")
    assert "ON TIME" in nurse.get(PATH).get_data(as_text=True)
    status, page = record(nurse)
    assert status == 422 and "already recorded" in page


@pytest.mark.usefixtures("treated")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"happened_on": "05/06/2025"}, "year-month-day"),
        ({"happened_on": "2999-01-01"}, "lies in the future"),
        ({"happened_on": "2025-05-01"}, "is not after the first infusion"),
        ({"timepoint": "month_2"}, "Visit: choose one of"),
    ],
)
def test_a_wrong_visit_is_422_and_keeps_what_was_typed(
    nurse: FlaskClient, fields: dict[str, str], words: str
) -> None:
    status, page = record(nurse, **fields)
    assert status == 422
    assert words in page
    assert f'value="{fields.get("happened_on", "2025-06-05")}"' in page


@pytest.mark.usefixtures("treated")
def test_the_same_values_leave_as_csv(nurse: FlaskClient) -> None:
    answer = nurse.get("/recipients/LN-01/timeline.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "antibody,2025-06-05,30,highest MFI against D-0007,1850.00,MFI" in answer.get_data(as_text=True)


def test_no_cell_of_a_csv_is_a_formula() -> None:
    told = csv_text(("note",), [("=1+1",), ("@x",), ("-2",), (-2,), ("a;b",), (None,)])
    assert told.splitlines() == ["\ufeffnote", "'=1+1", "'@x", "'-2", "-2", "a;b", '""']


@pytest.mark.usefixtures("treated")
def test_visits_that_wait_are_listed(nurse: FlaskClient) -> None:
    page = nurse.get("/followup").get_data(as_text=True)
    assert "LN-01" in page and "MISSING" in page


def test_who_may_not_read_the_follow_up_sees_none_of_it(site: Site) -> None:
    maker = client_of(site, web(site), Role.TECHNOLOGIST)
    assert maker.get("/followup").status_code == 403
    assert maker.get(PATH).status_code == 403
