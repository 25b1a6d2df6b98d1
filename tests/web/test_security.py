"""Headers, limits, cross-site requests."""

import pytest
from flask import Flask

from app.web.security import CSP, WORKER_CSP, as_attachment
from tests.pages import PolicedClient


@pytest.mark.parametrize("path", ["/", "/bedside", "/nowhere", "/bug", "/static/js/hilo.mjs"])
def test_every_answer_carries_the_strict_policy(client: PolicedClient, app: Flask, path: str) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_scripts_come_from_us_and_only_the_worker_may_compile(client: PolicedClient) -> None:
    assert "script-src 'self';" in CSP
    assert "unsafe" not in CSP
    worker = client.get("/static/js/decode-worker.mjs")
    assert worker.headers["Content-Security-Policy"] == WORKER_CSP
    assert "script-src 'self' 'wasm-unsafe-eval';" in WORKER_CSP


def test_pages_are_never_kept_by_a_cache(client: PolicedClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_https_is_remembered_for_a_year_and_http_is_not(client: PolicedClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    told = client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert told.startswith("max-age=31536000")


def test_a_form_without_its_token_changes_nothing(client: PolicedClient, app: Flask) -> None:
    answer = client.post("/note", data={"note": "x"})
    assert answer.status_code == 400
    assert "Reload the page" in answer.text or "reload the page" in answer.text
    assert app.extensions["demo"] == []


def test_a_form_with_its_token_is_taken_over_https_too(client: PolicedClient, app: Flask) -> None:
    """Our pages send no Referer, so the token must do without it."""
    base = "https://localhost"
    page = client.get("/bedside", base_url=base).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post("/note", base_url=base, data={"note": "x", "csrf_token": token}).status_code == 200
    assert app.extensions["demo"] == [{"note": "x"}]


@pytest.mark.parametrize("started_by", ["cross-site", "same-site"])
def test_a_request_that_another_site_started_is_refused(
    client: PolicedClient, app: Flask, started_by: str
) -> None:
    data = {"note": "x", "csrf_token": client.token("/bedside")}
    assert client.post("/note", data=data, headers={"Sec-Fetch-Site": started_by}).status_code == 403
    assert app.extensions["demo"] == []


def test_a_json_post_needs_the_token_too(client: PolicedClient) -> None:
    assert client.post("/ignored", json={"text": "x"}).status_code == 400
    token = client.token("/bedside")
    assert client.post("/ignored", json={"text": "x"}, headers={"X-CSRFToken": token}).status_code == 200


def test_a_host_that_is_not_ours_is_refused(client: PolicedClient, app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["hilo.hospital.example"]
    assert client.get("/", base_url="http://evil.example").status_code == 400
    assert client.get("/", base_url="http://hilo.hospital.example").status_code == 200


def test_thousands_of_form_parts_are_refused(client: PolicedClient) -> None:
    parts = {f"f{n}": (b"x", "") for n in range(500)} | {"csrf_token": client.token("/bedside")}
    answer = client.post(
        "/note", data={k: str(v) for k, v in parts.items()}, content_type="multipart/form-data"
    )
    assert answer.status_code == 413


def test_a_form_field_of_a_megabyte_is_refused(client: PolicedClient) -> None:
    assert client.post("/note", data={"note": "x" * 1_200_000}).status_code == 413


def test_an_uploaded_file_is_given_back_as_a_file_and_never_as_a_page(app: Flask) -> None:
    with app.test_request_context():
        answer = as_attachment(app.make_response(b"<script>"), "result.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="result.csv"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
