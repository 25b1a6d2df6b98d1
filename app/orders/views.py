"""Pages of orders: prescribe and sign, allocate a bag, make ready, undo, not given."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from app.access.doors import kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.work import Work
from app.labeling.queries import by_serial
from app.orders import operations, queries, rules
from app.orders.crossmatch import crossmatch
from app.orders.crossmatch import kept as kept_crossmatch
from app.orders.doses import dose_rules
from app.orders.forms import AllocateForm, PrescribeForm, ReasonForm, SignForm
from app.orders.models import DoseOrder
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from app.recipients.sections import Section, add_section
from app.web.forms import Faults, read, typed
from labels import payload

bp = Blueprint("orders", __name__, template_folder="templates")


@bp.record_once
def _join_recipient_page(state: BlueprintSetupState) -> None:
    """A recipient's page lists the recipient's orders."""
    add_section(state.app.extensions, Section(say("Orders"), Permission.ORDER_READ, _section))


def _section(db: Session, recipient: Recipient) -> Markup:
    assert recipient.id is not None
    lines = queries.listed(db, recipient.id)
    return Markup(render_template("orders/_lines.html", orders=lines, prescribe_for=recipient.code))


@bp.get("/orders")
@needs(Permission.ORDER_READ)
def index() -> ResponseReturnValue:
    """All orders, the latest first."""
    with this_db() as db:
        return render_template("orders/index.html", orders=queries.listed(db))


@bp.get("/orders/new")
@needs(Permission.ORDER_PRESCRIBE)
def new() -> ResponseReturnValue:
    """The prescription; ``?recipient=LN-01`` fills in whom it is for."""
    return _new({}, {"recipient": request.args.get("recipient", "")[:20]})


def _new(errors: dict[str, str], values: dict[str, str], refusal: Refusal | None = None) -> str:
    with this_db() as db:
        codes = [line.code for line in recipients.listed(db)]
    return render_template(
        "orders/new.html", errors=errors, values=values, refusal=refusal, recipients=codes, rules=dose_rules()
    )


@bp.post("/orders/review")
@needs(Permission.ORDER_PRESCRIBE)
def review() -> ResponseReturnValue:
    """What was entered, in digits and words, with the signature under it; slips are stopped here."""
    form = read(PrescribeForm, request.form)
    if isinstance(form, Faults):
        return _new(form.errors, form.values), 422
    with this_work() as work:
        refusal = _doubts(work, form)
        if refusal is not None:
            kept(work, Subject("recipient", form.recipient), refusal)
    if refusal is not None:
        return _new({}, typed(request.form), refusal), 422
    return _review(form, {})


def _doubts(work: Work, form: PrescribeForm) -> Refusal | None:
    answer = operations.questions_on(work, form)
    known = recipients.by_code(work.db, form.recipient)
    unknown = rules.recipient_unknown(form.recipient) if known is None else None
    return first(unknown, answer if isinstance(answer, Refusal) else None)


def _review(form: PrescribeForm, errors: dict[str, str], refusal: Refusal | None = None) -> str:
    shown = operations.record_of_form(form)
    return render_template(
        "orders/review.html",
        form=form,
        values=typed(request.form),
        shown=shown,
        digest=sha256_of(shown),
        errors=errors,
        refusal=refusal,
    )


@bp.post("/orders")
@needs(Permission.ORDER_PRESCRIBE)
def prescribe() -> ResponseReturnValue:
    """Sign the prescription that the page before showed."""
    form = read(PrescribeForm, request.form)
    if isinstance(form, Faults):
        return _new(form.errors, form.values), 422
    signature = read(SignForm, request.form)
    if isinstance(signature, Faults):
        return _review(form, signature.errors), 422
    proof = prove(site(), signature.sign_in, signature.password)
    if isinstance(proof, Refusal):
        return _review(form, {}, proof), 401
    with this_work() as work:
        answer = operations.prescribe(work, form, proof, shown=signature.shown)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", form.recipient), answer)
    if isinstance(answer, Refusal):
        return _review(form, {}, answer), 422
    return redirect(url_for("orders.order", code=answer.code), 303)


@bp.get("/orders/<code>")
@needs(Permission.ORDER_READ)
def order(code: str) -> ResponseReturnValue:
    """One order: the prescription, the bag, what to do next."""
    return _page(code)


def _page(code: str, refusal: Refusal | None = None, errors: dict[str, str] | None = None) -> str:
    with this_db() as db:
        found = queries.by_code(db, code)
        if found is None or found.id is None:
            abort(404)
        allocations = queries.allocations_of(db, found.id)
        return render_template(
            "orders/order.html",
            order=found,
            recipient=queries.recipient_code(db, found),
            consent=recipients.consent_in_force(db, found.recipient_id, clock.now().date()),
            allocations=[
                (row, unit, kept_crossmatch(row.crossmatch), queries.dmso_for(db, found, row.unit_id))
                for row, unit in allocations
            ],
            candidates=_candidates(db, found),
            refusal=refusal,
            errors=errors or {},
            values=typed(request.form),
        )


def _candidates(db: Session, found: DoseOrder) -> list[dict[str, object]]:
    """Bags that may be promised, each with what the recipient's latest serum says against its donors."""
    if found.state != "prescribed":
        return []
    offered = []
    for unit_id, unit, viable, expires in queries.candidates(db, found):
        verdicts = crossmatch(db, found.recipient_id, unit_id)
        dmso = queries.dmso_for(db, found, unit_id)
        line = {"unit": unit, "viable": viable, "expires": expires, "verdicts": verdicts, "dmso": dmso}
        offered.append(line)
    return offered


