"""Pages of labels: print, scan back, reprint, void."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as Redirect

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.models import Person
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence import files
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.labeling import operations, queries
from app.labeling.models import LabelState, PrintJob
from app.lots import queries as lots
from app.web.pages import refused
from labels import layout, proof
from labels.calibration import calibration as calibration_page

bp = Blueprint("labeling", __name__, template_folder="templates")


@bp.get("/labels")
@needs(Permission.LABEL_READ)
def index() -> str:
    """The latest print jobs, and how many pieces were scanned back."""
    with this_db() as db:
        return render_template("labeling/index.html", jobs=queries.jobs(db))


@bp.get("/labels/print/<lot_code>")
@needs(Permission.LABEL_PRINT)
def dialog(lot_code: str) -> str:
    """The print dialog of a lot: which units, which stock, how it will look."""
    with this_db() as db:
        lot = lots.lot_by_code(db, lot_code)
        if lot is None:
            abort(404)
        return render_template(
            "labeling/print.html",
            lot=lot,
            units=queries.printable_units(db, lot_code),
            stocks=[layout.load(name) for name in layout.stocks()],
            reconciled=queries.reconciliation(db, known(lot.id)),
        )


@bp.post("/labels/print/<lot_code>")
@needs(Permission.LABEL_PRINT)
def print_labels(lot_code: str) -> Response | Redirect:
    """Print the chosen units; a reprint needs the second person's password."""
    back = url_for("labeling.dialog", lot_code=lot_code)
    second = _second()
    if isinstance(second, Refusal):
        return refused(second, back=back)
    codes = request.form.getlist("unit")
    with this_work() as work:
        person = work.db.get(Person, second.person_id) if second else None
        answer = operations.print_labels(
            work,
            codes,
            request.form.get("stock", ""),
            reason=request.form.get("reason", "").strip() or None,
            second=person,
        )
        if isinstance(answer, Refusal):
            kept(work, Subject("lot", lot_code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=back)
    return redirect(url_for("labeling.job", code=answer.job.code), 303)


def _second() -> Proof | Refusal | None:
    """The second person's proof, when one was named."""
    sign_in = request.form.get("second_sign_in", "").strip()
    if not sign_in:
        return None
    return prove(site(), sign_in, request.form.get("second_password", ""))


@bp.get("/labels/jobs/<code>")
@needs(Permission.LABEL_READ)
def job(code: str) -> str:
    """One print job: its picture, its pieces, and the scan-back."""
    with this_db() as db:
        found = queries.job_by_code(db, code)
        if found is None:
            abort(404)
        pieces = queries.labels_of_job(db, known(found.id))
        return render_template(
            "labeling/job.html", job=found, pieces=pieces, sign_in=actor().sign_in, states=LabelState
        )


@bp.get("/labels/jobs/<code>.pdf")
@needs(Permission.LABEL_PRINT)
def job_pdf(code: str) -> Response:
    """The pages for the printer, byte for byte as they were proven readable."""
    with this_db() as db:
        data = _pdf(db, code)
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.pdf"'
    return response


@bp.get("/labels/jobs/<code>/<int:page>.png")
@needs(Permission.LABEL_READ)
def job_picture(code: str, page: int) -> Response:
    """One label of a job as a picture."""
    with this_db() as db:
        data = _pdf(db, code)
    try:
        picture = proof.image(data, page - 1, 3.0)
    except IndexError:
        abort(404)
    response = make_response(picture)
    response.headers["Content-Type"] = "image/png"
    return response


def _pdf(db: Session, code: str) -> bytes:
    found = queries.job_by_code(db, code)
    if found is None:
        abort(404)
    stored = queries.file_of(db, found)
    return files.read(db, stored)


@bp.get("/labels/calibration/<stock>.pdf")
@needs(Permission.LABEL_PRINT)
def calibration(stock: str) -> Response:
    """A page to check the printer's scale and the scanner's keyboard with."""
    if stock not in layout.stocks():
        abort(404)
    response = make_response(calibration_page(layout.load(stock)))
    response.headers["Content-Type"] = "application/pdf"
    return response


@bp.post("/labels/apply")
@needs(Permission.LABEL_APPLY)
def apply_label() -> Response | Redirect:
    """Scan-back: this piece now is on its unit."""
    code = request.form.get("code", "")
    back = url_for("labeling.index")
    with this_work() as work:
        answer = operations.apply_label(work, code, request.form.get("unit") or None)
        if isinstance(answer, Refusal):
            kept(work, Subject("label", code[:16]), answer)
        else:
            found = queries.by_serial(work.db, answer.serial)
            back = _job_url(work.db, answer.print_job_id) if found else back
    if isinstance(answer, Refusal):
        return refused(answer, back=request.form.get("back") or back)
    return redirect(back, 303)


def _job_url(db: Session, job_id: int) -> str:
    found = db.get_one(PrintJob, job_id)
    return url_for("labeling.job", code=found.code)


@bp.post("/labels/void")
@needs(Permission.LABEL_APPLY)
def void_label() -> Response | Redirect:
    """A loose piece was spoiled, kept as specimen, or returned."""
    code = request.form.get("code", "")
    state = request.form.get("state", "")
    with this_work() as work:
        known = [word for word in LabelState if word.value == state]
        answer = operations.void_label(
            work, code, known[0] if known else LabelState.PRINTED, request.form.get("reason", "")
        )
        if isinstance(answer, Refusal):
            kept(work, Subject("label", code[:16]), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("labeling.index"))
    return redirect(url_for("labeling.index"), 303)


@bp.post("/labels/destroy")
@needs(Permission.LABEL_APPLY)
def destroy_label() -> Response | Redirect:
    """A void piece is destroyed in front of a second person."""
    code = request.form.get("code", "")
    second = prove(site(), request.form.get("second_sign_in", ""), request.form.get("second_password", ""))
    if isinstance(second, Refusal):
        return refused(second, back=url_for("labeling.index"))
    with this_work() as work:
        answer = operations.destroy_label(work, code, second)
        if isinstance(answer, Refusal):
            kept(work, Subject("label", code[:16]), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("labeling.index"))
    return redirect(url_for("labeling.index"), 303)
