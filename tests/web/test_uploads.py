"""Files that people send."""

import hashlib
import io
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.web.uploads import claimed
from tests.pages import PolicedClient

MB = 1024 * 1024


def send(client: PolicedClient, data: bytes, name: str = "beads.csv") -> TestResponse:
    """Post a file to the demo's upload page, which takes a CSV of at most 2 MB."""
    form = {"csrf_token": client.token("/bedside"), "beads": (io.BytesIO(data), name)}
    return client.post("/upload", data=form, headers={"Accept": "application/json"})


def test_a_file_is_known_by_its_hash(client: PolicedClient) -> None:
    answer = send(client, b"a,b\n1,2\n")
    assert answer.get_json() == {
        "size": 8,
        "sha256": hashlib.sha256(b"a,b\n1,2\n").hexdigest(),
        "name": "beads.csv",
    }


@pytest.mark.parametrize(
    ("data", "refused"),
    [(b"", "file_empty"), (b"\x89PNG\r\n\x1a\n\x00\x00", "file_of_another_kind")],
)
def test_a_file_that_cannot_be_right_is_refused_in_words(
    client: PolicedClient, data: bytes, refused: str
) -> None:
    answer = send(client, data)
    assert answer.status_code == 422
    assert answer.get_json()["refused"] == refused
    assert answer.get_json()["next_step"]


def test_no_file_is_refused_in_words(client: PolicedClient) -> None:
    data = {"csrf_token": client.token("/bedside")}
    answer = client.post("/upload", data=data, headers={"Accept": "application/json"})
    assert answer.get_json()["refused"] == "file_missing"


def test_a_file_a_little_too_large_is_refused_by_the_page(client: PolicedClient) -> None:
    answer = send(client, b"x" * (2 * MB + 1))
    assert answer.status_code == 413
    assert answer.get_json()["refused"] == "file_too_large"


def test_a_file_of_exactly_the_limit_is_taken(client: PolicedClient) -> None:
    assert send(client, b"x" * (2 * MB)).get_json()["size"] == 2 * MB


def test_a_file_of_a_gigabyte_is_refused_without_being_read(client: PolicedClient, tmp_path: Path) -> None:
    """Only so much is read (and thrown away) that the browser gets to see the answer."""
    with (tmp_path / "huge.fcs").open("w+b") as body:
        body.truncate(1024 * MB)
        kind = "multipart/form-data; boundary=x"
        answer = client.post("/upload", input_stream=body, content_type=kind)
        assert body.tell() <= 33 * MB
    assert answer.status_code == 413
    assert "larger than this page takes" in answer.text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\secret\\a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\x00\n.csv", "a.csv"),
        ("x" * 500, "x" * 120),
    ],
)
def test_the_name_of_a_file_is_only_a_note(name: str, kept: str) -> None:
    assert claimed(name) == kept