@bp.post("/orders/<code>/allocate")
@needs(Permission.ORDER_ALLOCATE)
def allocate(code: str) -> ResponseReturnValue:
    """Promise a bag, named by its code or by the scan of its label."""
    form = read(AllocateForm, request.form)
    if isinstance(form, Faults):
        return _page(code, errors=form.errors), 422
    with this_work() as work:
        answer = operations.allocate(work, code, _unit_code(work, form.unit))
        if isinstance(answer, Refusal):
            kept(work, Subject("order", code), answer)
    return _answered(code, answer)


def _unit_code(work: Work, text: str) -> str:
    """The unit's code, also where its label's serial was scanned into the box."""
    scanned = payload.read(text)
    found = None if isinstance(scanned, payload.Fault) else by_serial(work.db, scanned.text)
    return text if found is None else found.unit.code


def _answered(code: str, answer: object) -> ResponseReturnValue:
    if isinstance(answer, Refusal):
        return _page(code, answer), 409
    return redirect(url_for("orders.order", code=code), 303)


@bp.post("/orders/<code>/undo")
@needs(Permission.ORDER_ALLOCATE)
def undo(code: str) -> ResponseReturnValue:
    """Take the promise back, with a reason."""
    form = read(ReasonForm, request.form)
    if isinstance(form, Faults):
        return _page(code, errors=form.errors), 422
    with this_work() as work:
        answer = operations.undo_allocation(work, code, form.reason)
        if isinstance(answer, Refusal):
            kept(work, Subject("order", code), answer)
    return _answered(code, answer)


@bp.post("/orders/<code>/ready")
@needs(Permission.BEDSIDE)
def ready(code: str) -> ResponseReturnValue:
    """The bag is at the ward: the bedside check may begin."""
    with this_work() as work:
        answer = operations.make_ready(work, code)
        if isinstance(answer, Refusal):
            kept(work, Subject("order", code), answer)
    return _answered(code, answer)


@bp.post("/orders/<code>/not-given")
@needs(Permission.BEDSIDE)
def not_given(code: str) -> ResponseReturnValue:
    """The dose will not be given: why."""
    form = read(ReasonForm, request.form)
    if isinstance(form, Faults):
        return _page(code, errors=form.errors), 422
    with this_work() as work:
        answer = operations.not_given(work, code, form.reason)
        if isinstance(answer, Refusal):
            kept(work, Subject("order", code), answer)
    return _answered(code, answer)
