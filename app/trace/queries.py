"""Trace: all that a subject came from and all that came from it, each in time proportional to its answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from app.concerns.models import SubjectKind
from app.kernel.refusals import Refusal
from app.kernel.tables import metadata
from app.lots.genealogy import Look, ancestors, by_key, descendants, edges_among, worded
from app.trace.rules import no_such_kind, not_found

#: Units of these states are nowhere any more: their last place is history.
_NOWHERE = frozenset({"consumed", "infused", "destroyed", "lost"})

UNITS = by_key("unit", "id", "id", "code", "kind", "state", "lot_id", "donation_id", "step_id")
UNITS_OF_LOT = by_key("unit", "lot_id", "id")
UNITS_OF_STEP = by_key("unit", "step_id", "id")
UNITS_OF_DONATION = by_key("unit", "donation_id", "id")
DONATIONS_OF_DONOR = by_key("donation", "donor_id", "id")
DONATIONS = by_key("donation", "id", "id", "code", "donor_id")
STEPS_WITH_MATERIAL = by_key("step_material", "material_id", "step_id")
STEPS_WITH_EQUIPMENT = by_key("step_equipment", "equipment_id", "step_id")
MATERIALS_OF_STEP = by_key("step_material", "step_id", "material_id")
EQUIPMENT_OF_STEP = by_key("step_equipment", "step_id", "equipment_id")
INFUSIONS_OF_UNIT = by_key("infusion", "unit_id", "unit_id", "recipient_id")
INFUSIONS_OF_RECIPIENT = by_key("infusion", "recipient_id", "unit_id")
CODES = {
    table: by_key(table, "id", "id", "code")
    for table in ("lot", "donor", "material", "equipment", "recipient")
}


def _places(look: Look, given: str) -> str:
    """The place of each unit: that of the last link of its custody."""
    return f"""
        SELECT w.u AS unit_id, x.code FROM (
            SELECT i.u, (SELECT c.place_id FROM custody_event AS c WHERE c.unit_id = i.u
                         ORDER BY c.link DESC LIMIT 1) AS place_id FROM {given}
        ) AS w {look("place", "x", id="w.place_id")}"""  # noqa: S608  our own names


def _lain_in(look: Look, given: str) -> str:
    """Every unit that ever lay in these places or anywhere within them."""
    return f"""
        WITH RECURSIVE inside(p) AS (
            SELECT i.u FROM {given}
            UNION
            SELECT x.id FROM inside AS s {look("place", "x", within_id="s.p")}
        )
        SELECT DISTINCT c.unit_id FROM inside AS s {look("custody_event", "c", place_id="s.p")}"""  # noqa: S608  our own names


PLACES_OF_UNIT = worded(_places)
UNITS_LAIN_IN = worded(_lain_in)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit of a trace: where it is now, and who received it."""

    code: str
    kind: str
    state: str
    lot: str | None
    place: str | None
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A subject, its ancestors and its descendants; every list sorted by code."""

    kind: SubjectKind
    code: str
    donors: tuple[str, ...]
    donations: tuple[str, ...]
    lots: tuple[str, ...]
    units: tuple[UnitLine, ...]
    materials: tuple[str, ...]
    equipment: tuple[str, ...]
    recipients: tuple[str, ...]
    #: Codes of the units that the subject is, of those it came from; all others came from it.
    is_itself: frozenset[str] = frozenset()
    came_from: frozenset[str] = frozenset()
    #: Pairs of unit codes, parent and child.
    edges: tuple[tuple[str, str], ...] = ()
    #: Donor and the tissue unit that he or she gave.
    given: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Reach:
    """What a trace reaches, as keys."""

    #: The subject's own units, or those that came directly from it.
    own: set[int] = field(default_factory=set)
    up: set[int] = field(default_factory=set)
    down: set[int] = field(default_factory=set)
    donors: set[int] = field(default_factory=set)
    donations: set[int] = field(default_factory=set)
    lots: set[int] = field(default_factory=set)
    materials: set[int] = field(default_factory=set)
    equipment: set[int] = field(default_factory=set)
    recipients: set[int] = field(default_factory=set)


def trace(db: Session, kind: str, code: str) -> Trace | Refusal:
    """Everything that this subject came from and everything that came from it.

    Never the descendants of its ancestors: of a bag, its vials and donor, not its sister bags; of a reagent
    lot, all it touched and whoever received it, not the donors of those cells. A lot stands for all its
    units; a place for every unit that ever lay in it. Recipients are those whose infusion began.
    """
    if kind not in set(SubjectKind):
        return no_such_kind(kind)
    subject = SubjectKind(kind)
    table = metadata.tables[subject.value]
    key = db.connection().execute(table.select().with_only_columns(table.c.id).where(table.c.code == code))
    found = key.scalar_one_or_none()
    if found is None:
        return not_found(subject.value, code)
    return _told(db, subject, code, _reach(db, subject, found))


def reached(db: Session, kind: SubjectKind, code: str) -> set[int]:
    """Keys of the units that the subject is, or made or touched, and of all that came from them."""
    table = metadata.tables[kind.value]
    key = db.connection().execute(table.select().with_only_columns(table.c.id).where(table.c.code == code))
    reach = _reach(db, kind, key.scalar_one())
    return reach.own | reach.down


def _first(rows: Iterable[Any]) -> set[int]:
    return {row[0] for row in rows if row[0] is not None}


def _reach(db: Session, kind: SubjectKind, key: int) -> _Reach:
    reach = _Reach()
    if kind in (SubjectKind.UNIT, SubjectKind.LOT, SubjectKind.RECIPIENT):
        _from_units(db, kind, key, reach)
    elif kind in (SubjectKind.DONOR, SubjectKind.DONATION):
        _from_donor(db, kind, key, reach)
    elif kind is SubjectKind.MATERIAL:
        reach.materials = {key}
        reach.own = _first(UNITS_OF_STEP.ask(db, _first(STEPS_WITH_MATERIAL.ask(db, [key]))))
    elif kind is SubjectKind.EQUIPMENT:
        reach.equipment = {key}
        reach.own = _first(UNITS_OF_STEP.ask(db, _first(STEPS_WITH_EQUIPMENT.ask(db, [key]))))
    else:
        reach.own = _first(UNITS_LAIN_IN.ask(db, [key]))
    if kind is not SubjectKind.RECIPIENT:
        reach.down = descendants(db, reach.own)
    return reach


def _from_units(db: Session, kind: SubjectKind, key: int, reach: _Reach) -> None:
    """A unit, a lot or a recipient came from units, from what touched them, and from donors."""
    if kind is SubjectKind.UNIT:
        reach.own = {key}
    elif kind is SubjectKind.LOT:
        reach.lots = {key}
        reach.own = _first(UNITS_OF_LOT.ask(db, [key]))
    else:
        reach.recipients = {key}
        reach.own = _first(INFUSIONS_OF_RECIPIENT.ask(db, [key]))
    reach.up = ancestors(db, reach.own)
    line = UNITS.ask(db, reach.own | reach.up)
    steps = {row.step_id for row in line} - {None}
    reach.donations = {row.donation_id for row in line} - {None}
    reach.donors = {row.donor_id for row in DONATIONS.ask(db, reach.donations)}
    reach.materials = _first(MATERIALS_OF_STEP.ask(db, steps))
    reach.equipment = _first(EQUIPMENT_OF_STEP.ask(db, steps))


def _from_donor(db: Session, kind: SubjectKind, key: int, reach: _Reach) -> None:
    if kind is SubjectKind.DONOR:
        reach.donors = {key}
        reach.donations = _first(DONATIONS_OF_DONOR.ask(db, [key]))
    else:
        reach.donations = {key}
        reach.donors = {row.donor_id for row in DONATIONS.ask(db, [key])}
    reach.own = _first(UNITS_OF_DONATION.ask(db, reach.donations))


def _told(db: Session, kind: SubjectKind, code: str, reach: _Reach) -> Trace:
    every = reach.own | reach.up | reach.down
    rows = sorted(UNITS.ask(db, every), key=lambda row: str(row.code))
    infused = {row.unit_id: row.recipient_id for row in INFUSIONS_OF_UNIT.ask(db, every)}
    after = {infused[unit] for unit in (reach.own | reach.down) if unit in infused}
    if kind is not SubjectKind.RECIPIENT:
        reach.recipients = after
    lots = _codes(db, "lot", reach.lots | ({row.lot_id for row in rows} - {None}))
    names = _codes(db, "recipient", reach.recipients | set(infused.values()))
    places = {row.unit_id: row.code for row in PLACES_OF_UNIT.ask(db, every)}
    donors = _codes(db, "donor", reach.donors)
    donations = DONATIONS.ask(db, reach.donations)
    unit_codes = {row.id: row.code for row in rows}
    itself = reach.own if kind in (SubjectKind.UNIT, SubjectKind.LOT) else set()
    before = reach.up | reach.own if kind is SubjectKind.RECIPIENT else reach.up
    giver = {row.id: donors[row.donor_id] for row in donations}
    return Trace(
        kind=kind,
        code=code,
        donors=_sorted(donors),
        donations=tuple(sorted(row.code for row in donations)),
        lots=_sorted(lots),
        units=tuple(
            UnitLine(
                row.code,
                row.kind,
                row.state,
                lots.get(row.lot_id),
                None if row.state in _NOWHERE else places.get(row.id),
                names.get(infused.get(row.id, 0)),
            )
            for row in rows
        ),
        materials=_sorted(_codes(db, "material", reach.materials)),
        equipment=_sorted(_codes(db, "equipment", reach.equipment)),
        recipients=tuple(sorted(names[one] for one in reach.recipients)),
        is_itself=frozenset(unit_codes[one] for one in itself),
        came_from=frozenset(unit_codes[one] for one in before - itself),
        edges=tuple((unit_codes[a], unit_codes[b]) for a, b in edges_among(db, every)),
        given=tuple((giver[row.donation_id], row.code) for row in rows if row.donation_id in giver),
    )


def _codes(db: Session, table: str, keys: set[int]) -> dict[int, str]:
    return {row.id: row.code for row in CODES[table].ask(db, keys)}


def _sorted(codes: dict[int, str]) -> tuple[str, ...]:
    return tuple(sorted(codes.values()))


def as_json(found: Trace) -> dict[str, Any]:
    """The answer of ``trace X --json``; its names are a contract."""
    return {
        "subject": f"{found.kind.value}:{found.code}",
        "donors": list(found.donors),
        "donations": list(found.donations),
        "lots": list(found.lots),
        "units": [
            {
                "code": unit.code,
                "kind": unit.kind,
                "state": unit.state,
                "lot": unit.lot,
                "place": unit.place,
                "recipient": unit.recipient,
            }
            for unit in found.units
        ],
        "materials": list(found.materials),
        "equipment": list(found.equipment),
        "recipients": list(found.recipients),
    }


#: What a trace and a look for holds ask of the database; a test reads their plans.
ASKED = (
    UNITS, UNITS_OF_LOT, UNITS_OF_STEP, UNITS_OF_DONATION, DONATIONS_OF_DONOR, DONATIONS, STEPS_WITH_MATERIAL,
    STEPS_WITH_EQUIPMENT, MATERIALS_OF_STEP, EQUIPMENT_OF_STEP, INFUSIONS_OF_UNIT, INFUSIONS_OF_RECIPIENT,
    PLACES_OF_UNIT, UNITS_LAIN_IN, *CODES.values(),
)  # fmt: skip
