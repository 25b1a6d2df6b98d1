"""The pages of labels: print, scan back, put away, destroy."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.models import Role
from app.labeling.models import LabelState
from app.site import Site
from labels import payload
from tests.access.factories import PASSWORD, kinds, staff
from tests.labeling.factories import label_now, labelled, printed
from tests.lots.factories import drug_product_lot, filled_lot
from tests.webapp import client_of, web

LOT = "MSC-25-001"
BAG = f"{LOT}-B01"


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


@pytest.fixture
def bench(site: Site, app: Flask) -> FlaskClient:
    """A technologist's browser, over a lot of two bags."""
    drug_product_lot(site, 2, code=LOT)
    return client_of(site, app, Role.TECHNOLOGIST)


def send(client: FlaskClient, path: str, data: dict[str, object]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def asked(**other: object) -> dict[str, object]:
    return {"unit": [BAG], "stock": "bag-100x50"} | other


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_labels_are_previewed_printed_and_scanned_back(site: Site, bench: FlaskClient) -> None:
    assert "No label was printed yet" in page(bench, "/labels")
    dialog = page(bench, f"/labels/print/{LOT}")
    assert f'value="{BAG}" checked' in dialog and "wristband" not in dialog
    assert bench.get(f"/labels/preview/{BAG}/bag-100x50.png").data.startswith(b"\x89PNG")
    status, where = send(bench, f"/labels/print/{LOT}", asked())
    assert status == 303
    assert "Still to scan back" in page(bench, where) and "Scan back: 0 of 1" in page(bench, where)
    assert bench.get(f"{where}.pdf").data.startswith(b"%PDF-")
    assert bench.get(f"{where}/1.png").data.startswith(b"\x89PNG")
    serial = printed_serial(site)
    assert send(bench, "/labels/apply", {"code": payload.grouped(serial)}) == (303, where)
    assert label_now(site, serial).state is LabelState.APPLIED
    assert "APPLIED" in page(bench, where) and where.rpartition("/")[2] in page(bench, "/labels")


def printed_serial(site: Site) -> str:
    from sqlmodel import select

    from app.labeling.models import Label

    with site.db.reading() as db:
        return db.exec(select(Label.serial)).one()


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"unit": []}, 422, "Units"),
        ({"stock": ""}, 422, "Stock: fill this in"),
        ({"stock": "napkin"}, 409, "There is no label stock napkin"),
        ({"unit": [f"{LOT}-R01"]}, 409, "does not fit"),
        ({"reason": "short"}, 422, "at least 10 characters"),
        ({"second_sign_in": "nobody", "second_password": "x"}, 422, "second"),
    ],
)
def test_a_wrong_print_order_is_told_and_kept(
    bench: FlaskClient, change: dict[str, object], status: int, words: str
) -> None:
    got, shown = send(bench, f"/labels/print/{LOT}", asked(**change))
    assert got == status and words in shown
    assert "Print labels of" in shown


def test_a_reprint_at_the_page_needs_a_reason_and_another_persons_password(
    site: Site, bench: FlaskClient
) -> None:
    labelled(site, BAG)
    staff(site, "quinn", Role.QUALITY)
    path, torn = f"/labels/print/{LOT}", "the first piece was torn"
    status, shown = send(bench, path, asked())
    assert status == 409 and "already has a live label" in shown
    status, shown = send(bench, path, asked(reason=torn))
    assert status == 409 and "second person" in shown and torn in shown
    given = asked(reason=torn, second_sign_in="quinn", second_password=PASSWORD)
    assert send(bench, path, given)[0] == 303
    assert kinds(site)[-1] == "labeling.reprinted"


def test_a_bag_without_expiry_is_refused_in_words_and_has_no_preview(site: Site, app: Flask) -> None:
    filled_lot(site, 1, code=LOT)
    bench = client_of(site, app, Role.TECHNOLOGIST)
    status, shown = send(bench, f"/labels/print/{LOT}", asked())
    assert status == 409 and "Finish making the lot first" in shown
    assert bench.get(f"/labels/preview/{BAG}/bag-100x50.png").status_code == 404


@pytest.mark.parametrize("text", ["4006381333931", "lower case", "x" * 9_000, "B" * 16, "P43N96XDET4083SX"])
def test_a_wrong_scan_is_answered_with_the_next_step_and_kept_without_its_text(
    site: Site, bench: FlaskClient, text: str
) -> None:
    status, shown = send(bench, "/labels/apply", {"code": text})
    assert status == 409 and "<title>Not done" in shown
    assert kinds(site)[-1] == "access.refused"
    assert send(bench, "/labels/apply", {"code": ""}) == (303, "/labels")


def test_a_loose_piece_is_put_away_and_destroyed_before_a_second_person(
    site: Site, bench: FlaskClient
) -> None:
    serial = printed(site, [BAG]).labels[0].serial
    staff(site, "quinn", Role.QUALITY)
    assert serial in page(bench, f"/labels/void?code={serial}")
    status, shown = send(
        bench, "/labels/void", {"code": serial, "state": "applied", "reason": "torn at once"}
    )
    assert status == 422 and serial in shown and "torn at once" in shown
    given: dict[str, object] = {"code": serial, "state": "spoiled", "reason": "torn at once"}
    assert send(bench, "/labels/void", given) == (303, "/labels")
    assert send(bench, "/labels/void", given)[0] == 409
    assert serial in page(bench, f"/labels/destroy?code={serial}")
    assert send(bench, "/labels/destroy", {"code": serial})[0] == 422
    given = {"code": serial, "second_sign_in": "quinn", "second_password": PASSWORD}
    assert send(bench, "/labels/destroy", given) == (303, "/labels")
    assert label_now(site, serial).state is LabelState.DESTROYED
    wrong: dict[str, object] = {"code": serial, "second_sign_in": "nobody", "second_password": "no"}
    assert send(bench, "/labels/destroy", wrong)[0] == 422


def test_every_stock_has_a_calibration_page(bench: FlaskClient) -> None:
    assert bench.get("/labels/calibration/bag-100x50.pdf").data.startswith(b"%PDF-")
    for path in (
        "/labels/calibration/napkin.pdf",
        "/labels/preview/X/bag-100x50.png",
        f"/labels/preview/{BAG}/x.png",
    ):
        assert bench.get(path).status_code == 404


def test_what_is_not_there_or_not_allowed_is_answered(site: Site, app: Flask, bench: FlaskClient) -> None:
    for path in (
        "/labels/print/MSC-99-999",
        "/labels/jobs/JOB-99",
        "/labels/jobs/JOB-99.pdf",
        "/labels/jobs/X/1.png",
    ):
        assert bench.get(path).status_code == 404
    job = printed(site, [BAG]).job.code
    for page_number in ("0", "2", "9" * 30):
        assert bench.get(f"/labels/jobs/{job}/{page_number}.png").status_code == 404
    nurse = client_of(site, app, Role.NURSE)
    assert nurse.get("/labels").status_code == 200
    for path in (f"/labels/print/{LOT}", f"/labels/jobs/{job}.pdf", "/labels/void", "/labels/destroy"):
        assert nurse.get(path).status_code == 403
    assert send(nurse, "/labels/apply", {"code": "x"})[0] == 403
