"""Pages of deviations: the list, a new one, one deviation with its assessment and its closing."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, needs, site, this_db
from app.access.permissions import Permission
from app.access.proof import prove
from app.concerns import queries
from app.concerns.deviations import assess_deviation, close_deviation, open_deviation
from app.concerns.forms import AssessForm, CloseForm, DeviationForm
from app.concerns.models import Deviation, Severity, SubjectKind
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.speech import headed
from app.kernel.work import Work
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed

bp = Blueprint("deviations", __name__)

F = TypeVar("F", AssessForm, CloseForm)

KINDS = [(kind.value, headed(kind)) for kind in SubjectKind]
SEVERITIES = [(one.value, headed(one)) for one in Severity]


@bp.get("/deviations")
@needs(Permission.HOLD_READ)
def index() -> ResponseReturnValue:
    """The deviations not yet closed, or with ``?all=1`` every one, newest first."""
    everything = request.args.get("all") == "1"
    with this_db() as db:
        rows = queries.list_deviations(db, closed=everything, before_id=request.args.get("before", type=int))
    more = rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None
    return render_template(
        "concerns/deviations.html", deviations=rows[: queries.PAGE], more=more, everything=everything
    )


@bp.get("/deviations/new")
@needs(Permission.DEVIATION_OPEN)
def new() -> ResponseReturnValue:
    """The form; ``?kind=lot&code=MSC-25-001`` fills in what it is about."""
    return _new(Typed(values={name: request.args.get(name, "")[:60] for name in ("kind", "code")}))


def _new(form: Typed) -> ResponseReturnValue:
    return shown("concerns/new_deviation.html", form, kinds=KINDS, severities=SEVERITIES)


@bp.post("/deviations")
@needs(Permission.DEVIATION_OPEN)
def open_one() -> ResponseReturnValue:
    """Open a deviation by hand."""

    def run(work: Work, form: DeviationForm) -> Deviation | Refusal:
        return open_deviation(work, form.kind, form.code, form.what, form.severity)

    subject = Subject(request.form.get("kind", "deviation"), request.form.get("code", ""))
    return carry_out(DeviationForm, subject, _new, run, _page_of)


def _page_of(deviation: Deviation) -> str:
    return url_for("concerns.deviations.deviation", code=deviation.code)


@bp.get("/deviations/<code>")
@needs(Permission.HOLD_READ)
def deviation(code: str) -> ResponseReturnValue:
    """One deviation: what happened, what it means, why, and what was done."""
    return _deviation(code, Typed())


def _deviation(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.deviation_by_code(db, code)
        if found is None:
            abort(404)
        people = {
            "opened": queries.name_of(db, found.opened_by_id),
            "assessed": queries.name_of(db, found.assessed_by_id),
            "closed": queries.name_of(db, found.closed_by_id),
        }
        return shown(
            "concerns/deviation.html",
            form,
            deviation=found,
            people=people,
            may_decide=can(Permission.DEVIATION_DECIDE),
            severities=SEVERITIES,
            digest=sha256_of(queries.record_of_deviation(found)),
        )


@bp.post("/deviations/<code>/assessment")
@needs(Permission.DEVIATION_DECIDE)
def assess(code: str) -> ResponseReturnValue:
    """Say what it means, signed."""

    def run(work: Work, form: AssessForm, proof: Proof) -> Deviation | Refusal:
        return assess_deviation(work, code, form.impact, form.severity, proof)

    return _signed(AssessForm, code, run)


@bp.post("/deviations/<code>/closing")
@needs(Permission.DEVIATION_DECIDE)
def close(code: str) -> ResponseReturnValue:
    """Close it, signed."""

    def run(work: Work, form: CloseForm, proof: Proof) -> Deviation | Refusal:
        return close_deviation(work, code, form.root_cause, form.correction, proof)

    return _signed(CloseForm, code, run)


def _signed(
    form: type[F], code: str, run: Callable[[Work, F, Proof], Deviation | Refusal]
) -> ResponseReturnValue:
    """Read the form, prove the password before the act opens, then act."""
    with this_db() as db:
        found = queries.deviation_by_code(db, code)
    if found is None:
        abort(404)

    def page(faulty: Typed) -> ResponseReturnValue:
        return _deviation(code, faulty)

    given = read(form, request.form)
    if isinstance(given, Faults):
        return page(Typed(given.errors, given.values))
    proof = prove(site(), given.sign_in, given.password)
    if isinstance(proof, Refusal):
        return page(Typed({"password": proof.sentence}, typed(request.form)))
    subject = Subject(found.subject_kind, found.subject_code)
    return carry_out(form, subject, page, lambda work, again: run(work, again, proof), _page_of)
