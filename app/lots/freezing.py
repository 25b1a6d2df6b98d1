"""Freezing: keep the run of a controlled-rate freezer with the step whose containers it froze."""

import hashlib
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from app.concerns.models import SubjectKind
from app.concerns.queries import holds_on
from app.donors.queries import site_day
from app.evidence import files
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import events, rules
from app.lots import freezerules as freeze
from app.lots.concerned import deviation_on
from app.lots.freezefile import Fault, FreezeFile, read_freezer
from app.lots.models import FreezeRun, FreezeVerdict, Lot, Step, Unit
from app.lots.process_limits import process_limits
from app.lots.queries import step_by_code
from app.lots.rules import Why
from app.lots.step_rules import tool_on_hold
from app.materials.models import Equipment
from app.materials.queries import calibrations_of, equipment_named
from app.materials.rules import equipment_unfit


def record_freeze(
    work: Work, step_code: str, equipment_code: str, data: bytes, came_as: str
) -> FreezeRun | Refusal:
    """Read the freezer's file, judge it, and keep both with the step that filled the containers.

    Refused are a file that cannot be read, of another lot's run, of another time, or kept before, and a
    freezer on hold or out of calibration. A run outside the limits is kept and opens a deviation.
    """
    step = step_by_code(work.db, step_code)
    if work.actor.person_id is None or step is None:
        return rules.nobody(work.actor) or rules.no_such(Why.NO_SUCH_STEP, "step", step_code)
    limits = process_limits()
    zone = ZoneInfo(work.db.info.get("zone", "UTC"))
    file = read_freezer(data, zone, limits.freezing.longest_gap_seconds)
    devices = equipment_named(work.db, (equipment_code,))
    if isinstance(file, Fault) or isinstance(devices, Refusal):
        return freeze.unreadable(file) if isinstance(file, Fault) else _refusal(devices)
    lot = work.db.get_one(Lot, step.lot_id)
    kinds = work.db.exec(select(Unit.kind).where(Unit.step_id == step.id)).all()
    refusal = first(
        freeze.nothing_to_freeze(step, kinds),
        freeze.another_run(file, lot.code),
        freeze.at_another_time(file, step, limits.freezing, work.at),
        freeze.file_taken(_kept(work, data)),
        _device_unfit(work, devices[0], file),
    )
    if refusal is not None:
        return refusal
    return _keep(work, step, lot, devices[0], file, files.keep(work, data, came_as))


def _refusal(answer: object) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


def _kept(work: Work, data: bytes) -> FreezeRun | None:
    sha256 = hashlib.sha256(data).hexdigest()
    same = select(FreezeRun).join(StoredFile, col(StoredFile.id) == col(FreezeRun.stored_file_id))
    return work.db.exec(same.where(StoredFile.sha256 == sha256)).one_or_none()


def _device_unfit(work: Work, device: Equipment, file: FreezeFile) -> Refusal | None:
    holds = holds_on(work.db, [(SubjectKind.EQUIPMENT, device.code)])
    return first(
        tool_on_hold(device.code, holds[0].code) if holds else None,
        equipment_unfit(device, calibrations_of(work.db, device), site_day(work.db, file.started_at)),
    )


def _keep(
    work: Work, step: Step, lot: Lot, device: Equipment, file: FreezeFile, stored: StoredFile
) -> FreezeRun:
    limits = process_limits()
    judged = freeze.judge(file, step.ended_at, limits.freezing)
    code = next_code(work.db, FreezeRun.code, "FRZ", file.started_at)
    run = FreezeRun(
        code=code,
        step_id=known(step.id),
        equipment_id=known(device.id),
        stored_file_id=known(stored.id),
        run_name=file.run,
        started_at=file.started_at,
        ended_at=file.ended_at,
        readings=len(file.readings),
        celsius_per_min=judged.celsius_per_min,
        lowest_celsius=judged.lowest_celsius,
        verdict=judged.verdict,
        findings=" ".join(judged.findings),
        limits=limits.name,
        deviation_id=_deviation(work, lot, code, judged),
        recorded_at=work.at,
        recorded_by_id=known(work.actor.person_id),
    )
    work.db.add(run)
    record(
        work,
        events.FROZEN,
        Subject("lot", lot.code),
        run=code,
        run_name=file.run,
        step=step.code,
        sha256=stored.sha256,
        readings=run.readings,
        celsius_per_min="no" if judged.celsius_per_min is None else judged.celsius_per_min,
        verdict=judged.verdict,
        limits=limits.name,
    )
    return run


def _deviation(work: Work, lot: Lot, code: str, judged: freeze.Judged) -> int | None:
    if judged.verdict is FreezeVerdict.WITHIN:
        return None
    limits = process_limits()
    what = say("Freeze run {code}: {findings}", code=code, findings=" ".join(judged.findings))
    return deviation_on(work, lot.code, what, limits.freezing.severity, f"freezing {limits.name}")
