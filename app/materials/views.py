"""Pages of materials and equipment."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence import files
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.materials import operations, queries
from app.materials.forms import CalibrationForm, EquipmentForm, MaterialForm, OpeningForm
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import typed
from app.web.security import as_attachment, takes_files
from app.web.uploads import Upload, UploadFault, uploaded
from labels import things

bp = Blueprint("materials", __name__, template_folder="templates")

#: A scanned certificate of a few pages.
LIMIT_MB = 10


@bp.get("/materials")
@needs(Permission.MATERIAL_READ)
def index() -> ResponseReturnValue:
    """Reagent lots by code, a page at a time, and all equipment."""
    with this_db() as db:
        rows = queries.list_materials(db, request.args.get("after", "")[:30])
        return render_template(
            "materials/index.html",
            materials=rows[: queries.PAGE],
            more=rows[queries.PAGE - 1].code if len(rows) > queries.PAGE else None,
            equipment=queries.list_equipment(db),
            today=site_day(db, clock.now()),
            may_write=can(Permission.MATERIAL_WRITE),
        )


@bp.route("/materials/new", methods=["GET", "POST"])
@needs(Permission.MATERIAL_WRITE)
def receive() -> ResponseReturnValue:
    """Receive a reagent lot."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("materials/receive.html", form)

    if request.method == "GET":
        return page(Typed())
    return carry_out(
        MaterialForm,
        Subject("material", "new"),
        page,
        lambda work, form: operations.receive_material(work, **form.model_dump()),
        lambda made: url_for("materials.material", code=made.code),
    )


@bp.route("/equipment/new", methods=["GET", "POST"])
@needs(Permission.MATERIAL_WRITE)
def register() -> ResponseReturnValue:
    """Register a device."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("materials/register.html", form)

    if request.method == "GET":
        return page(Typed())
    return carry_out(
        EquipmentForm,
        Subject("equipment", "new"),
        page,
        lambda work, form: operations.register_equipment(work, **form.model_dump()),
        lambda made: url_for("materials.device", code=made.code),
    )


@bp.get("/materials/<code>")
@needs(Permission.MATERIAL_READ)
def material(code: str) -> ResponseReturnValue:
    """One reagent lot, its certificate and its opening."""
    return _material(code, Typed())


def _material(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.material_by_code(db, code)
        if found is None:
            abort(404)
        return shown(
            "materials/material.html",
            form,
            material=found,
            certificate=queries.file_with(db, found.certificate_id),
            today=site_day(db, clock.now()),
            limit_mb=LIMIT_MB,
            may_write=can(Permission.MATERIAL_WRITE),
        )


@bp.post("/materials/<code>/opening")
@needs(Permission.MATERIAL_WRITE)
def open_pack(code: str) -> ResponseReturnValue:
    """Note the day a lot was first opened."""
    return carry_out(
        OpeningForm,
        Subject("material", code),
        lambda form: _material(code, form),
        lambda work, form: operations.open_material(work, code, **form.model_dump()),
        lambda made: url_for("materials.material", code=made.code),
    )


@bp.post("/materials/<code>/certificate")
@needs(Permission.MATERIAL_WRITE)
@takes_files(LIMIT_MB)
def certify(code: str) -> ResponseReturnValue:
    """Keep the supplier's certificate."""
    file = uploaded("file", LIMIT_MB)
    if isinstance(file, Refusal):
        return _material(code, Typed({"file": str(file)}, typed(request.form)))
    reason = request.form.get("reason", "")[:500]
    with this_work() as work:
        answer = operations.keep_certificate(work, code, file.data, file.claimed_name, reason)
        if isinstance(answer, Refusal):
            kept(work, Subject("material", code), answer)
    if isinstance(answer, Refusal):
        return _material(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("materials.material", code=code), 303)


@bp.get("/materials/<code>/certificate")
@needs(Permission.MATERIAL_READ)
def certificate(code: str) -> Response:
    """The supplier's certificate as it came."""
    with this_db() as db:
        found = queries.material_by_code(db, code)
        stored = queries.file_with(db, found.certificate_id) if found else None
        if stored is None:
            abort(404)
        return _sent(files.read(db, stored), f"{code}-certificate")


@bp.get("/equipment/<code>/calibrations/<int:number>")
@needs(Permission.MATERIAL_READ)
def calibration_file(code: str, number: int) -> Response:
    """The certificate of one calibration as it came; the first calibration is number 1."""
    with this_db() as db:
        found = queries.equipment_by_code(db, code)
        calibrations = queries.calibrations_of(db, found)[::-1] if found else []
        stored: StoredFile | None = None
        if 1 <= number <= len(calibrations):
            stored = queries.file_with(db, calibrations[number - 1].stored_file_id)
        if stored is None:
            abort(404)
        return _sent(files.read(db, stored), f"{code}-calibration-{number}")


def _sent(data: bytes, name: str) -> Response:
    """A kept certificate, saved by the browser under our own name."""
    kind, ending = ("application/pdf", "pdf") if data.startswith(b"%PDF-") else ("image/png", "png")
    answer = make_response(data)
    answer.mimetype = kind
    return as_attachment(answer, f"{name}.{ending}")


@bp.get("/equipment/<code>/label.pdf")
@needs(Permission.MATERIAL_WRITE)
def label(code: str) -> Response:
    """The label to stick on a device: its serial is scanned at each step."""
    with this_db() as db:
        found = queries.equipment_by_code(db, code)
        if found is None:
            abort(404)
        note = str(db.info.get("note", ""))
    answer = Response(mimetype="application/pdf")
    answer.set_data(things.pdf(things.EQUIPMENT, [things.Thing(found.serial, found.code, found.name)], note))
    answer.headers["Content-Disposition"] = f'inline; filename="equipment-{code}.pdf"'
    return answer


@bp.get("/equipment/<code>")
@needs(Permission.MATERIAL_READ)
def device(code: str) -> ResponseReturnValue:
    """One device, its calibrations, and the form for the next one."""
    return _device(code, Typed())


@bp.post("/equipment/<code>/calibration")
@needs(Permission.MATERIAL_WRITE)
@takes_files(LIMIT_MB)
def calibrate(code: str) -> ResponseReturnValue:
    """Record that a device was calibrated, with the certificate's file where there is one."""
    file = uploaded("file", LIMIT_MB)
    if isinstance(file, Refusal) and file.reason is not UploadFault.MISSING:
        return _device(code, Typed({"file": str(file)}, typed(request.form)))
    data, came_as = (file.data, file.claimed_name) if isinstance(file, Upload) else (None, "")
    return carry_out(
        CalibrationForm,
        Subject("equipment", code),
        lambda form: _device(code, form),
        lambda work, form: operations.record_calibration(
            work, code, **form.model_dump(), data=data, came_as=came_as
        ),
        lambda made: url_for("materials.device", code=made.code),
    )


def _device(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.equipment_by_code(db, code)
        if found is None:
            abort(404)
        return shown(
            "materials/device.html",
            form,
            device=found,
            calibrations=queries.calibrations_of(db, found),
            today=site_day(db, clock.now()),
            limit_mb=LIMIT_MB,
            may_write=can(Permission.MATERIAL_WRITE),
        )
