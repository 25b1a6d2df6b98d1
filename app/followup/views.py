"""Pages of the follow-up: visits that wait, one recipient's course over time, and what a visit found."""

from datetime import date

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence.ledger import Subject
from app.followup import corrections, findings, operations, paper_views, queries, standing, visit_pages
from app.followup.analytes import measures
from app.followup.drawing import draw
from app.followup.forms import DayForm, VisitForm, findings_of, typed_of
from app.followup.models import Sex, Timepoint
from app.followup.rules import named
from app.followup.sledai import instrument
from app.followup.steroids import drug_table
from app.followup.story import EGFR_UNIT, HEADS, rows, story
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import headed
from app.kernel.tables import known
from app.paper.models import PaperKind
from app.paper.queries import papers_of
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from app.web.csvtext import csv_text
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed
from app.web.security import as_attachment

bp = Blueprint("followup", __name__, template_folder="templates")
bp.register_blueprint(paper_views.bp)


@bp.get("/followup")
@needs(Permission.FOLLOWUP_READ)
def index() -> str:
    """Visits that are due now or missing."""
    with this_db() as db:
        return render_template("followup/index.html", waiting=queries.waiting(db, _today(db)))


def _today(db: Session) -> date:
    return site_day(db, clock.now())


def _recipient(db: Session, code: str) -> Recipient:
    found = recipients.by_code(db, code)
    if found is None:
        abort(404)
    return found


@bp.get("/recipients/<code>/timeline")
@needs(Permission.FOLLOWUP_READ)
def timeline(code: str) -> str:
    """The recipient's course: picture, the same values as tables, and a form for a visit."""
    return _timeline(code, {}, {})


def _timeline(code: str, errors: dict[str, str], values: dict[str, str], no: Refusal | None = None) -> str:
    with this_db() as db:
        told = story(db, _recipient(db, code), _today(db))
        return render_template(
            "followup/timeline.html",
            told=told,
            picture=draw(told),
            timepoints=[
                (due.timepoint.value, headed(due.timepoint)) for due in told.plan if due.visit is None
            ],
            named=named,
            columns=visit_pages.columns(told),
            egfr_unit=EGFR_UNIT,
            papers=papers_of(db, Subject("recipient", told.recipient), PaperKind.COURSE),
            counted=visit_pages.counted(told),
            counted_days=sorted({row.collected_on for row in told.counts}),
            may_write=can(Permission.FOLLOWUP_WRITE),
            may_read_lots=can(Permission.LOT_READ),
            errors=errors,
            values=values,
            no=no,
        )


@bp.get("/recipients/<code>/timeline.csv")
@needs(Permission.FOLLOWUP_READ)
def timeline_csv(code: str) -> ResponseReturnValue:
    """Every value of the timeline as CSV."""
    with this_db() as db:
        told = story(db, _recipient(db, code), _today(db))
        answer = make_response(csv_text(HEADS, rows(told)))
    answer.mimetype = "text/csv"
    return as_attachment(answer, f"{told.recipient}-timeline.csv")


@bp.post("/recipients/<code>/visits")
@needs(Permission.FOLLOWUP_WRITE)
def record_visit(code: str) -> ResponseReturnValue:
    """Record a visit that took place."""
    with this_db() as db:
        _recipient(db, code)
    form = read(VisitForm, request.form)
    if isinstance(form, Faults):
        return _timeline(code, form.errors, form.values), 422
    with this_work() as work:
        answer = operations.record_visit(work, code, form.timepoint, form.happened_on, form.note)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _timeline(code, {}, request.form.to_dict(), answer), 422
    return redirect(url_for("followup.visit", code=code, timepoint=form.timepoint.value), 303)


def _visit(code: str, timepoint: str, form: Typed | None = None) -> ResponseReturnValue:
    """The page of one visit; without a form it is filled with what stands."""
    with this_db() as db:
        recipient = _recipient(db, code)
        seen = standing.seen(db, known(recipient.id))
        here = next((one for point, one in seen.items() if point.value == timepoint), None)
        if here is None:
            abort(404)
        due = next(one for one in queries.plan(db, recipient, _today(db)) if one.timepoint.value == timepoint)
        stands = visit_pages.standing_findings(db, known(recipient.id), here)
        return shown(
            "followup/visit.html",
            form or Typed(values=typed_of(stands)),
            recipient=recipient.code,
            seen=here,
            due=due,
            others=visit_pages.others(seen, here.visit.timepoint),
            band=visit_pages.band_of(here),
            entries=visit_pages.entries(db, here),
            former_days=corrections.former_days(db, here.visit),
            measures=measures(),
            sheet=instrument(),
            drugs=drug_table(),
            sexes=[(sex.value, sex.value) for sex in Sex],
            named=named,
            may_write=can(Permission.FOLLOWUP_WRITE),
        )


@bp.get("/recipients/<code>/visits/<timepoint>")
@needs(Permission.FOLLOWUP_READ)
def visit(code: str, timepoint: str) -> ResponseReturnValue:
    """What was found at a visit, and the form to enter it."""
    return _visit(code, timepoint)


@bp.post("/recipients/<code>/visits/<timepoint>")
@needs(Permission.FOLLOWUP_WRITE)
def record_findings(code: str, timepoint: str) -> ResponseReturnValue:
    """Keep what was found."""
    given = findings_of(request.form)
    if isinstance(given, Faults):
        return _visit(code, timepoint, Typed(given.errors, given.values))
    point = next((one for one in Timepoint if one.value == timepoint), None)
    if point is None:
        abort(404)
    with this_work() as work:
        answer = findings.record_findings(work, code, point, given)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _visit(code, timepoint, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("followup.visit", code=code, timepoint=timepoint), 303)


@bp.post("/recipients/<code>/visits/<timepoint>/day")
@needs(Permission.FOLLOWUP_WRITE)
def move_visit(code: str, timepoint: str) -> ResponseReturnValue:
    """Correct the day of a visit."""
    point = next((one for one in Timepoint if one.value == timepoint), None)
    if point is None:
        abort(404)
    with this_db() as db:
        _recipient(db, code)
    return carry_out(
        DayForm,
        Subject("recipient", code),
        lambda form: _visit(code, timepoint, form),
        lambda work, form: corrections.move_visit(work, code, point, form.happened_on, form.reason),
        lambda _moved: url_for("followup.visit", code=code, timepoint=timepoint),
    )
