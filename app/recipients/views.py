"""Pages of recipients: the list, one by code, who it is (logged), the typing, the wristband."""

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.recipients import consent_views, operations, queries, rules
from app.recipients.forms import ApplyForm, RegisterForm, TypingForm, VoidForm
from app.recipients.sections import sections_of
from app.web.forms import Faults, read, typed
from labels import payload

bp = Blueprint("recipients", __name__, template_folder="templates")
bp.register_blueprint(consent_views.bp)


@bp.get("/recipients")
@needs(Permission.RECIPIENT_READ)
def index() -> ResponseReturnValue:
    """All recipients by code."""
    with this_db() as db:
        return render_template("recipients/index.html", recipients=queries.listed(db))


@bp.route("/recipients/new", methods=["GET", "POST"])
@needs(Permission.RECIPIENT_WRITE)
def new() -> ResponseReturnValue:
    """Register a recipient."""
    if request.method == "GET":
        return render_template("recipients/new.html", errors={}, values={})
    form = read(RegisterForm, request.form)
    if isinstance(form, Faults):
        return render_template("recipients/new.html", errors=form.errors, values=form.values), 422
    with this_work() as work:
        made = operations.register_recipient(work, form, form.diagnosis)
        if isinstance(made, Refusal):
            kept(work, Subject("recipient", "new"), made)
    if isinstance(made, Refusal):
        values = typed(request.form)
        return render_template("recipients/new.html", errors={}, values=values, refusal=made), 422
    return redirect(url_for("recipients.recipient", code=made.code), 303)


@bp.get("/recipients/<code>")
@needs(Permission.RECIPIENT_READ)
def recipient(code: str) -> ResponseReturnValue:
    """One recipient by code, without the name."""
    return _page(code)


def _page(
    code: str,
    identity: operations.Identity | None = None,
    refusal: Refusal | None = None,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
) -> str:
    with this_db() as db:
        found = queries.by_code(db, code)
        if found is None or found.id is None:
            abort(404)
        sections = [
            (section.heading, section.draw(db, found))
            for section in sections_of(current_app.extensions)
            if can(section.permission)
        ]
        return render_template(
            "recipients/recipient.html",
            recipient=found,
            typings=queries.typings_of(db, found.id),
            bands=queries.wristbands_of(db, found.id),
            consents=queries.consents_of(db, found.id),
            sections=sections,
            identity=identity,
            refusal=refusal,
            errors=errors or {},
            values=values or {},
        )


@bp.post("/recipients/<code>/identity")
@needs(Permission.RECIPIENT_IDENTITY)
def identity(code: str) -> ResponseReturnValue:
    """Show who it is; the reading is kept in the ledger."""
    with this_work() as work:
        found = operations.read_identity(work, code, say("the recipient's page"))
    if isinstance(found, Refusal):
        abort(404)
    response = make_response(_page(code, identity=found))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/recipients/<code>/typing", methods=["GET", "POST"])
@needs(Permission.RECIPIENT_WRITE)
def typing(code: str) -> ResponseReturnValue:
    """Record the HLA typing as the laboratory reported it."""
    if request.method == "GET":
        return _typing(code, {}, {})
    form = read(TypingForm, request.form)
    if isinstance(form, Faults):
        return _typing(code, form.errors, form.values), 422
    with this_work() as work:
        made = operations.record_typing(work, code, form)
        if isinstance(made, Refusal):
            kept(work, Subject("recipient", code), made)
    if isinstance(made, Refusal):
        return _typing(code, {}, typed(request.form), made), 422
    return redirect(url_for("recipients.recipient", code=code), 303)


def _typing(code: str, errors: dict[str, str], values: dict[str, str], refusal: Refusal | None = None) -> str:
    with this_db() as db:
        found = queries.by_code(db, code)
        if found is None or found.id is None:
            abort(404)
        former = queries.typing_of(db, found.id)
        return render_template(
            "recipients/typing.html",
            recipient=found,
            former=former,
            errors=errors,
            values=values,
            refusal=refusal,
        )


@bp.post("/recipients/<code>/wristbands")
@needs(Permission.RECIPIENT_WRITE)
def print_band(code: str) -> ResponseReturnValue:
    """Print a wristband: the answer is the page for the printer."""
    with this_work() as work:
        printed = operations.print_wristband(work, code)
        if isinstance(printed, Refusal):
            kept(work, Subject("recipient", code), printed)
    if isinstance(printed, Refusal):
        return _page(code, refusal=printed), 409
    response = Response(printed.pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="wristband-{code}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/recipients/<code>/wristbands/apply")
@needs(Permission.RECIPIENT_WRITE)
def apply_band(code: str) -> ResponseReturnValue:
    """The fresh wristband was put on and scanned there."""
    form = read(ApplyForm, request.form)
    if isinstance(form, Faults):
        return _page(code, errors=form.errors, values=form.values), 422
    scanned = payload.read(form.code)
    with this_work() as work:
        if isinstance(scanned, payload.Fault):
            answer: object = Refusal(scanned.reason, scanned.sentence, scanned.next_step)
        elif scanned.kind is not payload.Kind.WRISTBAND:
            answer = rules.not_a_wristband()
        else:
            answer = operations.apply_wristband(work, scanned.text, code)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, refusal=answer), 409
    return redirect(url_for("recipients.recipient", code=code), 303)


@bp.post("/recipients/<code>/wristbands/void")
@needs(Permission.RECIPIENT_WRITE)
def void_band(code: str) -> ResponseReturnValue:
    """Take a wristband out of use."""
    form = read(VoidForm, request.form)
    if isinstance(form, Faults):
        return _page(code, errors=form.errors, values=form.values), 422
    with this_work() as work:
        answer = operations.void_wristband(work, form.serial, form.reason)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, refusal=answer), 409
    return redirect(url_for("recipients.recipient", code=code), 303)
