"""Pages of quality: the release desk, results, specifications."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.access.doors import actor, can, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject
from app.evidence.signatures import signatures_on
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.lots import queries as lots
from app.lots.models import Lot
from app.quality import operations, queries
from app.quality.forms import DecisionForm, ResultForm, SpecificationForm, SupersedeForm, shipped
from app.quality.models import Decision, Specification
from app.web.forms import Faults, read
from app.web.pages import refused

bp = Blueprint("quality", __name__, template_folder="templates")


@bp.get("/quality")
@needs(Permission.QUALITY_READ)
def index() -> str:
    """Lots that wait for quality, and the specifications in force."""
    with this_db() as db:
        return render_template(
            "quality/index.html", lots=queries.desk_rows(db), specifications=queries.specifications(db)
        )


@bp.get("/quality/<code>")
@needs(Permission.QUALITY_READ)
def desk(code: str) -> str:
    """The release desk of one lot."""
    return _desk(code)


def _desk(code: str, errors: dict[str, str] | None = None, values: dict[str, Any] | None = None) -> str:
    with this_db() as db:
        lot = _lot(db, code)
        lines = queries.checklist(db, lot)
        shown = queries.record_of_release(db, lot, Decision.RELEASED, "", "")
        return render_template(
            "quality/desk.html",
            lot=lot,
            lines=lines,
            missing=queries.pending(lines),
            failing=queries.failing(lines),
            decided=queries.release_of(db, known(lot.id)),
            stands=queries.release_stands(db, lot),
            history=queries.told_history(db, known(lot.id)),
            signatures=signatures_on(db, Subject("lot", lot.code)),
            holds=queries.holds_on_lot(db, lot),
            digest=sha256_of(shown),
            errors=errors or {},
            values=values or {},
            sign_in=actor().sign_in,
            may_enter=can(Permission.RESULT_WRITE),
            may_release=can(Permission.RELEASE),
        )


def _lot(db: Any, code: str) -> Lot:
    lot = lots.lot_by_code(db, code)
    if lot is None:
        abort(404)
    return lot


@bp.post("/quality/<code>/results")
@needs(Permission.RESULT_WRITE)
def enter_result(code: str) -> Response | Redirect | tuple[str, int]:
    """Enter a result, or one in place of the standing one when a reason is given."""
    superseding = bool(request.form.get("reason", "").strip())
    form = read(SupersedeForm if superseding else ResultForm, request.form)
    if isinstance(form, Faults):
        return _desk(code, form.errors, form.values), 422
    with this_work() as work:
        if isinstance(form, SupersedeForm):
            answer = operations.supersede_result(work, code, form)
        else:
            answer = operations.record_result(work, code, form)
        if isinstance(answer, Refusal):
            kept(work, Subject("lot", code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("quality.desk", code=code))
    return redirect(url_for("quality.desk", code=code), 303)


@bp.post("/quality/<code>/decision")
@needs(Permission.RELEASE)
def decide(code: str) -> Response | Redirect | tuple[str, int]:
    """Sign the decision on a lot."""
    values = {**request.form.to_dict(), "pending": request.form.getlist("pending")}
    form = read(DecisionForm, values)
    if isinstance(form, Faults):
        return _desk(code, form.errors, form.values), 422
    proof = prove(site(), actor().sign_in, request.form.get("password", ""))
    if isinstance(proof, Refusal):
        return refused(proof, back=url_for("quality.desk", code=code))
    with this_work() as work:
        answer = operations.decide_release(
            work, code, form.decision, tuple(form.pending), form.reason, proof, shown=form.digest
        )
        if isinstance(answer, Refusal):
            kept(work, Subject("lot", code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("quality.desk", code=code))
    return redirect(url_for("quality.desk", code=code), 303)


@bp.get("/specifications/<code>/<int:version>")
@needs(Permission.QUALITY_READ)
def specification(code: str, version: int) -> str:
    """One version of a specification."""
    with this_db() as db:
        found = queries.specification_by(db, code, version)
        if found is None:
            abort(404)
        return render_template(
            "quality/specification.html",
            specification=found,
            tests=queries.tests_of(db, found),
            signer=queries.signer_name(db, found.signature_id),
        )


@bp.post("/specifications")
@needs(Permission.SPECIFICATION_WRITE)
def adopt() -> Response | Redirect:
    """Adopt a version of a specification from a file, or the one that ships with Hilo."""
    back = url_for("quality.index")
    form = operations.read_specification(_specification_text())
    if isinstance(form, Refusal):
        return refused(form, 422, back=back)
    proof = prove(site(), actor().sign_in, request.form.get("password", ""))
    if isinstance(proof, Refusal):
        return refused(proof, back=back)
    with this_work() as work:
        answer: Specification | Refusal = operations.adopt_specification(work, form, proof)
        if isinstance(answer, Refusal):
            kept(work, Subject("specification", form.code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=back)
    return redirect(url_for("quality.specification", code=form.code, version=form.version), 303)


def _specification_text() -> bytes | SpecificationForm:
    file = request.files.get("file")
    if file is not None and file.filename:
        data: bytes = file.read(operations.SPECIFICATION_LIMIT + 1)
        return data
    return shipped("msc-dp-1")
