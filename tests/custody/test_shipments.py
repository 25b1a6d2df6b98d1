"""Units travel together: packed, taken over, received; custody goes with each of them, link by link."""

from datetime import timedelta

from app.concerns.models import Severity, SubjectKind
from app.concerns.operations import place_hold
from app.custody.models import PlaceKind
from app.custody.operations import receive_unit, return_unit
from app.custody.queries import chain, gaps
from app.custody.rules import Why as Custody
from app.custody.shipment_forms import ReceiveForm
from app.custody.shipment_models import ShipmentState
from app.custody.shipment_queries import cold_not_shown, shipments_of_lot, shipments_of_unit
from app.custody.shipment_rules import Why
from app.custody.shipments import (
    cancel_shipment,
    open_shipment,
    pack_unit,
    receive_shipment,
    send_shipment,
)
from app.evidence.verify import verify
from app.kernel.work import SYSTEM
from app.lots.models import UnitState
from app.lots.queries import lot_by_code
from app.site import Site
from tests.access.factories import kinds
from tests.custody.factories import ISSUED_AT, bank, carrier, nurse, place, stored
from tests.custody.shipping import (
    ARRIVED_AT,
    BAGS,
    LOT,
    OK,
    SENT_AT,
    SHIPMENT,
    arrived,
    form,
    inside,
    laid_out,
    no,
    opened,
    packed,
    sent,
    shipment_now,
    stops,
)
from tests.factories import act
from tests.labeling.factories import printed
from tests.lots.factories import refused, sure, unit


def test_two_bags_reach_the_ward_and_the_custody_of_each_is_whole(site: Site) -> None:
    assert arrived(site) == SHIPMENT
    assert shipment_now(site).state is ShipmentState.RECEIVED
    with site.db.reading() as db:
        for bag in BAGS:
            key = unit(site, bag).id or 0
            links = [(link["kind"].value, link["place"]) for link in chain(db, key)]
            assert links[1:] == [("issued", "DS-1"), ("sent", "DS-1"), ("received", "WARD-4")]
            assert gaps(db, key) == [] and unit(site, bag).state is UnitState.RECEIVED
            assert [line.code for line in shipments_of_unit(db, key)] == [SHIPMENT]
            assert cold_not_shown(db, key) == [f"{SHIPMENT}: logger not judged"]
        lot = lot_by_code(db, LOT)
        assert lot is not None and [one.code for one in shipments_of_lot(db, lot.id or 0)] == [SHIPMENT]
        assert verify(db).ok
    told = [kind for kind in kinds(site) if "shipment" in kind]
    assert told == [f"custody.shipment_{word}" for word in ("opened", "packed", "packed", "sent", "received")]


def test_a_shipment_is_opened_in_a_free_shipper_with_a_free_logger_for_somebody_who_is_there(
    site: Site,
) -> None:
    laid_out(site)
    place(site, "DS-2", PlaceKind.SHIPPER)
    for other, why in (
        ({"origin": "NOWHERE"}, Custody.NO_PLACE),
        ({"courier": "nobody"}, Why.NO_COURIER),
        ({"destination": "T2"}, Why.SAME_PLACE),
        ({"shipper": "T2"}, Why.NOT_A_SHIPPER),
    ):
        assert no(site, lambda work, other=other: open_shipment(work, form(**other))) is why  # type: ignore[misc]  # bound at once
    opened(site)
    assert no(site, lambda work: open_shipment(work, form(logger="LOG-18"))) is Why.SHIPPER_UNDER_WAY
    taken = form(shipper="DS-2", logger="log-17")
    assert no(site, lambda work: open_shipment(work, taken)) is Why.LOGGER_UNDER_WAY
    with act(site, bank(site), ISSUED_AT) as work:
        sure(place_hold(work, SubjectKind.PLACE, "DS-2", "its vacuum is lost"))
    held = form(shipper="DS-2", logger="LOG-18")
    assert no(site, lambda work: open_shipment(work, held)) is Why.SHIPPER_ON_HOLD
    with site.db.act(SYSTEM, ISSUED_AT) as work:
        assert refused(work, open_shipment(work, form())).reason is Why.NO_PERSON


def test_packing_asks_what_every_issue_asks(site: Site) -> None:
    laid_out(site)
    code = opened(site).code
    loose = printed(site, [BAGS[0]], reason="the first piece was torn").labels[0].serial
    assert no(site, lambda work: pack_unit(work, code, loose, OK)) is Custody.VOID_LABEL
    assert no(site, lambda work: pack_unit(work, code, "MSC-99-999-B01", OK)) is Custody.NO_UNIT
    assert no(site, lambda work: pack_unit(work, "SHP-9", BAGS[0], OK)) is Why.NO_SHIPMENT
    assert no(site, lambda work: pack_unit(work, code, BAGS[0], "ok")) is Custody.CONDITION_NEEDED
    with act(site, bank(site), ISSUED_AT) as work:
        sure(place_hold(work, SubjectKind.UNIT, BAGS[0], "a doubt"))
    assert no(site, lambda work: pack_unit(work, code, BAGS[0], OK)) is Custody.ON_HOLD
    assert inside(site) == []


def test_a_unit_is_packed_where_the_shipment_starts(site: Site) -> None:
    laid_out(site)
    place(site, "T2-C4", PlaceKind.BOX, within="T2")
    stored(site, BAGS[0], "T2-C4", ISSUED_AT)
    stored(site, BAGS[1], "T3", ISSUED_AT)
    code = opened(site).code
    with act(site, bank(site), ISSUED_AT) as work:
        sure(pack_unit(work, code, BAGS[0], OK))
    assert no(site, lambda work: pack_unit(work, code, BAGS[1], OK)) is Why.NOT_FROM_HERE


