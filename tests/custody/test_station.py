"""The pages of boxes, of putting away by scanning, of labels for places, and of the return to stock."""

import pytest
from flask import Flask

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody.models import PlaceKind
from app.custody.operations import return_unit
from app.lots.models import UnitState
from app.site import Site
from labels.proof import codes, pages
from tests.access.factories import PASSWORD, kinds, staff
from tests.custody.factories import bank, carrier, issued, leaving_bag, place, stored
from tests.custody.test_returns import BACK_AT, COLD, OK
from tests.custody.test_views import BAG, LOT, page, send
from tests.factories import act
from tests.labeling.factories import labelled
from tests.lots.factories import drug_product_lot, sure, unit
from tests.webapp import client_of, web

SITTING = {"condition": "frozen, intact", "celsius": "-170"}


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


@pytest.fixture
def shelf(site: Site) -> Site:
    """A lot of three bags and a box of two positions in a tank."""
    drug_product_lot(site, 3, code=LOT)
    place(site, "T2")
    place(site, "BX", PlaceKind.BOX, "T2", rows=1, columns=2)
    return site


def test_the_page_of_a_box_shows_what_fills_it_as_a_picture_and_a_table(shelf: Site, app: Flask) -> None:
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    assert "<svg" not in page(bench, "/places/T2").split("<main")[1].split("actions")[0]
    stored(shelf, BAG, "BX")
    shown = page(bench, "/places/BX")
    assert "1 of 2 positions filled" in shown and "1 position is free" in shown
    assert f'href="/units/{BAG}"' in shown and 'href="/places/BX-02"' in shown
    assert "hatching" not in shown
    with act(shelf, bank(shelf)) as work:
        sure(place_hold(work, SubjectKind.PLACE, "T2", "the tank warmed up over night"))
    shown = page(bench, "/places/BX")
    assert "hatching" in shown and "1 units are on hold" in shown and "ON HOLD" in shown.upper()


def test_a_box_is_added_with_its_rows_and_columns(shelf: Site, app: Flask) -> None:
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    form = {"code": "B9", "name": "Box 9", "kind": "box", "within": "T2", "rows": "9", "columns": "9"}
    assert send(bench, "/places/new", form) == (303, "/places/B9")
    assert "0 of 81 positions filled" in page(bench, "/places/B9")
    assert "B9, I9" not in page(bench, "/places/B9") and "/places/B9-I9" in page(bench, "/places/B9")
    for change, status in (({"rows": "27"}, 422), ({"rows": "x"}, 422), ({"code": "B8", "columns": ""}, 409)):
        got, shown = send(bench, "/places/new", form | change)
        assert got == status and "Box 9" in shown


def test_a_place_then_units_are_scanned_one_after_another(shelf: Site, app: Flask) -> None:
    serials = [labelled(shelf, f"{LOT}-B0{number}").serial for number in (1, 2, 3)]
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    assert "How the containers look" in page(bench, "/custody/scan")
    assert "No place yet" in page(bench, "/custody/scan?condition=frozen")
    status, shown = send(bench, "/custody/scan", SITTING | {"code": serials[0]})
    assert status == 409 and "Scan the place first" in shown and kinds(shelf)[-1] == "access.refused"
    status, onward = send(bench, "/custody/scan", SITTING | {"code": place(shelf, "BX").serial})
    assert status == 303 and "place=BX" in onward and "2 of 2 positions are free" in page(bench, onward)
    for serial, at in zip(serials[:2], ("BX-01", "BX-02"), strict=True):
        status, onward = send(bench, "/custody/scan", SITTING | {"place": "BX", "code": serial})
        assert status == 303 and f"→ {at}" in page(bench, onward)
    status, shown = send(bench, "/custody/scan", SITTING | {"place": "BX", "code": serials[2]})
    assert status == 409 and "BX is full" in shown and "2 scans in this sitting" in shown
    assert unit(shelf, f"{LOT}-B03").state is UnitState.IN_QUARANTINE


def test_a_slip_is_put_back_as_one_more_hand_over(shelf: Site, app: Flask) -> None:
    stored(shelf, BAG, "T2")
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    sitting = SITTING | {"place": "BX"}
    status, onward = send(bench, "/custody/scan", sitting | {"code": BAG})
    assert status == 303 and "Scanned by mistake: back to T2" in page(bench, onward)
    assert send(bench, "/custody/scan/back", sitting | {"unit": BAG})[0] == 303
    chain = page(bench, f"/units/{BAG}/custody")
    assert chain.count("/places/T2") >= 2 and "Custody is whole" in chain
    status, shown = send(bench, "/custody/scan/back", sitting | {"unit": f"{LOT}-B02"})
    assert status == 409 and "You did not move" in shown


def test_a_sitting_without_a_condition_scans_nothing(shelf: Site, app: Flask) -> None:
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    for path in ("/custody/scan", "/custody/scan/back"):
        status, shown = send(bench, path, {"condition": "ok", "code": BAG, "unit": BAG})
        assert status == 422 and "at least 3 characters" in shown
    assert bench.get("/custody/scan?condition=ok").status_code == 422
    assert send(bench, "/custody/scan", SITTING)[0] == 422
    assert send(bench, "/custody/scan/back", SITTING)[0] == 422


def test_labels_of_a_place_and_of_all_inside_it_scan_as_its_serials(shelf: Site, app: Flask) -> None:
    bench = client_of(shelf, app, Role.TECHNOLOGIST)
    one = bench.get("/places/BX/label.pdf").data
    assert [codes(sheet) for sheet in pages(one, 300)] == [(place(shelf, "BX").serial,)]
    inside = bench.get("/places/BX/label.pdf?inside=yes").data
    serials = [(place(shelf, code).serial,) for code in ("BX-01", "BX-02")]
    assert [codes(sheet) for sheet in pages(inside, 300)] == serials
    assert bench.get("/places/NONE/label.pdf").status_code == 404
    assert bench.get("/places/T2/label.pdf").mimetype == "application/pdf"


def returned(site: Site) -> str:
    bag = leaving_bag(site)
    carrier(site)
    issued(site, bag)
    with act(site, bank(site), BACK_AT) as work:
        sure(return_unit(work, bag, "T2", OK, COLD))
    return bag


def test_quality_takes_a_returned_bag_back_to_stock_on_its_page(site: Site, app: Flask) -> None:
    bag = returned(site)
    quality = staff(site, "quinn", Role.QUALITY)
    desk = client_of(site, app, quality)
    assert "Decide about the return" in page(desk, f"/units/{bag}/custody")
    assert "It may go back to stock" in page(desk, f"/units/{bag}/return")
    form = {"reason": "never left the dry shipper", "sign_in": "quinn", "password": PASSWORD}
    assert send(desk, f"/units/{bag}/return", form | {"reason": ""})[0] == 422
    assert send(desk, f"/units/{bag}/return", form) == (303, f"/units/{bag}/custody")
    assert unit(site, bag).state is UnitState.AVAILABLE
    assert "Taken back to stock by limits returns-1" in page(desk, f"/units/{bag}/custody")
    status, shown = send(desk, f"/units/{bag}/return", form)
    assert status == 409 and "only a returned unit" in shown
    assert send(desk, f"/units/{bag}/return", form | {"password": "wrong"})[0] == 422
    assert desk.get("/units/NONE/return").status_code == 404
    assert client_of(site, app, Role.NURSE).get(f"/units/{bag}/return").status_code == 403
