"""Faults in words."""

import logging

import pytest
from flask import Flask

from app.web.errors import WORDS
from tests.pages import PolicedClient


@pytest.mark.parametrize("status", sorted(WORDS))
def test_every_fault_page_says_what_to_do_next(client: PolicedClient, status: int) -> None:
    answer = client.get(f"/status/{status}")
    assert answer.status_code == status
    assert WORDS[status].next_step in answer.text.replace("&#39;", "'")


def test_a_program_gets_its_fault_as_json(client: PolicedClient) -> None:
    answer = client.get("/status/404", headers={"Accept": "application/json"})
    assert answer.get_json()["error"] == 404
    assert answer.get_json()["next_step"]


def test_a_wrong_method_is_answered_with_the_right_ones(client: PolicedClient) -> None:
    answer = client.post("/refused", data={"csrf_token": client.token("/bedside")})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_bug_shows_an_incident_and_nothing_of_the_inside(
    client: PolicedClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The same incident stands on the page and in the log."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/bug", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert f"incident {answer.get_json()['incident']}" in caplog.text


def test_a_fault_page_that_cannot_be_drawn_is_still_a_page(client: PolicedClient, app: Flask) -> None:
    """Who is signed in may be what broke: the last page asks nothing of anybody."""

    def broken() -> None:
        raise OSError("disk full")

    app.extensions["hilo.web"].who = broken
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "<h1>Not here</h1>" in answer.text
