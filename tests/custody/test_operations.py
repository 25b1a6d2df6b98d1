"""A unit passes from hand to hand without a gap, and leaves only when nothing stands against it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody.chapter import chapter
from app.custody.forms import PlaceForm
from app.custody.models import CustodyKind, PlaceKind
from app.custody.operations import (
    issue_unit,
    receive_unit,
    return_unit,
    send_unit,
    store_unit,
    unit_in_hand,
)
from app.custody.place_rules import Why as PlaceWhy
from app.custody.places import add_place
from app.custody.queries import chain, gaps, place_by_code, place_of, places, places_inside, units_in
from app.custody.rules import Why
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM, Work
from app.labeling.models import LabelState
from app.lots.models import UnitState
from app.lots.operations import destroy_unit
from app.paper.chapters import Table
from app.quality.rules import Why as QualityWhy
from app.site import Site
from labels import payload
from tests.access.factories import kinds
from tests.custody.factories import (
    ISSUED_AT,
    RECEIVED_AT,
    bank,
    carrier,
    issued,
    leaving_bag,
    nurse,
    place,
    received,
    set_aside,
    stored,
)
from tests.factories import act, proof
from tests.labeling.factories import labelled, printed
from tests.lots.factories import drug_product_lot, maker, refused, sure, unit
from tests.quality.factories import RELEASED_AT, lot_now, released_lot, superseding

OK = "frozen, intact"


def trying(site: Site, run: Callable[[Work], object], why: StrEnum) -> Refusal:
    """What the bank is refused when it issues."""
    with act(site, bank(site), ISSUED_AT) as work:
        no = refused(work, run(work))
    assert no.reason is why, no
    return no


def issuing(site: Site, bag: str, why: Why) -> Refusal:
    taker = carrier(site).sign_in
    return trying(site, lambda work: issue_unit(work, bag, "WARD-4", taker, OK), why)


def kinds_of(site: Site, bag: str) -> list[str]:
    with site.db.reading() as db:
        return [link["kind"] for link in chain(db, unit(site, bag).id or 0)]


def test_places_lie_within_places_and_have_codes_of_their_own(site: Site) -> None:
    room = place(site, "CRYO", PlaceKind.ROOM)
    tank = place(site, "T2", PlaceKind.TANK, within="CRYO")
    assert payload.read(tank.serial) == payload.Serial(tank.serial, payload.Kind.PLACE)
    with site.db.reading() as db:
        assert [row["within"] for row in places(db)] == [None, "CRYO"]
        assert [row["code"] for row in places_inside(db, room.id or 0)] == ["T2"]
    taken = PlaceForm(code="T2", name="again", kind=PlaceKind.TANK)
    lost = PlaceForm(code="T3", name="again", kind=PlaceKind.TANK, within="NOWHERE")
    trying(site, lambda work: add_place(work, taken), Why.PLACE_TAKEN)
    trying(site, lambda work: add_place(work, lost), Why.NO_PLACE)


def test_a_stored_unit_is_found_at_its_place_and_moves_to_the_next(site: Site) -> None:
    bag = f"{drug_product_lot(site, 1).code}-B01"
    stored(site, bag)
    serial = place(site, "T3").serial
    with act(site, maker(site), ISSUED_AT) as work:
        sure(store_unit(work, bag, serial, OK, Decimal("-160.5")))
    assert kinds_of(site, bag) == [CustodyKind.STORED, CustodyKind.MOVED]
    with site.db.reading() as db:
        here, before = place_by_code(db, "T3"), place_by_code(db, "T2")
        assert here is not None and before is not None
        assert place_of(db, unit(site, bag).id or 0) == here
        assert [row["code"] for row in units_in(db, here.id or 0)] == [bag]
        assert units_in(db, before.id or 0) == []
        assert gaps(db, unit(site, bag).id or 0) == []


def test_a_position_holds_one_unit(site: Site) -> None:
    code = drug_product_lot(site, 2).code
    place(site, "T2", PlaceKind.RACK)
    place(site, "T2-01", PlaceKind.POSITION, within="T2")
    stored(site, f"{code}-B01", "T2-01")
    stored(site, f"{code}-B01", "T2-01")
    trying(site, lambda work: store_unit(work, f"{code}-B02", "T2-01", OK), PlaceWhy.POSITION_FULL)


def test_what_cannot_be_stored_is_refused(site: Site) -> None:
    bag = f"{drug_product_lot(site, 1).code}-B01"
    place(site, "T2")
    trying(site, lambda work: store_unit(work, "MSC-99-999-B01", "T2", OK), Why.NO_UNIT)
    trying(site, lambda work: store_unit(work, bag, "T99", OK), Why.NO_PLACE)
    trying(site, lambda work: store_unit(work, bag, "T2", "ok"), Why.CONDITION_NEEDED)
    with site.db.act(SYSTEM, ISSUED_AT) as work:
        assert refused(work, store_unit(work, bag, "T2", OK)).reason is Why.NO_PERSON
    witness = proof(bank(site))
    with act(site, maker(site), ISSUED_AT) as work:
        sure(destroy_unit(work, bag, "the bag leaked", proof(maker(site)), witness))
    trying(site, lambda work: store_unit(work, bag, "T2", OK), Why.WRONG_STATE)


def test_a_bag_goes_from_the_tank_to_the_ward_without_a_gap(site: Site) -> None:
    bag = leaving_bag(site)
    issued(site, bag)
    with act(site, carrier(site), ISSUED_AT + timedelta(hours=1)) as work:
        sure(send_unit(work, bag, "WARD-4", OK))
    assert unit(site, bag).state is UnitState.IN_TRANSIT
    received(site, bag)
    assert unit(site, bag).state is UnitState.RECEIVED
    with site.db.reading() as db:
        key = unit(site, bag).id or 0
        assert gaps(db, key) == []
        handed = [(link["giver"], link["taker"]) for link in chain(db, key)]
        assert verify(db).ok
    assert [taker for _, taker in handed][:-1] == [giver for giver, _ in handed][1:]
    told = [kind for kind in kinds(site) if kind.startswith("custody.") and kind != "custody.place_added"]
    assert told == ["custody.stored", "custody.issued", "custody.sent", "custody.received"]


def test_only_whom_it_was_handed_to_takes_it_on_its_way(site: Site) -> None:
    bag = leaving_bag(site)
    issued(site, bag)
    trying(site, lambda work: send_unit(work, bag, "WARD-4", OK), Why.NOT_YOURS)
    trying(site, lambda work: send_unit(work, "MSC-99-999-B01", "WARD-4", OK), Why.NO_UNIT)


def test_an_issued_bag_is_returned_or_received_and_never_just_put_down(site: Site) -> None:
    bag = leaving_bag(site)
    issued(site, bag)
    trying(site, lambda work: store_unit(work, bag, "T2", OK), Why.WRONG_STATE)
    with act(site, bank(site), RECEIVED_AT) as work:
        sure(return_unit(work, bag, "T2", OK))
    assert unit(site, bag).state is UnitState.RETURNED
    assert kinds(site)[-1] == "custody.returned"
    trying(site, lambda work: receive_unit(work, bag, "WARD-4", OK), Why.WRONG_STATE)
    trying(site, lambda work: receive_unit(work, bag, "NOWHERE", OK), Why.NO_PLACE)


def test_a_bag_is_issued_to_somebody_who_is_there(site: Site) -> None:
    bag = leaving_bag(site)
    trying(site, lambda work: issue_unit(work, bag, "WARD-4", "nobody", OK), Why.NO_PERSON)
    trying(site, lambda work: issue_unit(work, bag, "NOWHERE", "carrier", OK), Why.NO_PLACE)
    with site.db.act(SYSTEM, ISSUED_AT) as work:
        assert refused(work, return_unit(work, bag, "T2", OK)).reason is Why.WRONG_STATE
    issued(site, bag)
    with site.db.act(SYSTEM, ISSUED_AT) as work:
        assert refused(work, receive_unit(work, bag, "WARD-4", OK)).reason is Why.NO_PERSON


def test_a_bag_with_something_against_it_does_not_leave(site: Site) -> None:
    code = released_lot(site, 2, code="MSC-25-001").code
    bag = f"{code}-B01"
    place(site, "WARD-4", PlaceKind.WARD)
    issuing(site, bag, Why.WRONG_STATE)
    set_aside(site, bag)
    issuing(site, bag, Why.NO_LABEL)
    labelled(site, bag)
    issuing(site, bag, Why.CUSTODY_GAP)
    stored(site, bag)
    with act(site, bank(site), ISSUED_AT) as work:
        sure(place_hold(work, SubjectKind.PLACE, "T2", "the tank warmed up over night"))
    issuing(site, bag, Why.ON_HOLD)


def test_a_bag_past_its_expiry_does_not_leave(site: Site) -> None:
    bag = leaving_bag(site)
    taker = carrier(site).sign_in
    late = unit(site, bag).expires_at
    assert late is not None
    with act(site, bank(site), late) as work:
        assert refused(work, issue_unit(work, bag, "WARD-4", taker, OK)).reason is Why.EXPIRED


def test_a_void_release_stops_the_bag_at_the_door_of_the_laboratory(site: Site) -> None:
    """A passing correction voids the signature and holds nothing: custody still refuses."""
    bag = leaving_bag(site)
    superseding(site, "MSC-25-001", "cd34", "0.5", RELEASED_AT + timedelta(days=1))
    no = issuing(site, bag, Why.NOT_RELEASED)
    assert lot_now(site, "MSC-25-001").state == "released" and "Call quality" in no.next_step
    assert no.reason is not QualityWhy.ON_HOLD


def test_a_scanned_label_stands_for_its_unit_only_while_it_is_applied(site: Site) -> None:
    bag = f"{drug_product_lot(site, 1).code}-B01"
    first = labelled(site, bag)
    loose = printed(site, [bag], reason="the first piece was torn").labels[0]
    assert loose.state is LabelState.PRINTED
    with act(site, nurse(site)) as work:
        assert unit_in_hand(work, first.serial) == bag
        assert unit_in_hand(work, f" {bag.lower()} ") == bag
    for text, why in (
        (loose.serial, Why.VOID_LABEL),
        (payload.issue(payload.Kind.CONTAINER), Why.NOT_A_LABEL),
        (payload.issue(payload.Kind.PLACE), Why.NOT_A_LABEL),
    ):
        trying(site, lambda work, text=text: unit_in_hand(work, text), why)  # type: ignore[misc]  # bound at once


def test_the_batch_record_tells_every_hand_over_and_that_nothing_is_missing(site: Site) -> None:
    bag = leaving_bag(site)
    issued(site, bag)
    with site.db.reading() as db:
        table, facts = chapter(db, lot_now(site, "MSC-25-001")).blocks
    assert isinstance(table, Table) and [row[2] for row in table.rows] == ["stored", "issued"]
    assert facts.rows == [("Gaps in custody", "none")]  # type: ignore[union-attr]  # Facts
