"""The only writers of a unit's custody: each link of its chain."""

from decimal import Decimal

from sqlmodel import select

from app.access.models import Person
from app.custody import events, places, queries
from app.custody.models import CustodyEvent, CustodyKind, Place
from app.custody.rules import (
    LEAVING,
    Leaving,
    Why,
    carried_by_another,
    has_condition,
    may_store,
    no_person,
    no_unit,
    void_label,
)
from app.evidence.ledger import EventKind, Subject, record
from app.kernel.gates import Guarded, may_pass
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.work import Work
from app.labeling.queries import by_serial, current_label
from app.lots import queries as lots
from app.lots.models import Lot, Unit, UnitState
from app.lots.operations import move_unit
from app.quality.queries import release_stands
from labels import payload


def unit_in_hand(work: Work, text: str) -> str | Refusal:
    """The code of the unit that was scanned or typed; a label counts only while it is the applied one."""
    read = payload.read(text)
    if isinstance(read, payload.Fault):
        return text.strip().upper()[:40]
    if read.kind is not payload.Kind.CONTAINER:
        return Refusal(
            Why.NOT_A_LABEL,
            say("This is the code of a {kind}, not of a unit's label.", kind=read.kind.name.lower()),
            say("Scan the label on the unit."),
        )
    found = by_serial(work.db, read.text)
    if found is None:
        return Refusal(
            Why.NOT_A_LABEL,
            say("Label {text} was not printed here.", text=payload.grouped(read.text)),
            say("Do not use it. Call quality."),
        )
    refusal = void_label(payload.grouped(read.text), found.unit.code, found.label.state)
    return refusal if refusal is not None else found.unit.code


def store_unit(
    work: Work, unit_code: str, place_code: str, condition: str, celsius: Decimal | None = None
) -> CustodyEvent | Refusal:
    """Put a unit at a place; the person at hand gives and takes it."""
    found = _unit_and_place(work, unit_code, place_code, condition)
    if isinstance(found, Refusal):
        return found
    unit, place = found
    refusal = may_store(unit.code, unit.state)
    if refusal is not None:
        return refusal
    chain = queries.links(work.db, known(unit.id))
    kind = CustodyKind.MOVED if chain else CustodyKind.STORED
    link = _link(work, unit, place, kind, condition, celsius, taker_id=work.actor.person_id)
    if isinstance(link, Refusal):
        return link
    event = events.MOVED if chain else events.STORED
    record(work, event, Subject("unit", unit.code), unit=unit.code, place=place.code, condition=condition)
    return link


def issue_unit(
    work: Work, unit_code: str, place_code: str, taker: str, condition: str, celsius: Decimal | None = None
) -> CustodyEvent | Refusal:
    """Hand an allocated unit over to its taker: it leaves the laboratory, or nothing does."""
    found = _unit_and_place(work, unit_code, place_code, condition)
    if isinstance(found, Refusal):
        return found
    unit, place = found
    refusal = first(first_of(LEAVING, situation(work, unit)), may_pass(work, Guarded.ISSUE, unit.code))
    if refusal is not None:
        return refusal
    wanted = select(Person).where(Person.sign_in == taker.strip().lower(), Person.active)
    person = work.db.exec(wanted).one_or_none()
    if person is None:
        return Refusal(
            Why.NO_PERSON,
            say("Nobody here signs in as {taker}.", taker=taker[:40]),
            say("Name the person who takes the unit."),
        )
    return _hand_over(
        work,
        unit,
        place,
        (UnitState.ALLOCATED, UnitState.ISSUED),
        CustodyKind.ISSUED,
        events.ISSUED,
        person,
        condition,
        celsius,
    )


def situation(work: Work, unit: Unit) -> Leaving:
    """All that is known of a unit when it is to leave the laboratory, or to lie in stock again."""
    lot = work.db.get(Lot, unit.lot_id) if unit.lot_id is not None else None
    here = queries.places_around(work.db, queries.place_of(work.db, known(unit.id)))
    holds = lots.holds_reaching(work.db, known(unit.id), lots.place_subjects(here))
    return Leaving(
        unit=unit.code,
        state=unit.state,
        lot_state=lot.state if lot else None,
        release_stands=lot is not None and release_stands(work.db, lot),
        holds=tuple(hold.code for hold in holds),
        label_applied=current_label(work.db, known(unit.id)) is not None,
        expires_at=unit.expires_at or (lot.expires_at if lot else None),
        gaps=tuple(queries.gaps(work.db, known(unit.id))),
        stored=bool(here),
        at=work.at,
    )


