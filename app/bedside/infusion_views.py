"""Pages of one infusion: what was given, vital signs, reactions, and the record for the patient's chart."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.bedside import aftercare, overview, queries
from app.bedside.aftercare_rules import GRADES
from app.bedside.chart import issue_infusion_record, read_patient
from app.bedside.forms import ReactionForm, ReactionOverForm, VitalsForm
from app.bedside.models import Outcome, ReactionKind
from app.bedside.situation import Why
from app.evidence import files
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import word
from app.kernel.tables import known
from app.paper.models import PaperKind
from app.paper.queries import by_serial, file_of, papers_of
from app.web.formpage import Typed, carry_out
from app.web.pages import refused, site_zone

bp = Blueprint("after", __name__)

#: Words of a list as the page offers them.
KINDS = [(kind.value, word(kind)) for kind in ReactionKind]
OUTCOMES = [(outcome.value, word(outcome)) for outcome in Outcome]


def page_of(code: str, form: Typed, others: tuple[Refusal, ...] = ()) -> ResponseReturnValue:
    """One infusion: what was given, or the form for its end; vital signs, reactions and papers below."""
    now = clock.now()
    with this_db() as db:
        found = queries.infusion_by_code(db, code)
        if found is None:
            abort(404)
        page = render_template(
            "bedside/infusion.html",
            infusion=found,
            facts=overview.infusion_facts(db, found),
            schedule=overview.vitals_schedule(db, found, now),
            reactions=queries.reactions_of(db, known(found.id)),
            papers=papers_of(db, Subject("infusion", code), PaperKind.INFUSION),
            kinds=KINDS,
            outcomes=OUTCOMES,
            ended=OUTCOMES[1:],
            grades=[(str(grade), f"{grade}, {words}") for grade, words in GRADES.items()],
            errors=form.errors,
            values=form.values,
            refusal=form.refusal,
            others=others,
            now_typed=f"{now.astimezone(site_zone()):%Y-%m-%d %H:%M}",
        )
    return page, form.status


def _onward(code: str) -> str:
    return url_for("bedside.infusion", code=code)


@bp.post("/bedside/infusions/<code>/vitals")
@needs(Permission.BEDSIDE)
def vitals(code: str) -> ResponseReturnValue:
    """Enter the vital signs of one point, or correct them with a reason."""
    return carry_out(
        VitalsForm,
        Subject("infusion", code),
        lambda form: page_of(code, form),
        lambda work, form: aftercare.record_vitals(work, code, form),
        lambda _: _onward(code),
    )


@bp.post("/bedside/infusions/<code>/reactions")
@needs(Permission.BEDSIDE)
def react(code: str) -> ResponseReturnValue:
    """Record what happened to the patient."""
    return carry_out(
        ReactionForm,
        Subject("infusion", code),
        lambda form: page_of(code, form),
        lambda work, form: aftercare.record_reaction(work, code, form),
        lambda _: _onward(code),
    )


@bp.post("/bedside/infusions/<code>/reactions/<reaction>")
@needs(Permission.BEDSIDE)
def over(code: str, reaction: str) -> ResponseReturnValue:
    """A reaction is over: how, and when."""
    return carry_out(
        ReactionOverForm,
        Subject("infusion", code),
        lambda form: page_of(code, form),
        lambda work, form: aftercare.end_reaction(work, reaction, form),
        lambda _: _onward(code),
    )


@bp.post("/bedside/infusions/<code>/papers")
@needs(Permission.RECIPIENT_IDENTITY)
def issue(code: str) -> ResponseReturnValue:
    """Issue the record for the patient's chart. It bears the name: that it was read is recorded."""
    answer = issue_infusion_record(site(), actor(), clock.now(), code)
    if isinstance(answer, Refusal):
        with this_work() as work:
            kept(work, Subject("infusion", code), answer)
        status = 404 if answer.reason is Why.INFUSION_UNKNOWN else 409
        return refused(answer, status, back=url_for("bedside.infusions"))
    return redirect(_onward(code) + "#papers", 303)


@bp.post("/bedside/infusions/<code>/papers/<serial>")
@needs(Permission.RECIPIENT_IDENTITY)
def open_paper(code: str, serial: str) -> ResponseReturnValue:
    """The record as it was issued, byte for byte; that the name was read is recorded."""
    with this_db() as db:
        paper = by_serial(db, serial)
        if paper is None or (paper.kind, paper.subject_code) != (PaperKind.INFUSION, code):
            abort(404)
        data = files.read(db, file_of(db, paper))
    with this_work() as work:
        who = read_patient(work, code)
    if isinstance(who, Refusal):
        abort(404)
    response: Response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'inline; filename="{code}-{paper.revision}.pdf"'
    return response
