"""The pages of the ledger: read by those who may, verified on request, and two pages for everybody."""

import pytest
from flask import Flask

from app.access.models import Role
from app.evidence.checkpoints import read_line
from app.evidence.queries import entries_of
from app.site import Site
from app.tls import root_file
from tests.lots.factories import lot
from tests.quality.factories import quality, released_lot
from tests.webapp import client_of, web


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


def test_the_ledger_is_read_newest_first_and_sifted(site: Site, app: Flask) -> None:
    code = lot(site).code
    quality(site)
    client = client_of(site, app, Role.AUDITOR)
    page = client.get("/ledger").get_data(as_text=True)
    assert f"lot {code} opened" in page and "entered" in page
    opened = client.get("/ledger?kind=lots.opened").get_data(as_text=True)
    assert f"lot {code} opened" in opened and "is there for a test" not in opened
    assert "No entry matches" in client.get("/ledger?actor=nobody").get_data(as_text=True)
    for before in ("2", "0", "-1", "9" * 30, "x"):
        assert client.get(f"/ledger?before={before}").status_code == 200


def test_older_entries_are_a_page_further(site: Site, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.evidence.queries.PAGE", 2)
    lot(site)
    client = client_of(site, app, Role.AUDITOR)
    page = client.get("/ledger").get_data(as_text=True)
    assert "Older entries" in page
    older = client.get("/ledger?before=2").get_data(as_text=True)
    assert "is there for a test" in older and "Older entries" not in older


def test_one_entry_shows_what_changed_and_the_bytes(site: Site, app: Flask) -> None:
    code = released_lot(site, 1).code
    client = client_of(site, app, Role.AUDITOR)
    with site.db.reading() as db:
        seq = next(one["seq"] for one in entries_of(db, "lot", code) if one["kind"] == "quality.released")
    page = client.get(f"/ledger/{seq}").get_data(as_text=True)
    assert "quarantine" in page and "released" in page and "&#34;kind&#34;:&#34;quality.released&#34;" in page
    for path in ("/ledger/99999", f"/ledger/{'9' * 30}"):
        assert client.get(path).status_code == 404


def test_everything_is_verified_on_request_and_checkpoints_are_taken_away(site: Site, app: Flask) -> None:
    released_lot(site, 1)
    client = client_of(site, app, Role.AUDITOR)
    token = client.token("/ledger")  # type: ignore[attr-defined]  # PolicedClient's
    assert "Sound" in client.post("/ledger/verify", data={"csrf_token": token}).get_data(as_text=True)
    lines = client.get("/ledger/checkpoints.txt").get_data(as_text=True).splitlines()
    assert lines and all(read_line(one) for one in lines)


def test_a_damaged_row_is_shown_with_its_table(site: Site, app: Flask) -> None:
    from app.kernel.engine import open_engine

    code = lot(site).code
    owner = open_engine(site.settings.database_owner, writable=True)
    with owner.connect() as connection:
        connection.exec_driver_sql(f"UPDATE lot SET product = 'Other' WHERE code = '{code}'")  # noqa: S608  our own code
        connection.commit()
    owner.dispose()
    client = client_of(site, app, Role.AUDITOR)
    token = client.token("/ledger")  # type: ignore[attr-defined]  # as above
    page = client.post("/ledger/verify", data={"csrf_token": token}).get_data(as_text=True)
    assert "1 problem found" in page and ">lot</th>" in page and "Do not change anything" in page


def test_health_and_trust_are_open_and_the_ledger_is_not(site: Site, app: Flask) -> None:
    stranger = app.test_client()
    assert stranger.get("/health").get_json() == {"ok": True}
    assert "has not made its own certificate" in stranger.get("/trust").get_data(as_text=True)
    assert stranger.get("/trust/root.crt").status_code == 404
    file = root_file(site.settings.data)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a certificate")
    assert "Download the site" in stranger.get("/trust").get_data(as_text=True)
    assert stranger.get("/trust/root.crt").data == b"a certificate"
    assert stranger.get("/ledger").status_code == 303
    nurse = client_of(site, app, Role.NURSE)
    for path in ("/ledger", "/ledger/1", "/ledger/checkpoints.txt"):
        assert nurse.get(path).status_code == 403
    technologist = client_of(site, app, Role.TECHNOLOGIST)
    token = technologist.token("/ledger")  # type: ignore[attr-defined]  # as above
    assert technologist.post("/ledger/verify", data={"csrf_token": token}).status_code == 403
