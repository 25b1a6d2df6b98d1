"""What the pages of lots show."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from app.concerns.models import Hold, SubjectKind
from app.donors.models import Donor
from app.donors.queries import site_day
from app.kernel.clock import stamp
from app.kernel.speech import headed, say
from app.kernel.tables import known, metadata
from app.lots import genealogy, queries
from app.lots.codes import shortly
from app.lots.freezerules import FROZEN
from app.lots.models import (
    FATES,
    Donation,
    Lot,
    LotKind,
    LotState,
    Step,
    StepKind,
    Tissue,
    Unit,
    UnitKind,
    UnitState,
)
from app.lots.picture import picture_of_units
from app.lots.process_limits import process_limits
from app.lots.step_rules import GIVES
from app.materials.queries import in_use

#: Words of the lists that people choose from.
WORDS: dict[str, list[tuple[str, str]]] = {
    "tissues": [(one.value, headed(one)) for one in Tissue],
    "tiers": [(one.value, headed(one)) for one in LotKind],
    "steps": [(one.value, headed(one)) for one in StepKind],
    "containers": [
        (one.value, say("QC sample") if one is UnitKind.QC_SAMPLE else headed(one))
        for one in UnitKind
        if any(one in given for given in GIVES.values())
    ],
    "fates": [(one.value, headed(one)) for one in (UnitState.TESTED, UnitState.RETAINED, UnitState.LOST)],
}


def shelf_life(lot: Lot) -> int:
    """Months this lot keeps after its making."""
    return process_limits().shelf_life.months(lot.kind)


def lot_page(db: Session, lot: Lot) -> dict[str, Any]:
    """Header, picture, units, steps, materials and holds of a lot."""
    key = known(lot.id)
    units = queries.units_of_lot(db, key)
    steps = queries.steps_of_lot(db, key)
    states = Counter(unit.state.value for unit in units)
    return {
        "lot": lot,
        "units": units,
        "steps": steps,
        "states": states.most_common(),
        "materials": sorted({code for row in steps for code in row.materials}),
        "equipment": sorted({code for row in steps for code in row.equipment}),
        "holds": queries.holds_reaching_lot(db, key),
        "picture": picture_of_units(db, {unit.id for unit in units}),
        "freezing": queries.freeze_runs_of_lot(db, key),
        "shortly": shortly,
        "open": lot.state is LotState.IN_PROCESS,
    }


def step_page(db: Session, lot: Lot, at: datetime) -> dict[str, Any]:
    """What a new step of the lot can take, what it can be done with, and the words to choose from."""
    units = queries.units_of_lot(db, known(lot.id))
    materials, devices = in_use(db, site_day(db, at))
    return {
        "materials": materials,
        "devices": devices,
        "lot": lot,
        "units": [unit for unit in units if unit.state not in FATES],
        "words": WORDS,
        "rows": (1, 2, 3, 4),
    }


def one_step(db: Session, step: Step, at: datetime) -> dict[str, Any]:
    """A step with all that it touched, its deviation, and the runs that froze what it filled."""
    row = queries.step_row(db, step)
    kinds = db.exec(rows_of(Unit.kind).where(Unit.step_id == step.id)).all()
    return {
        "step": step,
        "row": row,
        "lot": db.get_one(Lot, step.lot_id),
        "deviation": queries.deviation_code(db, step.deviation_id),
        "freezing": queries.freeze_runs_of(db, known(step.id)),
        "freezable": bool(FROZEN.intersection(kinds)),
        "devices": in_use(db, site_day(db, at))[1],
        "shortly": shortly,
    }


def donation_page(db: Session, donation: Donation) -> dict[str, Any]:
    """A donation, its donor's code, and all that came from it."""
    tissue = db.exec(rows_of(Unit).where(Unit.donation_id == donation.id)).one()
    below = genealogy.descendants(db, [known(tissue.id)])
    return {
        "donation": donation,
        "donor": db.get_one(Donor, donation.donor_id).code,
        "unit": tissue,
        "lots": _lots_of(db, below),
        "holds": queries.holds_reaching(db, known(tissue.id), [(SubjectKind.DONATION, donation.code)]),
        "picture": picture_of_units(db, below | {known(tissue.id)}, tissue.code),
    }


def _lots_of(db: Session, unit_ids: set[int]) -> list[str]:
    rows = genealogy.by_key("unit", "id", "lot_id").ask(db, unit_ids)
    keys = {row.lot_id for row in rows} - {None}
    return sorted(db.exec(rows_of(Lot.code).where(col(Lot.id).in_(keys))).all())


def unit_page(db: Session, unit: Unit) -> dict[str, Any]:
    """A unit, what stops it, what it came from and what it became."""
    key = known(unit.id)
    return {
        "unit": unit,
        "lot": db.get(Lot, unit.lot_id) if unit.lot_id is not None else None,
        "step": queries.making_of(db, unit),
        "holds": queries.holds_reaching(db, key),
        "donors": queries.donors_of_unit(db, key),
        "picture": picture_of_units(db, genealogy.descendants(db, [key]) | {key}, unit.code),
        "ended": unit.state in FATES,
        "words": WORDS,
        "shortly": shortly,
    }


_U, _L = metadata.tables["unit"].c, metadata.tables["lot"].c
#: One plain row, written once for all requests.
_UNIT = (
    select(_U.id, _U.code, _U.kind, _U.state, _U.passage, _U.viable_cells, _U.expires_at,
           _L.code.label("lot"), _L.state.label("lot_state"))
    .join_from(_U.id.table, _L.id.table, _L.id == _U.lot_id, isouter=True)
    .where(_U.code == bindparam("code"))
)  # fmt: skip


def unit_answer(db: Session, code: str) -> dict[str, Any] | None:
    """State, lot and holds of a unit in two or three statements of plain rows, for programs."""
    row = db.connection().execute(_UNIT, {"code": code}).mappings().one_or_none()
    if row is None:
        return None
    answer = dict(row)
    keys = genealogy.holds_reaching(db, [answer.pop("id")])
    held = (
        db.exec(rows_of(Hold.code).where(col(Hold.id).in_(keys)).order_by(col(Hold.id))).all() if keys else []
    )
    expiry = answer["expires_at"]
    return answer | {"expires_at": expiry and stamp(expiry), "holds": list(held)}
