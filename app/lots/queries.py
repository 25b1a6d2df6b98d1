"""Reads of donations, lots, units and steps."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.concerns.models import Deviation, Hold, SubjectKind
from app.concerns.queries import holds_on
from app.donors.models import Donor
from app.evidence.files import StoredFile
from app.lots import genealogy
from app.lots.models import (
    Donation,
    Edge,
    FreezeRun,
    Lot,
    LotKind,
    LotState,
    Step,
    StepEquipment,
    StepKind,
    StepMaterial,
    Unit,
    UnitKind,
    UnitState,
)
from app.materials.models import Equipment, Material

#: Lots on one page of the list.
PAGE = 50

ancestors = genealogy.ancestors
descendants = genealogy.descendants


class HasCode(Protocol):
    """Anything that people call by a code."""

    code: str


class LotRow(NamedTuple):
    """One line of the list of lots."""

    id: int
    code: str
    kind: LotKind
    product: str
    state: LotState
    opened_at: datetime
    made_at: datetime | None
    expires_at: datetime | None


class UnitRow(NamedTuple):
    """One line of a list of units."""

    id: int
    code: str
    kind: UnitKind
    state: UnitState
    lot_id: int | None
    donation_id: int | None
    step_id: int | None
    passage: int
    cumulative_pd: Decimal
    volume_ml: Decimal
    viable_cells: int
    viability_percent: Decimal
    made_at: datetime
    expires_at: datetime | None


class StepRow(NamedTuple):
    """A step with who did it, the codes that went in and came out, and with what."""

    step: Step
    performed_by: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    materials: tuple[str, ...]
    equipment: tuple[str, ...]


def lot_by_code(db: Session, code: str) -> Lot | None:
    """The lot with this code."""
    return db.exec(select(Lot).where(Lot.code == code)).one_or_none()


def unit_by_code(db: Session, code: str) -> Unit | None:
    """The unit with this code."""
    return db.exec(select(Unit).where(Unit.code == code)).one_or_none()


def step_by_code(db: Session, code: str) -> Step | None:
    """The step with this code."""
    return db.exec(select(Step).where(Step.code == code)).one_or_none()


def step_row(db: Session, step: Step) -> StepRow:
    """A step with all that it touched."""
    return _step_row(db, step, db.get_one(Person, step.performed_by_id).name)


def freeze_run_by_code(db: Session, code: str) -> FreezeRun | None:
    """The run of the freezer with this code."""
    return db.exec(select(FreezeRun).where(FreezeRun.code == code)).one_or_none()


def freeze_runs_of(db: Session, step_id: int) -> list[FreezeRun]:
    """The runs that froze what a step filled, in order of time."""
    runs = select(FreezeRun).where(FreezeRun.step_id == step_id).order_by(col(FreezeRun.started_at))
    return list(db.exec(runs).all())


def freeze_runs_of_lot(db: Session, lot_id: int) -> list[FreezeRun]:
    """The runs that froze any container of a lot, in order of time."""
    runs = select(FreezeRun).join(Step, col(Step.id) == col(FreezeRun.step_id)).where(Step.lot_id == lot_id)
    return list(db.exec(runs.order_by(col(FreezeRun.started_at))).all())


def file_of_run(db: Session, run: FreezeRun) -> StoredFile:
    """The freezer's file as it was kept."""
    return db.get_one(StoredFile, run.stored_file_id)


def step_of_run(db: Session, run: FreezeRun) -> str:
    """The code of the step whose containers a run froze."""
    return db.get_one(Step, run.step_id).code


def deviation_code(db: Session, deviation_id: int | None) -> str | None:
    """The code of a deviation, where there is one."""
    return None if deviation_id is None else db.get_one(Deviation, deviation_id).code


def donation_by_code(db: Session, code: str) -> Donation | None:
    """The donation with this number."""
    return db.exec(select(Donation).where(Donation.code == code)).one_or_none()


def donations_of(db: Session, donor_id: int) -> list[Donation]:
    """All donations of a donor, newest first."""
    found = select(Donation).where(Donation.donor_id == donor_id).order_by(col(Donation.id).desc())
    return list(db.exec(found).all())


def list_lots(db: Session, before_id: int | None = None) -> list[LotRow]:
    """A page of lots, newest first, and one more when there are older ones."""
    rows = select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
        Lot.id, Lot.code, Lot.kind, Lot.product, Lot.state, Lot.opened_at, Lot.made_at, Lot.expires_at
    )
    if before_id is not None:
        rows = rows.where(col(Lot.id) < before_id)
    return [LotRow._make(row) for row in db.exec(rows.order_by(col(Lot.id).desc()).limit(PAGE + 1)).all()]


def list_donations(db: Session) -> list[tuple[str, str, str, datetime]]:
    """The newest donations as (number, donor's code, tissue, when collected)."""
    rows = (
        select(Donation.code, Donor.code, Donation.tissue, Donation.collected_at)
        .join(Donor, col(Donor.id) == col(Donation.donor_id))
        .order_by(col(Donation.id).desc())
        .limit(PAGE)
    )
    return [(code, donor, str(tissue), at) for code, donor, tissue, at in db.exec(rows).all()]


_UNIT = tuple(getattr(Unit, name) for name in UnitRow._fields)


def units_of_lot(db: Session, lot_id: int) -> list[UnitRow]:
    """Every unit of a lot, by kind and number."""
    rows = select(*_UNIT).where(Unit.lot_id == lot_id).order_by(col(Unit.id))
    return [UnitRow._make(row) for row in db.exec(rows).all()]


