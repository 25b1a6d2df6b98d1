"""The only writers of places: adding them, laying out boxes, and finding the room a unit is put into."""

from sqlmodel import Session, col, select

from app.custody import events, place_rules, queries
from app.custody.forms import PlaceForm
from app.custody.models import Place, PlaceKind, UnitLocation
from app.custody.rules import Why
from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots.models import Unit
from labels import payload


def add_place(work: Work, form: PlaceForm) -> Place | Refusal:
    """Add a place with its own serial, within another where one is named; a box gets all its positions."""
    if queries.place_by_code(work.db, form.code) is not None:
        return Refusal(
            Why.PLACE_TAKEN,
            say("There is a place {code} already.", code=form.code),
            say("Choose another code."),
        )
    within = queries.place_scanned(work.db, form.within) if form.within else None
    if form.within and within is None:
        return no_place(form.within, say("Add the outer place first."))
    refusal = first(_misplaced(form, within), _positions_taken(work.db, form))
    if refusal is not None:
        return refusal
    place = _added(work, form, within)
    if place.row_count is not None:
        _lay_out(work, place)
    return place


def _misplaced(form: PlaceForm, within: Place | None) -> Refusal | None:
    outer, code = (within.kind, within.code) if within else (None, "")
    return first(
        place_rules.layout_fault(form.kind, form.rows, form.columns, form.capacity),
        place_rules.cannot_lie_there(form.kind, outer, code),
        place_rules.laid_out(form.kind, code, within.row_count if within else None),
    )


def _positions_taken(db: Session, form: PlaceForm) -> Refusal | None:
    if form.rows is None or form.columns is None:
        return None
    codes = [code for _, _, code in place_rules.position_codes(form.code, form.rows, form.columns)]
    found = select(Place.code).where(col(Place.code).in_(codes)).order_by(col(Place.code))
    return first(place_rules.code_too_long(codes), place_rules.position_code_taken(db.exec(found).all()))


def _added(work: Work, form: PlaceForm, within: Place | None) -> Place:
    place = Place(
        code=form.code,
        serial=payload.issue(payload.Kind.PLACE),
        name=form.name,
        kind=form.kind,
        within_id=within.id if within else None,
        row_count=form.rows,
        column_count=form.columns,
        capacity=form.capacity,
    )
    work.db.add(place)
    record(
        work,
        events.PLACE_ADDED,
        Subject("place", form.code),
        place=form.code,
        what=form.kind,
        within=within.code if within else "nothing",
    )
    return place


def _lay_out(work: Work, box: Place) -> None:
    """Make the positions of a box, each with a serial of its own, so that a label on it can be scanned."""
    assert box.row_count is not None and box.column_count is not None
    work.db.flush()
    for row, column, code in place_rules.position_codes(box.code, box.row_count, box.column_count):
        position = Place(
            code=code,
            serial=payload.issue(payload.Kind.PLACE),
            name=f"{box.name}, {code.removeprefix(box.code + '-')}",
            kind=PlaceKind.POSITION,
            within_id=box.id,
            at_row=row,
            at_column=column,
        )
        work.db.add(position)
    record(
        work,
        events.BOX_LAID_OUT,
        Subject("place", box.code),
        place=box.code,
        rows=box.row_count,
        columns=box.column_count,
    )


def room_for(db: Session, unit: Unit, place: Place) -> Place | Refusal:
    """Where the unit goes when it is put at this place: the place, or the first free position of a box.

    Refused, with the nearest free places, where a position is filled or a place holds all it can.
    """
    if place.kind is PlaceKind.POSITION:
        there = queries.filling(db, known(place.id))
        if there is None or there == unit.code:
            return place
        return place_rules.position_full(place.code, there, queries.free_near(db, place))
    if positions := queries.positions(db, known(place.id)):
        mine = next((one for one in positions if one.unit == unit.code), None)
        free = mine or next((one for one in positions if one.unit is None), None)
        if free is not None:
            return db.get_one(Place, free.id)
        return place_rules.place_full(place.code, len(positions), queries.free_near(db, place))
    if place.capacity is None:
        return place
    others = [row["code"] for row in queries.units_in(db, known(place.id)) if row["code"] != unit.code]
    if len(others) < place.capacity:
        return place
    return place_rules.place_full(place.code, place.capacity, queries.free_near(db, place))


def lies_at(work: Work, unit_id: int, place: Place) -> None:
    """Write down where the unit lies from now on; the caller's event tells of it.

    A position still written as filled by a unit that is gone, such as one destroyed, becomes free here.
    """
    position_id = place.id if place.kind is PlaceKind.POSITION else None
    if position_id is not None:
        former = select(UnitLocation).where(
            UnitLocation.position_id == position_id, UnitLocation.unit_id != unit_id
        )
        for gone in work.db.exec(former).all():
            change_if(work.db, UnitLocation, known(gone.id), {}, position_id=None)
    lying = work.db.exec(select(UnitLocation).where(UnitLocation.unit_id == unit_id)).one_or_none()
    if lying is None:
        work.db.add(UnitLocation(unit_id=unit_id, place_id=known(place.id), position_id=position_id))
        work.db.flush()
    else:
        change_if(
            work.db, UnitLocation, known(lying.id), {}, place_id=known(place.id), position_id=position_id
        )


def no_place(text: str, next_step: str) -> Refusal:
    """Nothing here has this code or serial."""
    return Refusal(Why.NO_PLACE, say("There is no place {text}.", text=text.strip()[:40]), next_step)
