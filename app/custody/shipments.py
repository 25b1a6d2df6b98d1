"""The writers of shipments: opened, packed, taken on its way, received; each unit's custody goes with it."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import select

from app.access.models import Person
from app.concerns.deviations import open_deviation
from app.concerns.models import SubjectKind
from app.concerns.queries import holds_on
from app.custody import events, operations, queries
from app.custody import rules as custody
from app.custody import shipment_rules as rules
from app.custody.models import CustodyEvent, Place
from app.custody.shipment_forms import ReceiveForm, ShipmentForm
from app.custody.shipment_models import Shipment, ShipmentState, ShipmentUnit
from app.custody.shipment_queries import (
    Passenger,
    passengers,
    shipment_by_code,
    under_way_logged_by,
    under_way_with,
)
from app.custody.shipping_limits import shipping_limits
from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots.queries import place_subjects, unit_by_code


def _subject(shipment: Shipment) -> Subject:
    return Subject("shipment", shipment.code)


def open_shipment(work: Work, form: ShipmentForm) -> Shipment | Refusal:
    """Open a shipment in a free shipper with a free logger; units are packed into it one by one."""
    if work.actor.person_id is None:
        return rules.nobody()
    places = _places(work, form.origin, form.destination, form.shipper)
    if isinstance(places, Refusal):
        return places
    origin, destination, shipper = places
    wanted = select(Person).where(Person.sign_in == form.courier.lower(), Person.active)
    courier = work.db.exec(wanted).one_or_none()
    if courier is None:
        return rules.no_courier(form.courier)
    refusal = first(
        rules.same_place(origin, destination),
        rules.not_a_shipper(shipper),
        rules.shipper_under_way(shipper, under_way_with(work.db, known(shipper.id))),
        rules.logger_under_way(form.logger, under_way_logged_by(work.db, form.logger)),
        rules.shipper_on_hold(shipper, _holds_on_place(work, shipper)),
    )
    if refusal is not None:
        return refusal
    shipment = Shipment(
        code=next_code(work.db, Shipment.code, "SHP", work.at),
        state=ShipmentState.PACKED,
        origin_id=known(origin.id),
        destination_id=known(destination.id),
        shipper_id=known(shipper.id),
        logger=form.logger,
        courier_id=known(courier.id),
        packed_at=work.at,
        packed_by_id=work.actor.person_id,
    )
    work.db.add(shipment)
    record(
        work,
        events.SHIPMENT_OPENED,
        _subject(shipment),
        shipment=shipment.code,
        origin=origin.code,
        destination=destination.code,
        shipper=shipper.code,
        logger=form.logger,
        courier=courier.sign_in,
    )
    return shipment


def _places(work: Work, *codes: str) -> tuple[Place, ...] | Refusal:
    found = []
    for code in codes:
        place = queries.place_scanned(work.db, code)
        if place is None:
            return Refusal(
                custody.Why.NO_PLACE,
                say("There is no place {code}.", code=code[:40]),
                say("Scan the place's code, or add the place."),
            )
        found.append(place)
    return tuple(found)


def _holds_on_place(work: Work, place: Place) -> list[str]:
    around = queries.places_around(work.db, place)
    return [hold.code for hold in holds_on(work.db, place_subjects(around))]


def pack_unit(
    work: Work, code: str, text: str, condition: str, celsius: Decimal | None = None
) -> ShipmentUnit | Refusal:
    """Scan an allocated unit into the shipper: it is issued to the courier, with all that guards an issue."""
    shipment = shipment_by_code(work.db, code)
    if shipment is None:
        return rules.no_shipment(code)
    refusal = rules.not_in_state(shipment, ShipmentState.PACKED)
    unit = operations.unit_in_hand(work, text)
    if refusal is not None or isinstance(unit, Refusal):
        return refusal or _refusal(unit)
    origin, shipper = (work.db.get_one(Place, key) for key in (shipment.origin_id, shipment.shipper_id))
    row = unit_by_code(work.db, unit)
    here = queries.places_around(work.db, queries.place_of(work.db, known(row.id))) if row else []
    refusal = rules.not_from_here(unit, [place.code for place in here], origin.code) if row else None
    if refusal is not None:
        return refusal
    courier = work.db.get_one(Person, shipment.courier_id)
    link = operations.issue_unit(work, unit, shipper.code, courier.sign_in, condition, celsius)
    if isinstance(link, Refusal):
        return link
    packed = ShipmentUnit(shipment_id=known(shipment.id), unit_id=link.unit_id, link=link.link)
    work.db.add(packed)
    record(
        work,
        events.SHIPMENT_PACKED,
        _subject(shipment),
        unit=unit,
        shipment=shipment.code,
        link=link.link,
    )
    return packed


def _refusal(answer: object) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


def send_shipment(
    work: Work, code: str, condition: str, celsius: Decimal | None = None
) -> Shipment | Refusal:
    """The courier takes the shipper over, with every unit that is still inside."""
    shipment = shipment_by_code(work.db, code)
    if shipment is None:
        return rules.no_shipment(code)
    inside = [one for one in passengers(work.db, shipment) if one.inside]
    shipper = work.db.get_one(Place, shipment.shipper_id)
    stops = ", ".join(_holds_on_place(work, shipper))
    refusal = first(
        rules.not_in_state(shipment, ShipmentState.PACKED),
        rules.nothing_packed(shipment, [one.code for one in inside]),
        _not_the_courier(work, shipment),
        rules.unit_on_hold([(one.code, ", ".join(one.holds)) for one in inside if one.holds]),
        rules.unit_on_hold([(shipper.code, stops)] if stops else []),
        custody.has_condition(condition),
    )
    if refusal is not None:
        return refusal
    for one in inside:
        _must(operations.send_unit(work, one.code, shipper.code, condition, celsius))
    change_if(
        work.db, Shipment, known(shipment.id), {"state": ShipmentState.PACKED},
        state=ShipmentState.SENT, sent_at=work.at,
    )  # fmt: skip
    units = ", ".join(one.code for one in inside)
    record(work, events.SHIPMENT_SENT, _subject(shipment), shipment=shipment.code, units=units)
    return shipment


def _not_the_courier(work: Work, shipment: Shipment) -> Refusal | None:
    if work.actor.person_id == shipment.courier_id:
        return None
    return rules.not_the_courier(shipment, work.db.get_one(Person, shipment.courier_id).name)


def _must(answer: CustodyEvent | Refusal) -> CustodyEvent:
    """The link of a unit whose every question was asked before. Raises RuntimeError where it was not."""
    if isinstance(answer, Refusal):
        raise RuntimeError(f"a unit of a shipment was refused after all questions: {answer}")
    return answer


def receive_shipment(work: Work, code: str, form: ReceiveForm) -> Shipment | Refusal:
    """The units scanned out of the shipper are received together; each missing one has a deviation.

    A scanned unit that does not travel here is refused, and so is a missing one while nobody says why.
    """
    shipment = shipment_by_code(work.db, code)
    if shipment is None:
        return rules.no_shipment(code)
    if work.actor.person_id is None:
        return rules.nobody()
    due = [one for one in passengers(work.db, shipment) if one.due]
    expected = [one.code for one in due]
    scanned = _scanned(work, form.scanned)
    if isinstance(scanned, Refusal):
        return scanned
    missing = [one for one in due if one.code not in scanned]
    refusal = first(
        rules.not_in_state(shipment, ShipmentState.SENT),
        rules.extra_unit(shipment, expected, scanned),
        rules.nothing_scanned(expected, scanned),
        rules.missing_unit([one.code for one in missing], form.missing_reason or ""),
        custody.has_condition(form.condition),
    )
    if refusal is not None:
        return refusal
    destination = work.db.get_one(Place, shipment.destination_id)
    for unit in scanned:
        _must(operations.receive_unit(work, unit, destination.code, form.condition, form.celsius))
    change_if(
        work.db, Shipment, known(shipment.id), {"state": ShipmentState.SENT},
        state=ShipmentState.RECEIVED, received_at=work.at, received_by_id=work.actor.person_id,
    )  # fmt: skip
    record(
        work,
        events.SHIPMENT_RECEIVED,
        _subject(shipment),
        reason=form.missing_reason if missing else None,
        shipment=shipment.code,
        place=destination.code,
        units=", ".join(scanned) or "none",
        missing=", ".join(one.code for one in missing) or "none",
    )
    _tell_missing(work, shipment, missing, form.missing_reason or "")
    return shipment


def _scanned(work: Work, texts: Sequence[str]) -> list[str] | Refusal:
    """The units of these labels, each once."""
    found: list[str] = []
    for text in texts:
        unit = operations.unit_in_hand(work, text)
        if isinstance(unit, Refusal):
            return unit
        if unit not in found:
            found.append(unit)
    return found


def _tell_missing(work: Work, shipment: Shipment, missing: Sequence[Passenger], reason: str) -> None:
    limits = shipping_limits()
    for one in missing:
        told = say(
            "{unit} was not in the shipper when {shipment} was received.",
            unit=one.code,
            shipment=shipment.code,
        )
        what = f"{told} {reason}"
        open_deviation(work, SubjectKind.UNIT, one.code, what, limits.missing, f"shipment {limits.name}")


def cancel_shipment(work: Work, code: str, reason: str) -> Shipment | Refusal:
    """A shipment that will not leave, once nothing lies in it any more; shipper and logger are free again."""
    shipment = shipment_by_code(work.db, code)
    if shipment is None:
        return rules.no_shipment(code)
    refusal = first(
        rules.not_in_state(shipment, ShipmentState.PACKED),
        rules.still_packed(shipment, [one.code for one in passengers(work.db, shipment) if one.inside]),
        rules.reason_needed(say("Nobody says why shipment {code} does not leave.", code=code), reason),
    )
    if refusal is not None:
        return refusal
    change_if(
        work.db, Shipment, known(shipment.id), {"state": ShipmentState.PACKED},
        state=ShipmentState.CANCELLED,
    )  # fmt: skip
    record(work, events.SHIPMENT_CANCELLED, _subject(shipment), reason=reason.strip(), shipment=shipment.code)
    return shipment
