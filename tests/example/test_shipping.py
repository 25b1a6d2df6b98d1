"""The shipments of the story: bag 01 stayed cold for 26 hours, bag 07 did not and is held."""

from decimal import Decimal

from app.concerns.models import HoldState, Severity, SubjectKind
from app.concerns.queries import deviations_on, holds_on
from app.custody.queries import chain, gaps
from app.custody.shipment_models import LoggerVerdict, Shipment, ShipmentJudgement, ShipmentState
from app.custody.shipment_queries import began_at, judgements, passengers, shipment_by_code
from app.example.calendar import LOST, SHIPPED, at
from app.example.labels import BAGS
from app.example.patients import LOST_DOSE
from app.lots.models import UnitState
from app.lots.queries import unit_by_code
from app.orders.models import OrderState
from app.orders.queries import by_code
from app.paper.chapters import Composed
from app.papers import batch_record
from app.site import Site


def judged(told: Site, code: str) -> tuple[Shipment, ShipmentJudgement]:
    with told.db.reading() as db:
        shipment = shipment_by_code(db, code)
        assert shipment is not None
        return shipment, judgements(db, shipment.id or 0)[-1]


def test_bag_01_travelled_26_hours_and_was_never_warmer_than_minus_158(told: Site) -> None:
    shipment, row = judged(told, "SHP-25-001")
    with told.db.reading() as db:
        (bag,) = passengers(db, shipment)
    assert bag.code == BAGS[0] and shipment.received_at is not None
    assert bag.packed.at == at(SHIPPED, "07:40") == began_at([bag], shipment)
    assert (shipment.received_at - bag.packed.at).total_seconds() == 26 * 3600
    assert (row.verdict, row.warmest_celsius, row.minutes_above) == (LoggerVerdict.WITHIN, Decimal(-158), 0)
    assert shipment.state is ShipmentState.JUDGED


def test_bag_07_got_warm_and_was_held_with_a_deviation_in_the_act_that_found_it(told: Site) -> None:
    shipment, row = judged(told, "SHP-25-002")
    subject = [(SubjectKind.UNIT, BAGS[6])]
    with told.db.reading() as db:
        (hold,), (deviation,) = holds_on(db, subject), deviations_on(db, subject)
    assert row.verdict is LoggerVerdict.EXCURSION and row.warmest_celsius is not None
    assert row.warmest_celsius > -150 and row.minutes_above > 0
    assert hold.state is HoldState.IN_FORCE and "SHP-25-002, excursion" in hold.why
    assert hold.placed_at == deviation.opened_at == row.judged_at
    assert deviation.severity is Severity.MAJOR
    assert shipment.packed_at == at(LOST[2], "07:40")


def test_bag_07_came_back_and_is_not_in_stock_and_its_dose_was_not_given(told: Site) -> None:
    with told.db.reading() as db:
        bag, order = unit_by_code(db, BAGS[6]), by_code(db, LOST_DOSE.order)
        assert bag is not None and order is not None
        kinds = [link["kind"].value for link in chain(db, bag.id or 0)]
        assert gaps(db, bag.id or 0) == []
    assert kinds == ["stored", "issued", "sent", "received", "returned"]
    assert bag.state is UnitState.RETURNED
    assert order.state is OrderState.NOT_GIVEN


def test_the_other_two_bags_went_the_same_way_and_stayed_cold(told: Site) -> None:
    for code, unit in (("SHP-25-003", BAGS[2]), ("SHP-25-004", "MSC-25-004-B01")):
        shipment, row = judged(told, code)
        with told.db.reading() as db:
            assert [one.code for one in passengers(db, shipment)] == [unit]
        assert row.verdict is LoggerVerdict.WITHIN


def test_the_batch_record_of_the_lot_tells_its_three_journeys(told: Site) -> None:
    with told.db.reading() as db:
        record = batch_record(db, "MSC-25-001")
    assert isinstance(record, Composed)
    said = str(record.chapters)
    assert all(code in said for code in ("SHP-25-001", "SHP-25-002", "SHP-25-003"))
    assert "SHP-25-004" not in said and "excursion, limits shipping-1" in said
