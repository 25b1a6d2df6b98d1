"""Pages of donors: the list, the donor by code, and one form for each thing that can be recorded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from app.access.doors import can, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.donors import board_views, operations, pages, queries
from app.donors.forms import (
    ConsentForm,
    DecisionForm,
    HistoryForm,
    IdentityForm,
    MarkerForm,
    ReasonForm,
    ScreeningForm,
    SignedForm,
    SupersedingForm,
    TypingForm,
    UrgentNeedForm,
    WithdrawalForm,
)
from app.donors.rules import STATE_REASONS
from app.donors.urgent import document_need
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.web.forms import Faults, read, typed

bp = Blueprint("donors", __name__, template_folder="templates")
bp.register_blueprint(board_views.bp)

F = TypeVar("F", bound=BaseModel)
S = TypeVar("S", bound=SignedForm)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form page shows again: faults by field, what was typed, and a refusal when there is one."""

    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def status(self) -> HTTPStatus:
        """422 for what was typed wrong, 409 for what the record's state does not allow, 200 at first."""
        if self.refusal is not None:
            return (
                HTTPStatus.CONFLICT
                if self.refusal.reason in STATE_REASONS
                else HTTPStatus.UNPROCESSABLE_ENTITY
            )
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.errors else HTTPStatus.OK


#: Draws a form page again with its faults.
Page = Callable[[Typed], ResponseReturnValue]


def _shown(template: str, form: Typed, **facts: object) -> ResponseReturnValue:
    page = render_template(
        f"donors/{template}.html",
        errors=form.errors,
        values=form.values,
        refusal=form.refusal,
        words=pages.WORDS,
        **facts,
    )
    return page, form.status


def _donor_code(code: str) -> str:
    with this_db() as db:
        if queries.donor(db, code) is None:
            abort(404)
    return code


def _donor_of(screening_code: str) -> str:
    """The donor's code of a screening, for the way back; 404 where there is no such screening."""
    with this_db() as db:
        found = queries.donor_of_screening(db, screening_code)
    if found is None:
        abort(404)
    return found.code


def _do(form: type[F], code: str, page: Page, run: Callable[[Work, F], object]) -> ResponseReturnValue:
    """Read the form, do the act, keep a refusal; back to the donor's page when it is done."""
    given = read(form, request.form)
    if isinstance(given, Faults):
        return page(Typed(given.errors, given.values))
    with this_work() as work:
        answer = run(work, given)
        if isinstance(answer, Refusal):
            kept(work, Subject("donor", code), answer)
    if isinstance(answer, Refusal):
        return page(Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("donors.donor", code=code), 303)


def _do_signed(
    form: type[S], code: str, page: Page, run: Callable[[Work, S, Proof], object]
) -> ResponseReturnValue:
    """The same with a signature, proved before the act opens."""
    given = read(form, request.form)
    if isinstance(given, Faults):
        return page(Typed(given.errors, given.values))
    proof = prove(site(), given.sign_in, given.password)
    if isinstance(proof, Refusal):
        return page(Typed({"password": str(proof)}, typed(request.form)))
    return _do(form, code, page, lambda work, again: run(work, again, proof))


@bp.get("/donors")
@needs(Permission.DONOR_READ)
def index() -> ResponseReturnValue:
    """Donors by code, a page at a time."""
    with this_db() as db:
        rows = queries.list_donors(db, request.args.get("after", "")[:20])
    more = rows[queries.PAGE - 1].code if len(rows) > queries.PAGE else None
    return render_template(
        "donors/index.html",
        donors=rows[: queries.PAGE],
        more=more,
        may_write=can(Permission.DONOR_WRITE),
    )


@bp.get("/donors/new")
@needs(Permission.DONOR_WRITE)
def new() -> ResponseReturnValue:
    """The form for a new donor."""
    return _shown("new", Typed())


@bp.post("/donors")
@needs(Permission.DONOR_WRITE)
def register() -> ResponseReturnValue:
    """Register a donor; Hilo gives the code."""
    form = read(IdentityForm, request.form)
    if isinstance(form, Faults):
        return _shown("new", Typed(form.errors, form.values))
    with this_work() as work:
        answer = operations.register_donor(work, identity=form)
        if isinstance(answer, Refusal):
            kept(work, Subject("donor", "new"), answer)
    if isinstance(answer, Refusal):
        return _shown("new", Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("donors.donor", code=answer.code), 303)


@bp.get("/donors/<code>")
@needs(Permission.DONOR_READ)
def donor(code: str) -> ResponseReturnValue:
    """Everything the product side may know of a donor."""
    with this_db() as db:
        found = queries.donor(db, code)
        if found is None:
            abort(404)
        return render_template("donors/donor.html", **pages.donor_page(db, found), **_may())


def _may() -> dict[str, bool]:
    """Which buttons the reader sees; each door decides for itself."""
    return {
        "may_write": can(Permission.DONOR_WRITE),
        "may_decide": can(Permission.DONOR_DECIDE),
        "may_identify": can(Permission.DONOR_IDENTITY),
        "may_hold": can(Permission.HOLD_PLACE),
    }


