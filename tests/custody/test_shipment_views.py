"""The pages of shipments, walked as people do: open, scan in, take over, receive, upload, look."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.models import Role
from app.custody.shipment_models import ShipmentState
from app.kernel import clock
from app.labeling.queries import current_label
from app.lots.models import UnitState
from app.site import Site
from tests.custody.factories import ISSUED_AT, bank, carrier, nurse
from tests.custody.loggers import logger_csv
from tests.custody.shipping import (
    BAGS,
    FINE,
    OK,
    SHIPMENT,
    arrived,
    judging,
    laid_out,
    packed,
    sent,
    shipment_now,
    warm,
)
from tests.lots.factories import unit
from tests.webapp import client_of, web

HERE = f"/shipments/{SHIPMENT}"


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


def post(client: FlaskClient, path: str, data: dict[str, object]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def uploading(client: FlaskClient, data: bytes, **other: str) -> tuple[int, str]:
    return post(client, f"{HERE}/logger", {"file": (BytesIO(data), "logger.csv"), **other})


WAY: dict[str, object] = {
    "shipper": "DS-1", "origin": "T2", "destination": "WARD-4", "logger": "LOG-17", "courier": "carrier",
}  # fmt: skip


def test_a_shipment_is_opened_packed_by_scanning_and_taken_over_by_its_courier(
    site: Site, app: Flask
) -> None:
    laid_out(site, 1)
    bench, way = client_of(site, app, bank(site)), client_of(site, app, carrier(site))
    assert "No shipment yet" in page(bench, "/shipments")
    assert post(bench, "/shipments/new", WAY | {"shipper": "", "logger": "<b>"})[0] == 422
    status, shown = post(bench, "/shipments/new", WAY | {"shipper": "T2"})
    assert status == 409 and "not a shipper" in shown and 'value="LOG-17"' in shown
    assert post(bench, "/shipments/new", WAY)[0] == 303
    year = f"/shipments/SHP-{clock.now():%y}-001"
    assert post(bench, f"{year}/send", {"condition": OK})[0] == 409
    assert post(bench, f"{year}/pack", {"unit": "", "condition": OK})[0] == 422
    status, shown = post(bench, f"{year}/pack", {"unit": "MSC-99-999-B01", "condition": OK})
    assert status == 409 and "There is no unit" in shown and 'value="MSC-99-999-B01"' in shown
    shown = page(bench, year)
    assert "Scan a unit into the shipper" in shown and "The courier takes" not in shown
    assert post(way, f"{year}/cancel", {"reason": "the flight was cancelled"})[1] == year
    assert "CANCELLED" in page(bench, year)


def test_a_packed_shipment_goes_on_its_way_and_its_page_says_what_is_due(site: Site, app: Flask) -> None:
    packed(site)
    bench, way = client_of(site, app, bank(site)), client_of(site, app, carrier(site))
    assert "The courier takes it over" in page(bench, HERE)
    status, shown = post(bench, f"{HERE}/send", {"condition": OK})
    assert status == 409 and "were handed to" in shown
    assert post(way, f"{HERE}/send", {"condition": OK, "celsius": "-175.5"})[0] == 303
    assert "This step is over" in page(way, f"{HERE}/cancel")
    assert "once the shipment was received" in page(way, f"{HERE}/logger")
    assert BAGS[1] in page(way, f"{HERE}/receive") and "on its way" in page(way, HERE)


def test_the_ward_scans_every_bag_and_an_extra_or_missing_one_is_said(site: Site, app: Flask) -> None:
    sent(site, 1)
    ward = client_of(site, app, nurse(site))
    assert post(ward, f"{HERE}/receive", {"units": BAGS[0], "condition": ""})[0] == 422
    status, shown = post(ward, f"{HERE}/receive", {"units": BAGS[1], "condition": OK})
    assert status == 409 and "does not travel in" in shown and BAGS[1] in shown
    status, shown = post(ward, f"{HERE}/receive", {"units": "", "condition": OK})
    assert status == 409 and "1 are due" in shown
    with site.db.reading() as db:
        label = current_label(db, unit(site, BAGS[0]).id or 0)
    assert label is not None
    assert post(ward, f"{HERE}/receive", {"units": f"{label.serial}\r\n{BAGS[0]}", "condition": OK})[0] == 303
    assert unit(site, BAGS[0]).state is UnitState.RECEIVED
    assert "Logger not judged" in page(ward, HERE)
    shown = page(ward, f"/units/{BAGS[0]}/custody")
    assert f"stayed cold on its way ({SHIPMENT}: logger not judged)" in shown
    assert "waits for its logger" in page(ward, "/")


def test_the_loggers_file_is_uploaded_judged_drawn_and_given_back(site: Site, app: Flask) -> None:
    arrived(site)
    ward = client_of(site, app, nurse(site))
    data = logger_csv(ISSUED_AT, warm())
    assert "LOG-17" in page(ward, f"{HERE}/logger")
    assert post(ward, f"{HERE}/logger", {})[0] == 422
    assert uploading(ward, data, zone="moon")[0] == 422
    assert uploading(ward, data + b"\n" * 1_200_000)[0] in (413, 422)
    status, shown = uploading(ward, data.replace(b"LOG-17", b"LOG-18"))
    assert status == 409 and "LOG-17 was packed" in shown
    assert uploading(ward, data) == (303, HERE)
    shown = page(ward, HERE)
    assert (
        "EXCURSION: outside the limits shipping-1" in shown and "<svg" in shown and "limit −150 °C" in shown
    )
    assert shown.count("ON HOLD") == 2 and "HLD-" in shown
    assert ward.get(f"{HERE}/logger/file").get_data() == data
    table = ward.get(f"{HERE}/logger.csv").get_data(as_text=True)
    assert table.count("\n") == len(FINE) + 1 and "hours,time_utc,celsius" in table
    assert "EXCURSION" in page(ward, "/shipments")
    assert "EXCURSION" in page(ward, f"/units/{BAGS[0]}/custody")


def test_a_second_file_is_asked_why_and_the_first_is_struck_out(site: Site, app: Flask) -> None:
    arrived(site, 1)
    judging(site, FINE[:100])
    ward = client_of(site, app, nurse(site))
    assert "NOT PROVEN by limits" in page(ward, HERE)
    data = logger_csv(ISSUED_AT, FINE)
    status, shown = uploading(ward, data)
    assert status == 409 and "another file takes its place" in shown
    assert uploading(ward, data, reason="the first file was cut off")[0] == 303
    shown = page(ward, HERE)
    assert "Within the limits" in shown and 'class="old"' in shown and "the first file was cut off" in shown


def test_a_lost_logger_is_said_and_the_journey_is_not_proven(site: Site, app: Flask) -> None:
    arrived(site, 1)
    ward = client_of(site, app, nurse(site))
    assert "nobody can show" in page(ward, f"{HERE}/no-logger")
    assert post(ward, f"{HERE}/no-logger", {"reason": ""})[0] == 422
    assert post(ward, f"{HERE}/no-logger", {"reason": "its battery was empty"}) == (303, HERE)
    assert shipment_now(site).state is ShipmentState.JUDGED
    shown = page(ward, HERE)
    assert "There is no file of logger LOG-17" in shown and "<svg" not in shown.split("<h2>")[-1]
    assert ward.get(f"{HERE}/logger/file").status_code == 404


def test_what_is_not_there_or_not_allowed_is_answered(site: Site, app: Flask) -> None:
    packed(site, 1)
    bench, auditor = client_of(site, app, bank(site)), client_of(site, app, Role.AUDITOR)
    for path in ("", "/send", "/receive", "/cancel", "/logger", "/no-logger", "/logger.csv", "/logger/file"):
        assert bench.get(f"/shipments/SHP-99-999{path}").status_code == 404
    for path in ("/logger.csv", "/logger/file"):
        assert bench.get(f"{HERE}{path}").status_code == 404
    assert SHIPMENT in page(auditor, "/shipments?before=99") and "before=" not in page(auditor, "/shipments")
    assert "No shipment yet" in page(auditor, "/shipments?before=1")
    assert "Scan a unit into" not in page(auditor, HERE)
    for path in ("/pack", "/send", "/receive", "/cancel", "/logger", "/no-logger"):
        assert post(auditor, f"{HERE}{path}", {})[0] == 403
    too_many = "\n".join(f"MSC-25-001-B{number:03d}" for number in range(61))
    assert post(bench, f"{HERE}/receive", {"units": too_many, "condition": OK})[0] == 422
