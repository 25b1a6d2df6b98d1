"""The pages of custody: places, what lies there, and each hand-over by scan."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.models import Role
from app.lots.models import UnitState
from app.site import Site
from tests.access.factories import kinds
from tests.custody.factories import carrier, leaving_bag, place, stored
from tests.labeling.factories import label_now, labelled, printed
from tests.lots.factories import drug_product_lot, unit
from tests.webapp import client_of, web

LOT = "MSC-25-001"
BAG = f"{LOT}-B01"
ACTS = ("store", "issue", "send", "receive", "return")


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


def send(client: FlaskClient, path: str, data: dict[str, str]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def given(**other: str) -> dict[str, str]:
    return {"unit": BAG, "place": "T2", "condition": "frozen, intact", "celsius": "-168.5"} | other


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_places_are_added_one_within_another(site: Site, app: Flask) -> None:
    bench = client_of(site, app, Role.TECHNOLOGIST)
    assert "No place yet" in page(bench, "/custody")
    new = {"code": "CRYO", "name": "Cryo room", "kind": "room", "within": ""}
    assert send(bench, "/places/new", new) == (303, "/places/CRYO")
    inner = {"code": "T2", "name": "Tank 2", "kind": "tank", "within": "CRYO"}
    assert send(bench, "/places/new", inner)[0] == 303
    assert "Tank 2" in page(bench, "/places/CRYO") and "CRYO" in page(bench, "/places/T2")
    assert 'value="CRYO"' in page(bench, "/places/new?within=CRYO")
    for change, status in (
        ({"code": "t 2"}, 422),
        ({"kind": "cupboard"}, 422),
        ({}, 409),
        ({"code": "T3", "within": "X"}, 409),
    ):
        got, shown = send(bench, "/places/new", inner | change)
        assert got == status and "Tank 2" in shown


def test_a_unit_is_stored_by_its_label_and_its_place_by_its_serial(site: Site, app: Flask) -> None:
    drug_product_lot(site, 1, code=LOT)
    serial, tank = labelled(site, BAG).serial, place(site, "T2")
    bench = client_of(site, app, Role.TECHNOLOGIST)
    assert "custody has not begun" in page(bench, f"/units/{BAG}/custody")
    answer = send(bench, "/custody/store", given(unit=serial, place=tank.serial))
    assert answer == (303, f"/units/{BAG}/custody")
    chain = page(bench, f"/units/{BAG}/custody")
    assert "Custody is whole" in chain and "−168.5" in chain
    assert BAG in page(bench, "/places/T2")


def test_a_superseded_label_says_void_and_moves_nothing(site: Site, app: Flask) -> None:
    drug_product_lot(site, 1, code=LOT)
    labelled(site, BAG)
    place(site, "T2")
    loose = printed(site, [BAG], reason="the first piece was torn").labels[0].serial
    bench = client_of(site, app, Role.TECHNOLOGIST)
    status, shown = send(bench, "/custody/store", given(unit=loose))
    assert status == 409 and "VOID" in shown and kinds(site)[-1] == "access.refused"
    assert label_now(site, loose).state == "printed"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"unit": ""}, 422, "Unit: fill this in"),
        ({"condition": "ok"}, 422, "at least 3 characters"),
        ({"celsius": "-168,5"}, 422, "Celsius"),
        ({"celsius": "-300"}, 422, "-273"),
        ({"celsius": "1.25"}, 422, "digits after the point"),
        ({"place": "NOWHERE"}, 409, "There is no place NOWHERE"),
        ({"unit": "Z9"}, 409, "There is no unit Z9"),
    ],
)
def test_a_wrong_hand_over_is_told_and_kept(
    site: Site, app: Flask, change: dict[str, str], status: int, words: str
) -> None:
    drug_product_lot(site, 1, code=LOT)
    place(site, "T2")
    bench = client_of(site, app, Role.TECHNOLOGIST)
    got, shown = send(bench, "/custody/store", given(**change))
    assert (got, words in shown) == (status, True), shown
    assert "Store a unit" in shown


def test_a_bag_is_handed_from_page_to_page(site: Site, app: Flask) -> None:
    bag = leaving_bag(site)
    bench, ward = client_of(site, app, Role.TECHNOLOGIST), client_of(site, app, carrier(site))
    out = given(unit=bag, place="WARD-4", taker=" Carrier ")
    assert send(bench, "/custody/issue", out)[0] == 303
    assert send(bench, "/custody/send", out)[0] == 409
    assert send(ward, "/custody/send", out)[0] == 303
    assert send(ward, "/custody/receive", out)[0] == 303
    assert unit(site, bag).state is UnitState.RECEIVED
    assert send(ward, "/custody/return", given(unit=bag))[0] == 303
    status, shown = send(bench, "/custody/issue", out | {"taker": ""})
    assert status == 409 and "not allocated" in shown


def test_what_is_not_there_or_not_allowed_is_answered(site: Site, app: Flask) -> None:
    drug_product_lot(site, 1, code=LOT)
    stored(site, BAG)
    bench = client_of(site, app, Role.TECHNOLOGIST)
    for act in ACTS:
        assert f'value="{BAG}"' in page(bench, f"/custody/{act}?unit={BAG}")
    for path in ("/custody/eat", "/places/NOWHERE", "/units/NONE/custody"):
        assert bench.get(path).status_code == 404
    auditor = client_of(site, app, Role.AUDITOR)
    assert "A unit in my hands" not in page(auditor, "/custody")
    for path in ("/custody/store", "/places/new"):
        assert auditor.get(path).status_code == 403
        assert send(auditor, path, given())[0] == 403
    assert client_of(site, app, Role.ADMINISTRATOR).get("/custody").status_code == 403
