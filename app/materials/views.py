"""Pages of materials and equipment."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, needs, this_db
from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence.ledger import Subject
from app.kernel import clock
from app.materials import operations, queries
from app.materials.forms import CalibrationForm, EquipmentForm, MaterialForm
from app.web.formpage import Typed, carry_out, shown

bp = Blueprint("materials", __name__, template_folder="templates")


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

    def page(typed: Typed) -> ResponseReturnValue:
        return shown("materials/receive.html", typed)

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

    def page(typed: Typed) -> ResponseReturnValue:
        return shown("materials/register.html", typed)

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
    """One reagent lot."""
    with this_db() as db:
        found = queries.material_by_code(db, code)
        if found is None:
            abort(404)
        return render_template("materials/material.html", material=found, today=site_day(db, clock.now()))


@bp.get("/equipment/<code>")
@needs(Permission.MATERIAL_READ)
def device(code: str) -> ResponseReturnValue:
    """One device, with the form for its next calibration."""
    return _device(code, Typed())


@bp.post("/equipment/<code>/calibration")
@needs(Permission.MATERIAL_WRITE)
def calibrate(code: str) -> ResponseReturnValue:
    """Record that a device was calibrated."""
    return carry_out(
        CalibrationForm,
        Subject("equipment", code),
        lambda typed: _device(code, typed),
        lambda work, form: operations.record_calibration(work, code, **form.model_dump()),
        lambda made: url_for("materials.device", code=made.code),
    )


def _device(code: str, typed: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.equipment_by_code(db, code)
        if found is None:
            abort(404)
        return shown(
            "materials/device.html",
            typed,
            device=found,
            today=site_day(db, clock.now()),
            may_write=can(Permission.MATERIAL_WRITE),
        )