def send_unit(
    work: Work, unit_code: str, place_code: str, condition: str, celsius: Decimal | None = None
) -> CustodyEvent | Refusal:
    """The carrier who was handed the unit takes it on its way."""
    found = _unit_and_place(work, unit_code, place_code, condition)
    if isinstance(found, Refusal):
        return found
    chain = queries.links(work.db, known(found[0].id))
    if chain:
        carrier = work.db.get_one(Person, chain[-1].taker_id)
        refusal = carried_by_another(found[0].code, chain[-1].taker_id, carrier.name, work.actor.person_id)
        if refusal is not None:
            return refusal
    return _take(
        work, unit_code, place_code, condition, celsius, (UnitState.ISSUED,), UnitState.IN_TRANSIT,
        CustodyKind.SENT, events.SENT,
    )  # fmt: skip


def receive_unit(
    work: Work, unit_code: str, place_code: str, condition: str, celsius: Decimal | None = None
) -> CustodyEvent | Refusal:
    """The person at hand takes an issued unit at its destination."""
    return _take(
        work, unit_code, place_code, condition, celsius, (UnitState.ISSUED, UnitState.IN_TRANSIT),
        UnitState.RECEIVED, CustodyKind.RECEIVED, events.RECEIVED,
    )  # fmt: skip


def return_unit(
    work: Work, unit_code: str, place_code: str, condition: str, celsius: Decimal | None = None
) -> CustodyEvent | Refusal:
    """A unit that left comes back, unthawed; quality decides what becomes of it."""
    return _take(
        work, unit_code, place_code, condition, celsius,
        (UnitState.ISSUED, UnitState.IN_TRANSIT, UnitState.RECEIVED), UnitState.RETURNED,
        CustodyKind.RETURNED, events.RETURNED,
    )  # fmt: skip


def _take(
    work: Work,
    unit_code: str,
    place_code: str,
    condition: str,
    celsius: Decimal | None,
    olds: tuple[UnitState, ...],
    new: UnitState,
    kind: CustodyKind,
    event: EventKind,
) -> CustodyEvent | Refusal:
    found = _unit_and_place(work, unit_code, place_code, condition)
    if isinstance(found, Refusal):
        return found
    unit, place = found
    if unit.state not in olds:
        return Refusal(
            Why.WRONG_STATE,
            say(
                "{code} is {state}: it cannot be {kind} now.",
                code=unit.code,
                state=word(unit.state),
                kind=kind.value,
            ),
            say("Look at its custody page to see where it is."),
        )
    taker = work.db.get(Person, work.actor.person_id) if work.actor.person_id else None
    if taker is None:
        return no_person()
    return _hand_over(work, unit, place, (unit.state, new), kind, event, taker, condition, celsius)


def _hand_over(
    work: Work,
    unit: Unit,
    place: Place,
    move: tuple[UnitState, UnitState],
    kind: CustodyKind,
    event: EventKind,
    taker: Person,
    condition: str,
    celsius: Decimal | None,
) -> CustodyEvent | Refusal:
    if not move_unit(work, known(unit.id), *move):
        return Refusal(
            Why.WRONG_STATE,
            say("Somebody else moved {code} just now.", code=unit.code),
            say("Look where it is and scan again."),
        )
    link = _link(work, unit, place, kind, condition, celsius, taker_id=taker.id)
    if isinstance(link, Refusal):
        return link
    told = {"unit": unit.code, "place": place.code, "condition": condition, "taker": taker.sign_in}
    record(work, event, Subject("unit", unit.code), **{name: told[name] for name in event.facts})
    return link


def _unit_and_place(
    work: Work, unit_code: str, place_code: str, condition: str
) -> tuple[Unit, Place] | Refusal:
    unit = lots.unit_by_code(work.db, unit_code)
    if unit is None:
        return no_unit(unit_code)
    place = queries.place_scanned(work.db, place_code)
    if place is None:
        return places.no_place(place_code, say("Scan the place's code, or add the place."))
    refusal = has_condition(condition)
    if refusal is not None:
        return refusal
    room = places.room_for(work.db, unit, place)
    return room if isinstance(room, Refusal) else (unit, room)


def _link(
    work: Work,
    unit: Unit,
    place: Place,
    kind: CustodyKind,
    condition: str,
    celsius: Decimal | None,
    *,
    taker_id: int | None,
) -> CustodyEvent | Refusal:
    """The next link: who had the unit last gives it, so that no gap can open."""
    chain = queries.links(work.db, known(unit.id))
    giver = chain[-1].taker_id if chain else work.actor.person_id
    if giver is None or taker_id is None:
        return no_person()
    link = CustodyEvent(
        unit_id=known(unit.id),
        link=chain[-1].link + 1 if chain else 1,
        kind=kind,
        at=work.at,
        place_id=known(place.id),
        giver_id=giver,
        taker_id=taker_id,
        condition=condition,
        celsius=celsius,
    )
    work.db.add(link)
    places.lies_at(work, known(unit.id), place)
    return link
