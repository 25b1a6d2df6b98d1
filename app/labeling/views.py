"""Pages of labels: print, scan back, reprint, void."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import kept, needs, site, this_db, this_work
from app.access.models import Person
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence import files
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.labeling import operations, queries
from app.labeling.drawing import preview
from app.labeling.forms import ApplyForm, DestroyForm, PrintForm, VoidForm
from app.labeling.models import LabelState, PrintJob
from app.lots import queries as lots
from app.lots.models import Lot
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed
from app.web.pages import refused
from labels import layout, payload, proof
from labels.calibration import calibration as calibration_page

bp = Blueprint("labeling", __name__, template_folder="templates")


def _picture(data: bytes) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = "image/png"
    return response


def _paper(data: bytes, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


@bp.get("/labels")
@needs(Permission.LABEL_READ)
def index() -> str:
    """The latest print jobs, and how many pieces were scanned back."""
    with this_db() as db:
        return render_template("labeling/index.html", jobs=queries.jobs(db))


def _lot(db: Session, code: str) -> Lot:
    lot = lots.lot_by_code(db, code)
    if lot is None:
        abort(404)
    return lot


def _stocks() -> list[layout.Layout]:
    """The stocks for containers; wristbands are printed elsewhere."""
    every = [layout.load(name) for name in layout.stocks()]
    return [stock for stock in every if stock.serial_kind == payload.Kind.CONTAINER]


@bp.get("/labels/print/<lot_code>")
@needs(Permission.LABEL_PRINT)
def dialog(lot_code: str) -> ResponseReturnValue:
    """The print dialog of a lot: which units, which stock, how it will look."""
    return _dialog(lot_code, Typed())


def _dialog(lot_code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        lot = _lot(db, lot_code)
        units = queries.printable_units(db, lot_code)
        reconciled = queries.reconciliation(db, known(lot.id))
    stocks = _stocks()
    shows = [
        (stock, unit["code"])
        for stock in stocks
        if (unit := next((u for u in units if u["kind"].value in stock.kinds and u["open"]), None))
    ]
    return shown(
        "labeling/print.html",
        form,
        lot=lot,
        units=units,
        stocks=stocks,
        shows=shows,
        reconciled=reconciled,
        ticked=request.form.getlist("unit"),
        first_time=request.method == "GET",
    )


@bp.get("/labels/preview/<unit_code>/<stock>.png")
@needs(Permission.LABEL_PRINT)
def preview_picture(unit_code: str, stock: str) -> Response:
    """How the next label of a unit will look."""
    if stock not in layout.stocks():
        abort(404)
    with this_db() as db:
        unit = lots.unit_by_code(db, unit_code)
        data = preview(db, unit, layout.load(stock)) if unit else None
    if data is None:
        abort(404)
    return _picture(data)


@bp.post("/labels/print/<lot_code>")
@needs(Permission.LABEL_PRINT)
def print_labels(lot_code: str) -> ResponseReturnValue:
    """Print the chosen units; a reprint needs the second person's password."""
    with this_db() as db:
        subject = Subject("lot", _lot(db, lot_code).code)
    form = read(PrintForm, {**request.form.to_dict(), "unit": request.form.getlist("unit")})
    if isinstance(form, Faults):
        return _dialog(lot_code, Typed(form.errors, typed(request.form)))
    second = _second(form.second_sign_in)
    if isinstance(second, Refusal):
        return _dialog(lot_code, Typed({"second_password": str(second)}, typed(request.form)))
    with this_work() as work:
        person = work.db.get(Person, second.person_id) if second else None
        answer = operations.print_labels(work, form.unit, form.stock, reason=form.reason, second=person)
        if isinstance(answer, Refusal):
            kept(work, subject, answer)
    if isinstance(answer, Refusal):
        return _dialog(lot_code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("labeling.job", code=answer.job.code), 303)


def _second(sign_in: str | None) -> Proof | Refusal | None:
    """The second person's proof, when one was named."""
    return prove(site(), sign_in, request.form.get("second_password", "")) if sign_in else None