@bp.route("/donors/<code>/identity", methods=["GET", "POST"])
@needs(Permission.DONOR_IDENTITY)
def identity(code: str) -> ResponseReturnValue:
    """Ask for the identity with a reason; the asking is kept, the answer is shown once."""
    _donor_code(code)
    if request.method == "GET":
        return _shown("identity", Typed(), code=code, identity=None)
    form = read(ReasonForm, request.form)
    if isinstance(form, Faults):
        return _shown("identity", Typed(form.errors, form.values), code=code, identity=None)
    with this_work() as work:
        answer = operations.read_identity(work, code, form.reason)
        if isinstance(answer, Refusal):
            kept(work, Subject("donor", code), answer)
    if isinstance(answer, Refusal):
        return _shown("identity", Typed(refusal=answer), code=code, identity=None)
    response = make_response(_shown("identity", Typed(), code=code, identity=answer))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/donors/<code>/consent", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def consent(code: str) -> ResponseReturnValue:
    """Record a consent."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("consent", form, code=code)

    if request.method == "GET":
        return page(Typed())
    return _do(ConsentForm, code, page, lambda work, form: operations.record_consent(work, code, form))


@bp.route("/donors/<code>/withdrawal", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def withdrawal(code: str) -> ResponseReturnValue:
    """Record that the donor takes a consent back."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("withdrawal", form, code=code)

    if request.method == "GET":
        return page(Typed())
    return _do(WithdrawalForm, code, page, lambda work, form: operations.withdraw_consent(work, code, form))


@bp.route("/donors/<code>/typing", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def typing(code: str) -> ResponseReturnValue:
    """Record an HLA typing."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("typing", form, code=code)

    if request.method == "GET":
        return page(Typed())
    return _do(TypingForm, code, page, lambda work, form: operations.record_typing(work, code, form))


@bp.route("/donors/<code>/screening", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def screening(code: str) -> ResponseReturnValue:
    """Open a screening."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("screening", form, code=code)

    if request.method == "GET":
        return page(Typed())
    return _do(ScreeningForm, code, page, lambda work, form: operations.open_screening(work, code, form))


@bp.route("/donors/<code>/deferral", methods=["GET", "POST"])
@needs(Permission.DONOR_DECIDE)
def deferral(code: str) -> ResponseReturnValue:
    """Defer a donor for good, signed."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("deferral", form, code=code)

    def run(work: Work, form: SignedForm, proof: Proof) -> object:
        return operations.defer_donor(work, code, form.reason, proof)

    if request.method == "GET":
        return page(Typed())
    return _do_signed(SignedForm, code, page, run)


@bp.route("/donors/<code>/urgent-need", methods=["GET", "POST"])
@needs(Permission.DONOR_DECIDE)
def urgent_need(code: str) -> ResponseReturnValue:
    """Document why an incomplete donor's cells are needed now, signed."""
    _donor_code(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("urgent_need", form, code=code)

    def run(work: Work, form: UrgentNeedForm, proof: Proof) -> object:
        return document_need(work, code, form.reason, form.physician, form.told_on, proof)

    if request.method == "GET":
        return page(Typed())
    return _do_signed(UrgentNeedForm, code, page, run)


@bp.route("/screenings/<code>/history", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def history(code: str) -> ResponseReturnValue:
    """Record the interview or the examination."""
    donor_code = _donor_of(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("history", form, code=donor_code, screening=code)

    if request.method == "GET":
        return page(Typed())
    return _do(
        HistoryForm, donor_code, page, lambda work, form: operations.complete_history(work, code, form)
    )


@bp.route("/screenings/<code>/result", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def result(code: str) -> ResponseReturnValue:
    """Record a marker result."""
    donor_code = _donor_of(code)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown("result", form, code=donor_code, screening=code, before=None, label="")

    if request.method == "GET":
        return page(Typed())
    return _do(MarkerForm, donor_code, page, lambda work, form: operations.record_marker(work, code, form))


@bp.route("/results/<int:result_id>/supersede", methods=["GET", "POST"])
@needs(Permission.DONOR_WRITE)
def supersede(result_id: int) -> ResponseReturnValue:
    """Record a later report that takes a result's place."""
    with this_db() as db:
        found = pages.result_page(db, result_id)
    if found is None:
        abort(404)

    def page(form: Typed) -> ResponseReturnValue:
        return _shown(
            "result",
            form,
            code=found.donor,
            screening=found.screening,
            before=found.result,
            label=found.label,
        )

    def run(work: Work, form: SupersedingForm) -> object:
        return operations.supersede_marker(work, result_id, form)

    return page(Typed()) if request.method == "GET" else _do(SupersedingForm, found.donor, page, run)


@bp.route("/screenings/<code>/decision", methods=["GET", "POST"])
@needs(Permission.DONOR_DECIDE)
def decision(code: str) -> ResponseReturnValue:
    """Show the whole record with what the rules answer, and decide on it by signature."""
    donor_code = _donor_of(code)

    def page(form: Typed) -> ResponseReturnValue:
        with this_db() as db:
            return _shown("decision", form, code=donor_code, **pages.decision_page(db, code))

    def run(work: Work, form: DecisionForm, proof: Proof) -> object:
        return operations.decide_eligibility(work, code, form.decided, form.reason, proof, form.shown)

    return page(Typed()) if request.method == "GET" else _do_signed(DecisionForm, donor_code, page, run)
