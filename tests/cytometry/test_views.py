"""The pages of cytometry: upload, list, and one file with its picture."""

import io

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.access.models import Role
from app.cytometry.fcs_write import write
from app.cytometry.models import FlowFile
from app.site import Site
from tests.antibodies.factories import recipient
from tests.webapp import client_of, web

EVENTS = [[float(at * 37 % 900), float(at * 53 % 700), float(at % 7 * 1000)] for at in range(400)]
DATA = write(
    ["FSC-A", "SSC-A", "FL1-A"], ["", "", "CD19"], EVENTS, {"$CYT": "Cytometer 9", "$SRC": "Doe, Jane"}
)


@pytest.fixture
def laboratory(site: Site) -> FlaskClient:
    """The browser of the cytometry laboratory."""
    recipient(site, "LN-01")
    return client_of(site, web(site), Role.LABORATORY)


def send(client: FlaskClient, data: bytes | None = DATA, **fields: str) -> tuple[int, str]:
    """Upload; the status and the page, or where it leads."""
    form: dict[str, object] = {
        "recipient": "LN-01",
        "collected_on": "2025-06-05",
        "panel": "B cells",
        **fields,
    }
    form["csrf_token"] = client.token("/cytometry/upload")  # type: ignore[attr-defined]  # PolicedClient's
    if data is not None:
        form["file"] = (io.BytesIO(data), "tube.fcs")
    answer = client.post("/cytometry/upload", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def test_an_uploaded_file_has_a_page_with_picture_channels_and_keywords(laboratory: FlaskClient) -> None:
    status, where = send(laboratory)
    assert status == 303
    page = laboratory.get(where).get_data(as_text=True)
    assert "CD19" in page and "Cytometer 9" in page and "Doe" not in page
    assert "400 events are drawn" in page
    assert where.rsplit("/", 1)[-1] in laboratory.get("/cytometry").get_data(as_text=True)


def test_the_picture_is_a_png_of_the_channels_asked_for(laboratory: FlaskClient) -> None:
    _, where = send(laboratory)
    first = laboratory.get(f"{where}/density.png")
    other = laboratory.get(f"{where}/density.png?x=1&y=3")
    assert first.mimetype == "image/png" and first.data.startswith(b"\x89PNG")
    assert other.data.startswith(b"\x89PNG") and other.data != first.data
    assert "CD19 (FL1-A)" in laboratory.get(f"{where}?x=1&y=3").get_data(as_text=True)


@pytest.mark.parametrize("asked", ["?data_set=2", "?x=one&y=2", "?data_set=0"])
def test_what_the_file_does_not_have_is_not_here(laboratory: FlaskClient, asked: str) -> None:
    _, where = send(laboratory)
    assert laboratory.get(f"{where}{asked}").status_code == 404
    assert laboratory.get(f"{where}/density.png{asked}").status_code == 404


def test_a_channel_beyond_the_last_is_refused_in_words(laboratory: FlaskClient) -> None:
    _, where = send(laboratory)
    assert laboratory.get(f"{where}/density.png?x=1&y=9").status_code == 422
    assert "this file has the channels 1 to 3" in laboratory.get(f"{where}?x=1&y=9").get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "fields", "words"),
    [
        (DATA[:-30], {}, "but the file stops at byte"),
        (b"%PDF-1.7 and so on", {}, "This is not an FCS file"),
        (None, {}, "No file came with the form"),
        (b"", {}, "This file is empty"),
        (DATA, {"collected_on": "05/06/2025"}, "year-month-day"),
        (DATA, {"collected_on": "2999-01-01"}, "lies in the future"),
        (DATA, {"panel": ""}, "Panel: fill this in"),
        (DATA, {"recipient": "LN-77"}, "No recipient has the code LN-77"),
    ],
)
def test_a_wrong_upload_is_422_in_plain_words(
    site: Site, laboratory: FlaskClient, data: bytes | None, fields: dict[str, str], words: str
) -> None:
    status, page = send(laboratory, data, **fields)
    assert status == 422
    assert words in page
    with site.db.reading() as db:
        assert not db.exec(select(FlowFile)).all()


def test_the_same_file_twice_is_refused(laboratory: FlaskClient) -> None:
    assert send(laboratory)[0] == 303
    status, page = send(laboratory)
    assert status == 422 and "already kept as FCM-" in page


def test_who_may_read_may_not_upload(site: Site) -> None:
    nurse = client_of(site, web(site), Role.NURSE)
    assert nurse.get("/cytometry").status_code == 200
    assert nurse.get("/cytometry/upload").status_code == 403
    assert nurse.get("/cytometry/FCM-99-001").status_code == 404