@bp.get("/labels/jobs/<code>")
@needs(Permission.LABEL_READ)
def job(code: str) -> str:
    """One print job: its pictures, its pieces, and the scan-back."""
    with this_db() as db:
        found = _job(db, code)
        pieces = queries.labels_of_job(db, known(found.id))
    loose = [piece for piece in pieces if piece["state"] is LabelState.PRINTED]
    return render_template("labeling/job.html", job=found, pieces=pieces, loose=loose)


def _job(db: Session, code: str) -> PrintJob:
    found = queries.job_by_code(db, code)
    if found is None:
        abort(404)
    return found


@bp.get("/labels/jobs/<code>.pdf")
@needs(Permission.LABEL_PRINT)
def job_pdf(code: str) -> Response:
    """The pages for the printer, byte for byte as they were proven readable."""
    with this_db() as db:
        return _paper(files.read(db, queries.file_of(db, _job(db, code))), code)


@bp.get("/labels/jobs/<code>/<int:page>.png")
@needs(Permission.LABEL_READ)
def job_picture(code: str, page: int) -> Response:
    """One label of a job as a picture."""
    with this_db() as db:
        found = _job(db, code)
        if not 1 <= page <= found.pieces:
            abort(404)
        data = files.read(db, queries.file_of(db, found))
    return _picture(proof.image(data, page - 1, 3.0))


@bp.get("/labels/calibration/<stock>.pdf")
@needs(Permission.LABEL_PRINT)
def calibration(stock: str) -> Response:
    """A page to check the printer's scale and the scanner's keyboard with."""
    if stock not in layout.stocks():
        abort(404)
    return _paper(calibration_page(layout.load(stock)), f"calibration-{stock}")


@bp.post("/labels/apply")
@needs(Permission.LABEL_APPLY)
def apply_label() -> ResponseReturnValue:
    """Scan-back: this piece now is on its unit."""
    form = read(ApplyForm, request.form)
    if isinstance(form, Faults):
        return redirect(url_for("labeling.index"), 303)
    with this_work() as work:
        answer = operations.apply_label(work, form.code, form.unit)
        if isinstance(answer, Refusal):
            kept(work, _subject(form.code), answer)
            code = ""
        else:
            code = work.db.get_one(PrintJob, answer.print_job_id).code
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("labeling.index"))
    return redirect(url_for("labeling.job", code=code), 303)


def _subject(scanned: str) -> Subject:
    """The piece a refusal is about; a text that is no serial is never spelled out in the ledger."""
    serial = payload.read(scanned)
    return Subject("label", serial.text if isinstance(serial, payload.Serial) else "unread")


@bp.route("/labels/void", methods=["GET", "POST"])
@needs(Permission.LABEL_APPLY)
def void_label() -> ResponseReturnValue:
    """A loose piece was spoiled, kept as specimen, or returned."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("labeling/void.html", form)

    if request.method == "GET":
        return page(Typed(values={"code": request.args.get("code", "")[:40]}))
    return carry_out(
        VoidForm,
        _subject(request.form.get("code", "")),
        page,
        lambda work, form: operations.void_label(work, form.code, form.state, form.reason),
        lambda _label: url_for("labeling.index"),
    )


@bp.route("/labels/destroy", methods=["GET", "POST"])
@needs(Permission.LABEL_APPLY)
def destroy_label() -> ResponseReturnValue:
    """A void piece is destroyed in front of a second person."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("labeling/destroy.html", form)

    if request.method == "GET":
        return page(Typed(values={"code": request.args.get("code", "")[:40]}))
    given = read(DestroyForm, request.form)
    if isinstance(given, Faults):
        return page(Typed(given.errors, given.values))
    second = prove(site(), given.second_sign_in, request.form.get("second_password", ""))
    if isinstance(second, Refusal):
        return page(Typed({"second_password": str(second)}, typed(request.form)))
    return carry_out(
        DestroyForm,
        _subject(given.code),
        page,
        lambda work, form: operations.destroy_label(work, form.code, second),
        lambda _label: url_for("labeling.index"),
    )
