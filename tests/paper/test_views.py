"""The shelf of papers: issued, shown page by page, downloaded as issued."""

from app.access.models import Role
from app.site import Site
from tests.lots.factories import lot
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
    client.post(f"/lots/{code}/record", data={"csrf_token": token})
    assert "This revision is superseded" in client.get(where).get_data(as_text=True)


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