def units_with(db: Session, unit_ids: Iterable[int]) -> list[UnitRow]:
    """These units, in order of making."""
    found: list[UnitRow] = []
    keys = sorted(unit_ids)
    for start in range(0, len(keys), 500):
        rows = select(*_UNIT).where(col(Unit.id).in_(keys[start : start + 500])).order_by(col(Unit.id))
        found += [UnitRow._make(row) for row in db.exec(rows).all()]
    return found


def donors_of_unit(db: Session, unit_id: int) -> list[Donor]:
    """Every donor whose cells are in this unit, by code."""
    line = genealogy.ancestors(db, [unit_id]) | {unit_id}
    given = {row[0] for row in genealogy.by_key("unit", "id", "donation_id").ask(db, line)} - {None}
    found = select(Donor).join(Donation, col(Donation.donor_id) == col(Donor.id))
    found = found.where(col(Donation.id).in_(given)).distinct()
    return list(db.exec(found.order_by(Donor.code)).all())


def donors_and_tissue(db: Session, unit_ids: Iterable[int]) -> list[tuple[str, int]]:
    """Of these units those given by a donor, as (donor's code, key of the unit)."""
    rows = genealogy.by_key("unit", "id", "id", "donation_id").ask(db, unit_ids)
    given = {row.donation_id: row.id for row in rows if row.donation_id is not None}
    found = select(Donation.id, Donor.code).join(Donor, col(Donor.id) == col(Donation.donor_id))
    pairs = db.exec(found.where(col(Donation.id).in_(given))).all()
    return sorted((code, given[key]) for key, code in pairs if key is not None)


def place_subjects(places: Iterable[HasCode]) -> tuple[tuple[SubjectKind, str], ...]:
    """Places as subjects that a hold can lie on."""
    return tuple((SubjectKind.PLACE, place.code) for place in places)


def holds_reaching(
    db: Session, unit_id: int, extra_subjects: Iterable[tuple[SubjectKind, str]] = ()
) -> list[Hold]:
    """The holds in force that reach this unit, oldest first.

    Asked are the unit, its lot and place; every unit it came from, their lots, donations and donors; and the
    materials and devices of the steps that made them. ``extra_subjects`` adds what only the caller knows,
    such as the place the unit is about to go to.
    """
    keys = genealogy.holds_reaching(db, [unit_id])
    holds = list(db.exec(select(Hold).where(col(Hold.id).in_(keys))).all()) if keys else []
    holds += [hold for hold in holds_on(db, extra_subjects) if hold.id not in keys]
    return sorted(holds, key=lambda hold: hold.id or 0)


def holds_reaching_lot(db: Session, lot_id: int) -> list[Hold]:
    """The holds in force that reach any unit of the lot, or lie on the lot itself, oldest first."""
    units = db.exec(select(Unit.id).where(Unit.lot_id == lot_id)).all()
    keys = genealogy.holds_reaching(db, [key for key in units if key is not None])
    holds = {hold.id: hold for hold in db.exec(select(Hold).where(col(Hold.id).in_(keys))).all()}
    holds |= {hold.id: hold for hold in holds_on(db, [(SubjectKind.LOT, db.get_one(Lot, lot_id).code)])}
    return sorted(holds.values(), key=lambda hold: hold.id or 0)


def makers_of_lot(db: Session, lot_id: int) -> set[int]:
    """Keys of the people who performed any step of the lot: none of them may release it."""
    return set(db.exec(select(Step.performed_by_id).where(Step.lot_id == lot_id).distinct()).all())


def steps_of_lot(db: Session, lot_id: int) -> list[StepRow]:
    """The steps of a lot in order of their beginning, each with all that it touched."""
    steps = db.exec(
        select(Step, Person.name)
        .join(Person, col(Person.id) == col(Step.performed_by_id))
        .where(Step.lot_id == lot_id)
        .order_by(col(Step.started_at), col(Step.id))
    ).all()
    return [_step_row(db, step, name) for step, name in steps]


def making_of(db: Session, unit: Unit) -> StepRow | None:
    """The step that made a unit, with all that it touched; None for tissue."""
    if unit.step_id is None:
        return None
    step = db.get_one(Step, unit.step_id)
    return _step_row(db, step, db.get_one(Person, step.performed_by_id).name)


def _step_row(db: Session, step: Step, name: str) -> StepRow:
    made = db.exec(select(Unit.id, Unit.code).where(Unit.step_id == step.id).order_by(col(Unit.id))).all()
    parents = (
        select(Unit.code)
        .join(Edge, col(Edge.parent_id) == col(Unit.id))
        .where(col(Edge.child_id).in_([key for key, _ in made]))
    )
    materials = select(Material.code).join(StepMaterial, col(StepMaterial.material_id) == col(Material.id))
    devices = select(Equipment.code).join(StepEquipment, col(StepEquipment.equipment_id) == col(Equipment.id))
    return StepRow(
        step,
        name,
        tuple(sorted(set(db.exec(parents).all()))),
        tuple(code for _, code in made),
        tuple(sorted(db.exec(materials.where(StepMaterial.step_id == step.id)).all())),
        tuple(sorted(db.exec(devices.where(StepEquipment.step_id == step.id)).all())),
    )


def count_units(db: Session, lot_id: int, kind: UnitKind) -> int:
    """How many units of this kind the lot ever had."""
    counted = select(func.count()).select_from(Unit).where(Unit.lot_id == lot_id, Unit.kind == kind)
    return db.exec(counted).one()


def count_steps(db: Session, lot_id: int) -> int:
    """How many steps the lot had."""
    return db.exec(select(func.count()).select_from(Step).where(Step.lot_id == lot_id)).one()


def seeding_of(db: Session, unit: Unit) -> Step | None:
    """The step that seeded this unit, when its cells are in culture."""
    step = db.get(Step, unit.step_id) if unit.step_id is not None else None
    return step if step is not None and step.kind is StepKind.SEED else None
