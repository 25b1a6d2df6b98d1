"""Pages of the follow-up: visits that wait, and one recipient's course over time."""

from datetime import date

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence.ledger import Subject
from app.followup import operations, queries
from app.followup.drawing import draw
from app.followup.forms import VisitForm
from app.followup.rules import named
from app.followup.story import HEADS, rows, story
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from app.web.csvtext import csv_text
from app.web.forms import Faults, read
from app.web.security import as_attachment

bp = Blueprint("followup", __name__, template_folder="templates")


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
                (due.timepoint.value, named(due.timepoint).capitalize())
                for due in told.plan
                if due.visit is None
            ],
            named=named,
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
    return redirect(url_for("followup.timeline", code=code), 303)
