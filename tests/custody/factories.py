"""Places, stored, issued and received units for tests, made by the real operations."""

from datetime import datetime
from decimal import Decimal

from app.access.models import Person, Role
from app.custody.forms import PlaceForm
from app.custody.models import CustodyEvent, Place, PlaceKind
from app.custody.operations import issue_unit, receive_unit, store_unit
from app.custody.places import add_place
from app.custody.queries import place_by_code
from app.evidence.ledger import EventKind, Subject, record
from app.lots.models import Unit, UnitState
from app.lots.operations import move_unit
from app.lots.queries import unit_by_code
from app.site import Site
from tests.donors.factories import someone
from tests.factories import act
from tests.labeling.factories import labelled
from tests.lots.factories import day, sure
from tests.quality.factories import released_lot

#: The hours of a bag: stored on the day it was labelled, issued after release, received a day later.
STORED_AT = day(28, 4)
ISSUED_AT = day(50)
RECEIVED_AT = day(51)

SET_ASIDE = EventKind("tests.set_aside", "{unit} set aside for a test")


def bank(site: Site) -> Person:
    """Who stores and issues."""
    return someone(site, Role.TECHNOLOGIST, "bank")


def carrier(site: Site) -> Person:
    """Who takes units to the ward."""
    return someone(site, Role.NURSE, "carrier")


def nurse(site: Site) -> Person:
    """Who receives units at the ward."""
    return someone(site, Role.NURSE, "ward-nurse")


def place_form(
    code: str, kind: PlaceKind = PlaceKind.TANK, within: str | None = None, **more: int
) -> PlaceForm:
    """A place as it is typed."""
    return PlaceForm.model_validate(
        {"code": code, "name": f"Place {code}", "kind": kind, "within": within, **more}
    )


def place(
    site: Site, code: str, kind: PlaceKind = PlaceKind.TANK, within: str | None = None, **more: int
) -> Place:
    """A place, added when it is new."""
    with site.db.reading() as db:
        known = place_by_code(db, code)
    if known is not None:
        return known
    with act(site, bank(site), day(0)) as work:
        return sure(add_place(work, place_form(code, kind, within, **more)))


def stored(site: Site, unit_code: str, place_code: str = "T2", at: datetime = STORED_AT) -> CustodyEvent:
    """The unit at a place of the bank."""
    place(site, place_code)
    with act(site, bank(site), at) as work:
        return sure(store_unit(work, unit_code, place_code, "frozen, intact", Decimal(-168)))


def set_aside(site: Site, unit_code: str, at: datetime = ISSUED_AT) -> Unit:
    """The unit allocated, as an order does it, without the order and its patient."""
    with act(site, bank(site), at) as work:
        unit = unit_by_code(work.db, unit_code)
        assert unit is not None and unit.id is not None
        assert move_unit(work, unit.id, UnitState.AVAILABLE, UnitState.ALLOCATED)
        record(work, SET_ASIDE, Subject("unit", unit_code), unit=unit_code)
        return unit


def leaving_bag(site: Site, code: str = "MSC-25-001") -> str:
    """The first bag of a released lot: labelled, stored, allocated; it may be issued."""
    bag = f"{released_lot(site, 2, code=code).code}-B01"
    labelled(site, bag)
    stored(site, bag)
    set_aside(site, bag)
    place(site, "WARD-4", PlaceKind.WARD)
    return bag


def issued(site: Site, unit_code: str, at: datetime = ISSUED_AT) -> CustodyEvent:
    """The unit handed to the carrier."""
    taker = carrier(site).sign_in
    with act(site, bank(site), at) as work:
        return sure(issue_unit(work, unit_code, "WARD-4", taker, "frozen, intact", Decimal(-165)))


def received(site: Site, unit_code: str, at: datetime = RECEIVED_AT) -> CustodyEvent:
    """The unit taken at the ward."""
    with act(site, nurse(site), at) as work:
        return sure(receive_unit(work, unit_code, "WARD-4", "frozen, intact", Decimal(-158)))