def test_only_the_courier_takes_the_shipper_over_and_only_with_something_inside(site: Site) -> None:
    laid_out(site)
    code = opened(site).code
    assert no(site, lambda work: send_shipment(work, code, OK), carrier) is Why.NOTHING_PACKED
    with act(site, bank(site), ISSUED_AT) as work:
        sure(pack_unit(work, code, BAGS[0], OK))
    assert no(site, lambda work: send_shipment(work, code, OK)) is Why.NOT_THE_COURIER
    assert no(site, lambda work: send_shipment(work, code, "ok"), carrier) is Custody.CONDITION_NEEDED
    assert no(site, lambda work: send_shipment(work, "SHP-9", OK), carrier) is Why.NO_SHIPMENT
    with act(site, carrier(site), SENT_AT) as work:
        sure(send_shipment(work, code, OK))
    assert no(site, lambda work: pack_unit(work, code, BAGS[1], OK)) is Why.WRONG_STATE


def test_a_hold_that_falls_on_a_packed_unit_or_its_shipper_stops_the_shipment(site: Site) -> None:
    code = packed(site)
    with act(site, bank(site), ISSUED_AT) as work:
        hold = sure(place_hold(work, SubjectKind.LOT, LOT, "a late result")).code
    with act(site, carrier(site), SENT_AT) as work:
        answer = refused(work, send_shipment(work, code, OK))
    assert answer.reason is Why.UNIT_ON_HOLD and hold in answer.sentence and "return it" in answer.next_step


def test_a_shipper_on_hold_does_not_leave(site: Site) -> None:
    code = packed(site)
    with act(site, bank(site), ISSUED_AT) as work:
        sure(place_hold(work, SubjectKind.PLACE, "DS-1", "its vacuum is lost"))
    assert no(site, lambda work: send_shipment(work, code, OK), carrier) is Why.UNIT_ON_HOLD


def test_a_bag_taken_out_before_the_departure_does_not_travel(site: Site) -> None:
    code = packed(site)
    with act(site, bank(site), ISSUED_AT) as work:
        sure(return_unit(work, BAGS[1], "T2", OK))
    with act(site, carrier(site), SENT_AT) as work:
        sure(send_shipment(work, code, OK))
    assert [(one.code, one.travelled, one.due) for one in inside(site)] == [
        (BAGS[0], True, True),
        (BAGS[1], False, False),
    ]


def receiving(site: Site, units: str, reason: str | None = None) -> object:
    given = ReceiveForm(units=units, condition=OK, missing_reason=reason)
    return no(site, lambda work: receive_shipment(work, SHIPMENT, given), nurse)


def test_an_extra_unit_is_refused_and_nothing_is_received(site: Site) -> None:
    sent(site, 1)
    assert receiving(site, "") is Why.NOTHING_SCANNED
    assert receiving(site, f"{BAGS[0]}\n{BAGS[1]}") is Why.EXTRA_UNIT
    assert receiving(site, "MSC-99-999-B01") is Why.EXTRA_UNIT
    assert unit(site, BAGS[0]).state is UnitState.IN_TRANSIT
    assert (
        no(site, lambda work: receive_shipment(work, "SHP-9", ReceiveForm(condition=OK))) is Why.NO_SHIPMENT
    )
    with site.db.act(SYSTEM, ARRIVED_AT) as work:
        answer = refused(work, receive_shipment(work, SHIPMENT, ReceiveForm(condition=OK)))
    assert answer.reason is Why.NO_PERSON


def test_a_missing_unit_is_refused_until_somebody_says_so_and_then_it_is_a_deviation(site: Site) -> None:
    sent(site)
    assert receiving(site, BAGS[0]) is Why.MISSING_UNIT
    told = ReceiveForm(units=BAGS[0], condition=OK, missing_reason="only one bag was in the rack")
    with act(site, nurse(site), ARRIVED_AT) as work:
        sure(receive_shipment(work, SHIPMENT, told))
    _, (deviation,) = stops(site)
    assert (deviation.subject_code, deviation.severity) == (BAGS[1], Severity.CRITICAL)
    assert "only one bag" in deviation.what and "shipping-1" in deviation.rule
    assert unit(site, BAGS[1]).state is UnitState.IN_TRANSIT
    assert shipment_now(site).state is ShipmentState.RECEIVED


def test_bags_received_one_by_one_leave_a_shipment_that_can_still_be_closed(site: Site) -> None:
    sent(site, 1)
    with act(site, nurse(site), ARRIVED_AT) as work:
        sure(receive_unit(work, BAGS[0], "WARD-4", OK))
    with act(site, nurse(site), ARRIVED_AT + timedelta(minutes=1)) as work:
        sure(receive_shipment(work, SHIPMENT, ReceiveForm(condition=OK)))
    assert shipment_now(site).state is ShipmentState.RECEIVED


def test_a_shipment_is_cancelled_when_it_is_empty_and_its_shipper_is_free_again(site: Site) -> None:
    code = packed(site, 1)
    assert no(site, lambda work: cancel_shipment(work, code, "no flight")) is Why.STILL_PACKED
    with act(site, bank(site), ISSUED_AT) as work:
        sure(return_unit(work, BAGS[0], "T2", OK))
    assert no(site, lambda work: cancel_shipment(work, code, " ")) is Why.REASON_NEEDED
    assert no(site, lambda work: cancel_shipment(work, "SHP-9", "no flight")) is Why.NO_SHIPMENT
    with act(site, bank(site), ISSUED_AT) as work:
        sure(cancel_shipment(work, code, "no flight"))
    assert kinds(site)[-1] == "custody.shipment_cancelled"
    assert opened(site).code == "SHP-25-002"
    with site.db.reading() as db:
        assert cold_not_shown(db, unit(site, BAGS[0]).id or 0) == []
