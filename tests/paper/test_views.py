"""The shelf of papers: issued, shown page by page, downloaded as issued."""

import hashlib

from app.access.models import Role
from app.site import Site
from tests.lots.factories import lot
from tests.paper.factories import issued
from tests.quality.factories import analysed_lot, decided, released_lot, superseding
from tests.webapp import client_of, web


def test_a_batch_record_is_issued_shown_and_downloaded(site: Site) -> None:
    code = lot(site).code
    client = client_of(site, web(site), Role.QUALITY)
    assert "No document was issued yet" in client.get("/papers").get_data(as_text=True)
    token = client.token("/papers")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(f"/lots/{code}/record", data={"csrf_token": token})
    assert answer.status_code == 303
    where = answer.headers["Location"]
    page = client.get(where).get_data(as_text=True)
    assert f"Batch record of {code}, revision 1" in page and "Page 1 of" in page
    assert client.get(f"{where}.pdf").data.startswith(b"%PDF-")
    assert client.get(f"{where}/1.png").data.startswith(b"\x89PNG")
    assert client.get(f"{where}/99.png").status_code == 404
    again = client.post(f"/lots/{code}/record", data={"csrf_token": token})
    assert again.headers["Location"] == f"{where}?unchanged=1"
    assert "Nothing has changed since revision 1" in client.get(f"{where}?unchanged=1").get_data(as_text=True)
    told = client.post(f"/lots/{code}/record", data={"csrf_token": token, "reason": "the print was lost"})
    page = client.get(told.headers["Location"]).get_data(as_text=True)
    assert "revision 2" in page and "the print was lost" in page and "Chapter by chapter" in page
    assert "This revision is superseded" in client.get(where).get_data(as_text=True)
    endless = client.post(f"/lots/{code}/record", data={"csrf_token": token, "reason": "x" * 501})
    assert endless.status_code == 422


def test_every_download_of_a_revision_is_the_same_bytes_for_ever(site: Site) -> None:
    code = released_lot(site, 1).code
    kept = issued(site, code).paper
    superseding(site, code, "cd34", "0.5")
    issued(site, code)
    client = client_of(site, web(site), Role.AUDITOR)
    bodies = [client.get(f"/papers/{kept.serial}.pdf").data for _ in range(3)]
    assert {hashlib.sha256(body).hexdigest() for body in bodies} == {kept.sha256}


def test_a_certificate_is_issued_from_the_lot_page_once_the_lot_is_decided(site: Site) -> None:
    code = analysed_lot(site, 1).code
    client = client_of(site, web(site), Role.QUALITY)
    token = client.token("/papers")  # type: ignore[attr-defined]  # PolicedClient's
    too_early = client.post(f"/lots/{code}/certificate", data={"csrf_token": token})
    assert too_early.status_code == 409 and "was not decided" in too_early.get_data(as_text=True)
    decided(site, code)
    assert f"/lots/{code}/certificate" in client.get(f"/lots/{code}").get_data(as_text=True)
    answer = client.post(f"/lots/{code}/certificate", data={"csrf_token": token})
    assert "Certificate of" in client.get(answer.headers["Location"]).get_data(as_text=True)


def test_what_is_not_there_or_not_allowed_is_answered(site: Site) -> None:
    app = web(site)
    client = client_of(site, app, Role.QUALITY)
    token = client.token("/papers")  # type: ignore[attr-defined]  # PolicedClient's
    assert client.post("/lots/MSC-99-999/record", data={"csrf_token": token}).status_code == 404
    for path in ("/papers/D0", "/papers/D0.pdf", "/papers/D0/1.png"):
        assert client.get(path).status_code == 404
    nurse = client_of(site, app, Role.NURSE)
    assert nurse.get("/papers").status_code == 403
    assert nurse.post("/lots/X/record", data={"csrf_token": nurse.token("/")}).status_code == 403  # type: ignore[attr-defined]  # as above
