"""Shipments for tests, made by the real operations: two bags from the tank to the ward, and their logger."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlmodel import select

from app.concerns.models import Deviation, Hold
from app.custody.models import PlaceKind
from app.custody.shipment_forms import LoggerZone, ReceiveForm, ShipmentForm
from app.custody.shipment_judging import judge_shipment
from app.custody.shipment_models import Shipment, ShipmentJudgement
from app.custody.shipment_queries import Passenger, passengers, shipment_by_code
from app.custody.shipments import open_shipment, pack_unit, receive_shipment, send_shipment
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.site import Site
from tests.custody.factories import ISSUED_AT, bank, carrier, nurse, place, set_aside, stored
from tests.custody.loggers import Point, logger_csv, steady
from tests.factories import act
from tests.labeling.factories import labelled
from tests.lots.factories import refused, sure
from tests.quality.factories import released_lot

LOT = "MSC-25-001"
BAGS = (f"{LOT}-B01", f"{LOT}-B02")
SHIPMENT = "SHP-25-001"
OK = "frozen, intact"
COLD = Decimal(-165)
HOURS = 26
SENT_AT = ISSUED_AT + timedelta(minutes=5)
ARRIVED_AT = ISSUED_AT + timedelta(hours=HOURS)
JUDGED_AT = ARRIVED_AT + timedelta(minutes=10)
#: A journey as it should be.
FINE = steady(HOURS)


def warm(celsius: float = -118.0) -> list[Point]:
    """A journey with an hour above the limit."""
    return [(minute, celsius if 600 <= minute <= 660 else cold) for minute, cold in FINE]


def laid_out(site: Site, bags: int = 2) -> None:
    """Bags that may leave, a shipper, a ward and a courier."""
    released_lot(site, bags, code=LOT)
    for bag in BAGS[:bags]:
        labelled(site, bag)
        stored(site, bag)
        set_aside(site, bag)
    place(site, "DS-1", PlaceKind.SHIPPER)
    place(site, "WARD-4", PlaceKind.WARD)
    carrier(site)


def form(**other: str) -> ShipmentForm:
    """From the tank to the ward."""
    ways = {"origin": "T2", "destination": "WARD-4"}
    others = {"shipper": "DS-1", "logger": "LOG-17", "courier": "carrier"}
    return ShipmentForm.model_validate(ways | others | other)


def opened(site: Site, **other: str) -> Shipment:
    with act(site, bank(site), ISSUED_AT) as work:
        return sure(open_shipment(work, form(**other)))


def packed(site: Site, bags: int = 2) -> str:
    """A shipment with its bags inside."""
    laid_out(site, bags)
    code = opened(site).code
    for bag in BAGS[:bags]:
        with act(site, bank(site), ISSUED_AT) as work:
            sure(pack_unit(work, code, bag, OK, COLD))
    return code


def sent(site: Site, bags: int = 2) -> str:
    """On its way."""
    code = packed(site, bags)
    with act(site, carrier(site), SENT_AT) as work:
        sure(send_shipment(work, code, OK, COLD))
    return code


def arrived(site: Site, bags: int = 2) -> str:
    """Received at the ward; its logger waits to be read."""
    code = sent(site, bags)
    with act(site, nurse(site), ARRIVED_AT) as work:
        sure(
            receive_shipment(
                work, code, ReceiveForm(units="\n".join(BAGS[:bags]), condition=OK, celsius=COLD)
            )
        )
    return code


def judging(
    site: Site, points: list[Point], reason: str = "", zone: LoggerZone | None = None, serial: str = "LOG-17"
) -> ShipmentJudgement | Refusal:
    """What the nurse is answered when she uploads this file."""
    data = logger_csv(ISSUED_AT, points, serial)
    with act(site, nurse(site), JUDGED_AT) as work:
        answer = judge_shipment(work, SHIPMENT, data, "logger.csv", zone, reason)
        return refused(work, answer) if isinstance(answer, Refusal) else answer


def no(site: Site, run: Callable[[Work], object], who: Callable[[Site], object] = bank) -> object:
    """The reason for which an act is refused."""
    with act(site, who(site), ISSUED_AT) as work:  # type: ignore[arg-type]  # a person of the factories
        return refused(work, run(work)).reason


def shipment_now(site: Site, code: str = SHIPMENT) -> Shipment:
    with site.db.reading() as db:
        found = shipment_by_code(db, code)
    assert found is not None
    return found


def inside(site: Site, code: str = SHIPMENT) -> list[Passenger]:
    with site.db.reading() as db:
        return passengers(db, shipment_now(site, code))


def stops(site: Site) -> tuple[list[Hold], list[Deviation]]:
    """Every hold and deviation of the site."""
    with site.db.reading() as db:
        return list(db.exec(select(Hold)).all()), list(db.exec(select(Deviation)).all())
