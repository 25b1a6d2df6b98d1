"""The pages of antibodies: a bead file in two steps, every fault named, and what a serum says."""

import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.access.models import Role
from app.antibodies.models import BeadRun
from app.evidence.files import StoredFile
from app.evidence.models import LedgerEntry
from app.site import Site
from tests.antibodies.factories import bead_file, imported, recipient
from tests.webapp import client_of, web

DAY = date(2025, 6, 5)


@pytest.fixture
def laboratory(site: Site) -> FlaskClient:
    """The browser of the HLA laboratory."""
    recipient(site, "LN-02")
    return client_of(site, web(site), Role.LABORATORY)


def send(client: FlaskClient, data: bytes | None, **fields: str) -> tuple[int, str]:
    """The first step; the status and the page, or where it leads."""
    form: dict[str, object] = {"recipient": "LN-02", "date_order": "month_first", **fields}
    form["csrf_token"] = client.token("/antibodies/upload")  # type: ignore[attr-defined]  # PolicedClient's
    if data is not None:
        form["file"] = (io.BytesIO(data), "export.csv")
    answer = client.post("/antibodies/upload", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def assign(client: FlaskClient, where: str, **fields: str) -> tuple[int, str]:
    """The second step with these fields."""
    sha256 = where.split("/")[-1].split("?")[0]
    form = {"recipient": "LN-02", "date_order": "month_first", **fields}
    form["csrf_token"] = client.token("/antibodies/upload")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(f"/antibodies/files/{sha256}", data=form)
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def test_a_bead_file_is_taken_in_two_steps(site: Site, laboratory: FlaskClient) -> None:
    assert "No bead results yet" in laboratory.get("/antibodies").get_data(as_text=True)
    status, where = send(laboratory, bead_file(("SYN-M1", DAY, {"A*24:02": 1850}), ("SYN-M3", DAY, {})))
    assert status == 303
    page = laboratory.get(where).get_data(as_text=True)
    assert "Sample SYN-M1: blood drawn on" in page and "05-Jun-2025" in page
    assert assign(laboratory, where, **{"drawn-1": "2025-06-05"}) == (303, "/antibodies")
    assert "SER-" in laboratory.get("/antibodies").get_data(as_text=True)
    with site.db.reading() as db:
        assert db.exec(select(BeadRun)).one().sample_name == "SYN-M1"


def test_every_fault_of_a_file_is_shown_with_its_place_and_next_step(
    site: Site, laboratory: FlaskClient
) -> None:
    data = bead_file(("M0", DAY, {})).replace(b'"57.25"', b'"x57"').replace(b'"06/05/2025"', b'"31/31/2025"')
    status, page = send(laboratory, data)
    assert status == 422
    assert "Line 2, RunDate: found" in page and "choose that order and upload again" in page
    assert 'value="LN-02" selected' in page
    with site.db.reading() as db:
        assert not db.exec(select(StoredFile)).all()
        assert b"file_unreadable" in db.exec(select(LedgerEntry.body)).all()[-1]


@pytest.mark.parametrize(
    ("data", "fields", "words"),
    [
        (None, {}, "No file came with the form"),
        (b"", {}, "This file is empty"),
        (b"FCS3.1\x00", {}, "This is not a CSV table"),
        (b"x", {"date_order": ""}, "Order of day and month: fill this in"),
        (b"x", {"recipient": "LN-77"}, "No recipient has the code LN-77"),
        (b"x;y", {}, "The file cannot be taken"),
    ],
)
def test_a_wrong_upload_is_422_in_plain_words(
    laboratory: FlaskClient, data: bytes | None, fields: dict[str, str], words: str
) -> None:
    status, page = send(laboratory, data, **fields)
    assert status == 422
    assert words in page


def test_a_file_of_a_gigabyte_is_refused_unread(laboratory: FlaskClient) -> None:
    token = laboratory.token("/antibodies/upload")  # type: ignore[attr-defined]  # PolicedClient's
    answer = laboratory.post(
        "/antibodies/upload",
        data={"csrf_token": token},
        content_type="multipart/form-data",
        environ_overrides={"CONTENT_LENGTH": str(2**30)},
    )
    assert answer.status_code == 413


def test_a_wrong_day_in_the_second_step_is_422_and_keeps_what_was_typed(
    site: Site, laboratory: FlaskClient
) -> None:
    _, where = send(laboratory, bead_file(("M0", DAY, {})))
    status, page = assign(laboratory, where, **{"drawn-1": "06/05/2025"})
    assert status == 422 and "year-month-day" in page and "06/05/2025" in page
    status, page = assign(laboratory, where, **{"drawn-1": ""})
    assert status == 422 and "No sample of the file was given" in page
    status, page = assign(laboratory, where, **{"drawn-1": "2025-06-06"})
    assert status == 422 and "cannot have been tested" in page
    with site.db.reading() as db:
        assert not db.exec(select(BeadRun)).all()


def test_the_second_step_of_nothing_is_not_here(laboratory: FlaskClient) -> None:
    nothing = "0" * 64
    assert (
        laboratory.get(f"/antibodies/files/{nothing}?recipient=LN-02&date_order=day_first").status_code == 404
    )
    assert laboratory.get(f"/antibodies/files/{nothing}").status_code == 404
    assert assign(laboratory, nothing, date_order="")[0] == 422


def test_the_page_of_a_serum_shows_every_bead_with_its_bar(site: Site, laboratory: FlaskClient) -> None:
    serum, _ = imported(site, "LN-02", DAY, {"A*24:02": 1850, "A*02:01": 4000})
    page = laboratory.get(f"/antibodies/sera/{serum.code}").get_data(as_text=True)
    assert "A*24:02" in page and "1850" in page.replace(",", "")
    assert 'class="mfi-positive"' in page
    assert "own and reads 4000 MFI" in page
    assert "positive from 1500 MFI" in page
    assert laboratory.get("/antibodies/sera/SER-99-999").status_code == 404
    assert laboratory.get("/antibodies/sera/SER-99-999/beads.csv").status_code == 404


def test_the_beads_leave_as_csv(site: Site, laboratory: FlaskClient) -> None:
    serum, _ = imported(site, "LN-02", DAY, {"A*24:02": 1850})
    answer = laboratory.get(f"/antibodies/sera/{serum.code}/beads.csv")
    assert answer.mimetype == "text/csv"
    assert "A*24:02,1850.00,120,positive" in answer.get_data(as_text=True)


def test_who_may_read_may_not_upload(site: Site) -> None:
    nurse = client_of(site, web(site), Role.NURSE)
    assert nurse.get("/antibodies").status_code == 200
    assert "Upload a bead file" not in nurse.get("/antibodies").get_data(as_text=True)
    assert nurse.get("/antibodies/upload").status_code == 403
