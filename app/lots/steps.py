"""Steps: units become units, with every figure computed and every cell accounted for."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import col, select

from app.concerns.models import SubjectKind
from app.concerns.queries import holds_on
from app.donors.queries import site_day
from app.evidence.ledger import Subject, record
from app.kernel.db import insert_rows
from app.kernel.refusals import Refusal, first_of
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import events, rules
from app.lots.codes import shortly
from app.lots.concerned import deviation_on
from app.lots.count_rules import difference
from app.lots.models import (
    CODE_LETTER,
    Edge,
    Lot,
    Step,
    StepEquipment,
    StepKind,
    StepMaterial,
    Unit,
    UnitState,
)
from app.lots.operations import move_unit
from app.lots.process_limits import process_limits
from app.lots.queries import (
    count_steps,
    count_units,
    holds_reaching,
    lot_by_code,
    seeding_of,
    unit_by_code,
)
from app.lots.reckoning import Input, reckon
from app.lots.rules import Why
from app.lots.situation import Situation
from app.lots.step_rules import QUESTIONS
from app.lots.stepform import StepForm, Yield
from app.materials.models import Equipment, Material
from app.materials.queries import calibrations_of, equipment_named, materials_named, tools_named
from app.materials.rules import unfit


@dataclass(frozen=True, slots=True)
class _Tools:
    """The reagent lots and devices of a step, found."""

    materials: list[Material]
    devices: list[Equipment]


def perform_step(work: Work, form: StepForm) -> Step | Refusal:
    """Record one step: its inputs are consumed (a sample leaves the rest), its yields get their codes.

    Computed, never typed: passage, population doublings and their sum, and the cell balance. Refused with
    the figure: a passage or doublings beyond the limits, a count that looks like a slip, cells that do not
    add up and were not counted twice; also whatever is on hold, expired, uncalibrated or not released. An
    unexplained difference that was counted twice is kept, and opens a deviation on the lot.
    """
    refusal = rules.nobody(work.actor)
    lot = lot_by_code(work.db, form.lot)
    if refusal is not None or lot is None or lot.id is None:
        return refusal or rules.no_such(Why.NO_SUCH_LOT, "lot", form.lot)
    units = _inputs_named(work, form)
    tools = _tools_named(work, form)
    for answer in (units, tools):
        if isinstance(answer, Refusal):
            return answer
    assert isinstance(units, list) and isinstance(tools, _Tools)
    situation = _situation(work, form, lot, units, tools)
    used_on = site_day(work.db, form.started_at)
    devices = [(device, calibrations_of(work.db, device)) for device in tools.devices]
    refusal = first_of(QUESTIONS, situation) or unfit(tools.materials, devices, form.started_at, used_on)
    if refusal is not None:
        return refusal
    return _keep(work, situation, lot, units, tools)


def _tools_named(work: Work, form: StepForm) -> _Tools | Refusal:
    materials = materials_named(work.db, form.materials)
    devices = equipment_named(work.db, form.equipment)
    scanned = tools_named(work.db, form.tools)
    for answer in (materials, devices, scanned):
        if isinstance(answer, Refusal):
            return answer
    assert isinstance(materials, list) and isinstance(devices, list) and isinstance(scanned, list)
    every = [*materials, *devices, *scanned]
    return _Tools(
        list({one.code: one for one in every if isinstance(one, Material)}.values()),
        list({one.code: one for one in every if isinstance(one, Equipment)}.values()),
    )


def _inputs_named(work: Work, form: StepForm) -> list[Unit] | Refusal:
    if not form.inputs:
        return Refusal(
            Why.NO_INPUT, say("No unit went into this step."), say("Scan the units that were used.")
        )
    units = []
    for code in dict.fromkeys(form.inputs):
        unit = unit_by_code(work.db, code)
        if unit is None:
            return rules.no_such(Why.NO_SUCH_UNIT, "unit", code)
        units.append(unit)
    return units


def _situation(work: Work, form: StepForm, lot: Lot, units: list[Unit], tools: _Tools) -> Situation:
    assert lot.id is not None
    inputs = tuple(_input(work, unit) for unit in units)
    lots = {unit.lot_id for unit in units if unit.lot_id is not None}
    sources = work.db.exec(select(Lot).where(col(Lot.id).in_(lots))).all()
    return Situation(
        form=form,
        at=work.at,
        lot_id=lot.id,
        lot_kind=lot.kind,
        lot_state=lot.state,
        inputs=inputs,
        lot_states={one.id: one.state for one in sources if one.id is not None},
        lot_kinds={one.id: one.kind for one in sources if one.id is not None},
        holds=_holds(work, form.lot, inputs, tools),
        limits=process_limits(),
        reckoned=reckon(form, inputs),
    )


def _input(work: Work, unit: Unit) -> Input:
    assert unit.id is not None
    seeding = seeding_of(work.db, unit)
    return Input(
        id=unit.id,
        code=unit.code,
        kind=unit.kind,
        state=unit.state,
        lot_id=unit.lot_id,
        passage=unit.passage,
        cumulative_pd=unit.cumulative_pd,
        viable_cells=unit.viable_cells,
        viability_percent=unit.viability_percent,
        volume_ml=unit.volume_ml,
        made_at=unit.made_at,
        expires_at=unit.expires_at,
        seeded_by=seeding.id if seeding else None,
        seeded_area_cm2=seeding.area_cm2 if seeding else None,
    )


def _holds(work: Work, lot: str, inputs: tuple[Input, ...], tools: _Tools) -> tuple[tuple[str, str], ...]:
    reaching = [(unit.code, hold.code) for unit in inputs for hold in holds_reaching(work.db, unit.id)]
    subjects = [(SubjectKind.MATERIAL, one.code) for one in tools.materials]
    subjects += [(SubjectKind.EQUIPMENT, one.code) for one in tools.devices]
    subjects.append((SubjectKind.LOT, lot))
    return (*reaching, *((hold.subject_code, hold.code) for hold in holds_on(work.db, subjects)))


def _keep(work: Work, s: Situation, lot: Lot, units: list[Unit], tools: _Tools) -> Step:
    for unit in units:
        if s.form.kind is StepKind.SAMPLE:
            _take_from(unit, s)
        else:
            moved = move_unit(work, known(unit.id), unit.state, UnitState.CONSUMED)
            assert moved  # its state was asked in this same act, and acts take turns
    step = _step_row(work, s)
    work.db.add(step)
    work.db.flush()
    made = _make_units(work, s, lot, step)
    edges = [{"parent_id": parent.id, "child_id": child.id} for parent in units for child in made]
    insert_rows(work.db, Edge, edges)
    insert_rows(
        work.db, StepMaterial, [{"step_id": step.id, "material_id": one.id} for one in tools.materials]
    )
    insert_rows(
        work.db, StepEquipment, [{"step_id": step.id, "equipment_id": one.id} for one in tools.devices]
    )
    _tell(work, step, units, made)
    return step


def _deviation(work: Work, s: Situation, step_code: str) -> int | None:
    """The deviation that an unexplained difference opens on the lot, judged by the limits."""
    if s.reckoned.unexplained == 0:
        return None
    had = s.reckoned.cells_in if s.form.cells_harvested is None else s.form.cells_harvested
    return deviation_on(
        work,
        s.form.lot,
        say(
            "Step {step_code}: {form} Counted twice.",
            step_code=step_code,
            form=difference(s.form, s.reckoned),
        ),
        s.limits.balance.severity(s.reckoned.unexplained, had),
        say("cell balance {limits}", limits=s.limits.name),
    )


def _take_from(unit: Unit, s: Situation) -> None:
    """What a sample leaves behind in its unit."""
    unit.viable_cells = s.reckoned.cells_out
    unit.volume_ml -= sum((one.count * one.volume_ml for one in s.form.yields), Decimal(0))


def _step_row(work: Work, s: Situation) -> Step:
    form, r = s.form, s.reckoned
    assert work.actor.person_id is not None  # asked by rules.nobody
    code = f"{form.lot}-S{count_steps(work.db, s.lot_id) + 1:02d}"
    return Step(
        code=code,
        kind=form.kind,
        lot_id=s.lot_id,
        started_at=form.started_at,
        ended_at=form.ended_at,
        performed_by_id=work.actor.person_id,
        passage=r.passage,
        vessel=form.vessel,
        area_cm2=form.area_cm2,
        founders=r.founders,
        cells_in=r.cells_in,
        cells_harvested=form.cells_harvested,
        cells_out=r.cells_out,
        cells_qc=r.cells_qc,
        cells_retained=r.cells_retained,
        cells_lost=form.cells_lost,
        cells_unexplained=r.unexplained,
        deviation_id=_deviation(work, s, code),
        population_doublings=r.doublings,
        cumulative_pd=r.cumulative,
        viability_percent=form.viability_percent,
        limits=s.limits.name,
        note=form.note,
    )


def _make_units(work: Work, s: Situation, lot: Lot, step: Step) -> list[Unit]:
    made: list[Unit] = []
    numbers: dict[str, int] = {}
    for share in s.form.yields:
        letter = CODE_LETTER[share.kind]
        taken = numbers.setdefault(letter, count_units(work.db, s.lot_id, share.kind))
        for number in range(taken + 1, taken + share.count + 1):
            made.append(_unit(s, lot, step, share, f"{lot.code}-{letter}{number:02d}"))
        numbers[letter] = taken + share.count
    work.db.add_all(made)
    work.db.flush()
    return made


def _unit(s: Situation, lot: Lot, step: Step, share: Yield, code: str) -> Unit:
    late = lot.made_at is not None
    return Unit(
        code=code,
        kind=share.kind,
        state=UnitState.IN_QUARANTINE if late else UnitState.IN_PROCESS,
        lot_id=s.lot_id,
        step_id=step.id,
        passage=s.reckoned.passage,
        cumulative_pd=s.reckoned.cumulative,
        volume_ml=share.volume_ml,
        viable_cells=share.viable_cells,
        viability_percent=_viability(s),
        made_at=step.ended_at,
        expires_at=lot.expires_at,
    )


def _viability(s: Situation) -> Decimal:
    """As measured in this step, else the lowest of what went in."""
    measured = s.form.viability_percent
    return min(unit.viability_percent for unit in s.inputs) if measured is None else measured


def _tell(work: Work, step: Step, units: list[Unit], made: list[Unit]) -> None:
    record(
        work,
        events.STEP_PERFORMED,
        Subject("lot", step.code.rpartition("-S")[0]),
        reason=step.note or None,
        step=step.code,
        what=step.kind,
        units_in=shortly(unit.code for unit in units),
        units_out=shortly(unit.code for unit in made),
        cells_in=step.cells_in,
        cells_out=step.cells_out,
        cells_qc=step.cells_qc,
        cells_retained=step.cells_retained,
        cells_lost=step.cells_lost,
        cells_unexplained=step.cells_unexplained,
        passage=step.passage,
        doublings=step.population_doublings,
        cumulative=step.cumulative_pd,
        limits=step.limits,
    )
