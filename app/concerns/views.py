"""Pages of holds: the list, a new one, one hold and its lifting."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.concerns import deviation_views, queries
from app.concerns.forms import HoldForm, LiftForm
from app.concerns.models import SubjectKind
from app.concerns.operations import lift_hold, place_hold
from app.concerns.rules import Why
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.speech import headed
from app.web.forms import Faults, read, typed

bp = Blueprint("concerns", __name__, template_folder="templates")
bp.register_blueprint(deviation_views.bp)

KINDS = [(kind.value, headed(kind)) for kind in SubjectKind]
#: Refusals of what was typed, rather than of the state things are in.
_TYPED_WRONG = frozenset({Why.NO_REASON, Why.REASON_TOO_LONG, Why.NO_SUCH_SUBJECT})


@bp.get("/holds")
@needs(Permission.HOLD_READ)
def index() -> ResponseReturnValue:
    """The holds in force, or with ``?all=1`` every hold, newest first."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    with this_db() as db:
        rows = queries.list_holds(db, lifted=everything, before_id=before)
    more = rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None
    return render_template(
        "concerns/index.html", holds=rows[: queries.PAGE], more=more, everything=everything
    )


@bp.get("/holds/new")
@needs(Permission.HOLD_PLACE)
def new() -> ResponseReturnValue:
    """The form; ``?kind=lot&code=MSC-25-001`` fills in what it lies on."""
    return _new({}, {name: request.args.get(name, "")[:60] for name in ("kind", "code")})


def _new(errors: dict[str, str], values: dict[str, str], refusal: Refusal | None = None) -> str:
    return render_template("concerns/new.html", kinds=KINDS, errors=errors, values=values, refusal=refusal)


@bp.post("/holds")
@needs(Permission.HOLD_PLACE)
def place() -> ResponseReturnValue:
    """Place a hold."""
    form = read(HoldForm, request.form)
    if isinstance(form, Faults):
        return _new(form.errors, form.values), 422
    with this_work() as work:
        answer = place_hold(work, form.kind, form.code, form.why)
        if isinstance(answer, Refusal):
            kept(work, Subject(form.kind, form.code), answer)
    if isinstance(answer, Refusal):
        return _new({}, typed(request.form), answer), 422
    return redirect(url_for("concerns.hold", code=answer.code), 303)


@bp.get("/holds/<code>")
@needs(Permission.HOLD_READ)
def hold(code: str) -> ResponseReturnValue:
    """One hold: what it lies on, why, and how it ended or ends."""
    return _hold(code, {}, {})


def _hold(code: str, errors: dict[str, str], values: dict[str, str], refusal: Refusal | None = None) -> str:
    with this_db() as db:
        found = queries.hold_by_code(db, code)
        if found is None:
            abort(404)
        return render_template(
            "concerns/hold.html",
            hold=found,
            placed_by=queries.name_of(db, found.placed_by_id),
            lifted_by=queries.name_of(db, found.lifted_by_id),
            ending=queries.ending(found),
            may_lift=can(Permission.HOLD_LIFT),
            digest=sha256_of(queries.record_of_hold(found)),
            errors=errors,
            values=values,
            refusal=refusal,
        )


@bp.post("/holds/<code>/lift")
@needs(Permission.HOLD_LIFT)
def lift(code: str) -> ResponseReturnValue:
    """Lift a hold, signed."""
    form = read(LiftForm, request.form)
    if isinstance(form, Faults):
        return _hold(code, form.errors, form.values), 422
    proof = prove(site(), form.sign_in, form.password)
    if isinstance(proof, Refusal):
        return _hold(code, {"password": proof.sentence}, typed(request.form)), 422
    answer = _lift(code, form, proof)
    if isinstance(answer, Refusal):
        status = 422 if answer.reason in _TYPED_WRONG else 409
        return _hold(code, {}, typed(request.form), answer), status
    return redirect(url_for("concerns.hold", code=code), 303)


def _lift(code: str, form: LiftForm, proof: Proof) -> Refusal | None:
    """The act; a refusal is kept with the hold's subject, or under the hold's code where there is none."""
    with this_work() as work:
        found = queries.hold_by_code(work.db, code)
        answer = lift_hold(work, code, form.reason, proof)
        if not isinstance(answer, Refusal):
            return None
        subject = Subject(found.subject_kind, found.subject_code) if found else Subject("hold", code[:60])
        kept(work, subject, answer)
        return answer
