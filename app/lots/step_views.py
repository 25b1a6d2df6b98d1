"""Pages of one step, of the freezer's run that belongs to it, and of a lot's growth."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.evidence import files
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.lots import pages, queries
from app.lots.curve import freeze_curve, minutes_of
from app.lots.forms import FreezeForm
from app.lots.freezefile import FreezeFile, Reading, read_freezer
from app.lots.freezing import record_freeze
from app.lots.growth import growth_of, growth_picture
from app.lots.models import FreezeRun, Lot
from app.lots.process_limits import process_limits
from app.materials.models import Equipment
from app.web.csvtext import csv_text
from app.web.formpage import Typed, shown
from app.web.forms import Faults, read, typed
from app.web.pages import site_zone
from app.web.security import as_attachment, takes_files
from app.web.uploads import Kind, uploaded

bp = Blueprint("steps", __name__)

LIMIT_MB = 2
#: Readings in the table on the page; the CSV holds every one.
MOST_ROWS = 240


@bp.get("/steps/<code>")
@needs(Permission.LOT_READ)
def step(code: str) -> ResponseReturnValue:
    """One step: what went in and came out, with what, and the runs of the freezer."""
    return _step(code, Typed())


def _step(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.step_by_code(db, code)
        if found is None:
            abort(404)
        facts = pages.one_step(db, found, clock.now())
    return shown("lots/one_step.html", form, **facts, limit_mb=LIMIT_MB, may_write=can(Permission.LOT_WRITE))


@bp.post("/steps/<code>/freezing")
@needs(Permission.LOT_WRITE)
@takes_files(LIMIT_MB)
def freeze(code: str) -> ResponseReturnValue:
    """Keep the freezer's file with the step whose containers it froze."""
    form = read(FreezeForm, request.form)
    if isinstance(form, Faults):
        return _step(code, Typed(form.errors, form.values))
    file = uploaded("file", LIMIT_MB, Kind.CSV)
    if isinstance(file, Refusal):
        return _step(code, Typed({"file": str(file)}, typed(request.form)))
    with this_work() as work:
        answer = record_freeze(work, code, form.equipment, file.data, file.claimed_name)
        if isinstance(answer, Refusal):
            kept(work, Subject("step", code), answer)
    if isinstance(answer, Refusal):
        return _step(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("lots.steps.freezing", code=answer.code), 303)


@bp.get("/freezing/<code>")
@needs(Permission.LOT_READ)
def freezing(code: str) -> ResponseReturnValue:
    """The curve of one run, its figures, and its readings."""
    with this_db() as db:
        run = _run(db, code)
        stored, file = _file(db, run)
        limits = process_limits(run.limits).freezing
        every = -(-len(file.readings) // MOST_ROWS)
        return render_template(
            "lots/freezing.html",
            run=run,
            step=queries.step_of_run(db, run),
            device=db.get_one(Equipment, run.equipment_id),
            deviation=queries.deviation_code(db, run.deviation_id),
            sha256=stored.sha256,
            limits=limits,
            picture=freeze_curve(file.readings, limits),
            rows=_rows(file.readings)[::every],
            every=every,
        )


@bp.get("/freezing/<code>.csv")
@needs(Permission.LOT_READ)
def freezing_csv(code: str) -> Response:
    """Every reading as a table."""
    with this_db() as db:
        _, file = _file(db, _run(db, code))
    heads = ("minutes", "time_utc", "chamber_celsius", "sample_celsius")
    rows = [(minute, r.at.isoformat(), r.chamber, r.sample) for minute, r in _rows(file.readings)]
    return _csv(csv_text(heads, rows), code)


@bp.get("/freezing/<code>/file")
@needs(Permission.LOT_READ)
def freezing_file(code: str) -> Response:
    """The freezer's own file, byte for byte."""
    with this_db() as db:
        stored, _ = _file(db, _run(db, code))
        return _csv(files.read(db, stored), f"{code}-as-received")


@bp.get("/lots/<code>/growth")
@needs(Permission.LOT_READ)
def growth(code: str) -> ResponseReturnValue:
    """How the cells of a lot doubled, beside earlier lots of the same donor."""
    with this_db() as db:
        growths = growth_of(db, _lot(db, code))
        return render_template(
            "lots/growth.html",
            code=code,
            growths=growths,
            picture=growth_picture(growths),
            limits=process_limits(),
        )


@bp.get("/lots/<code>/growth.csv")
@needs(Permission.LOT_READ)
def growth_csv(code: str) -> Response:
    """The same figures as a table."""
    with this_db() as db:
        growths = growth_of(db, _lot(db, code))
    heads = ("lot", "step", "passage", "ended_utc", "culture_days", "doublings", "cumulative_doublings",
             "hours_per_doubling")  # fmt: skip
    rows = [
        (one.lot, h.step, h.passage, h.ended_at.isoformat(), h.culture_days, h.doublings, h.cumulative,
         h.doubling_hours)
        for one in growths
        for h in one.harvests
    ]  # fmt: skip
    return _csv(csv_text(heads, rows), f"{code}-growth")


def _csv(body: str | bytes, name: str) -> Response:
    answer = make_response(body)
    answer.mimetype = "text/csv"
    return as_attachment(answer, f"{name}.csv")


def _rows(readings: tuple[Reading, ...]) -> list[tuple[float, Reading]]:
    return [(round(minute, 2), r) for minute, r in zip(minutes_of(readings), readings, strict=True)]


def _run(db: Session, code: str) -> FreezeRun:
    found = queries.freeze_run_by_code(db, code)
    if found is None:
        abort(404)
    return found


def _file(db: Session, run: FreezeRun) -> tuple[StoredFile, FreezeFile]:
    """The kept file, read again as it was when it was taken."""
    stored = queries.file_of_run(db, run)
    zone = ZoneInfo(site_zone().key)
    file = read_freezer(files.read(db, stored), zone, process_limits(run.limits).freezing.longest_gap_seconds)
    assert isinstance(file, FreezeFile)  # its bytes are those that were read when it came
    return stored, file


def _lot(db: Session, code: str) -> Lot:
    found = queries.lot_by_code(db, code)
    if found is None:
        abort(404)
    return found
