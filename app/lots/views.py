"""Pages of donations, lots, steps and units."""

from dataclasses import replace

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from app.access.doors import can, needs, site, this_db
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.lots import operations, pages, queries, step_views
from app.lots.forms import DestroyForm, DonationForm, FateForm, FinishForm, LotForm, StepPage
from app.lots.models import Lot, Unit
from app.lots.required import required_of
from app.lots.steps import perform_step
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed

bp = Blueprint("lots", __name__, template_folder="templates")
bp.register_blueprint(step_views.bp)


@bp.record_once
def _tell_every_page(state: BlueprintSetupState) -> None:
    """A page of any room can say what the law makes labels and papers of a unit say."""
    state.app.jinja_env.globals["required_words"] = required_words


def required_words(code: str) -> Markup:
    """The words, what allows any use of such cells, and the law; empty where nothing must be said."""
    with this_db() as db:
        unit = queries.unit_by_code(db, code)
        required = required_of(db, unit.id, clock.now()) if unit is not None and unit.id is not None else ()
    return Markup(render_template("lots/_required.html", required=required, code=code) if required else "")


@bp.get("/lots")
@needs(Permission.LOT_READ)
def index() -> ResponseReturnValue:
    """Lots, newest first, a page at a time, and the newest donations."""
    before = request.args.get("before", "")
    with this_db() as db:
        rows = queries.list_lots(db, int(before[:12]) if before.isdecimal() and before.isascii() else None)
        return render_template(
            "lots/index.html",
            lots=rows[: queries.PAGE],
            more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
            donations=queries.list_donations(db),
            may_write=can(Permission.LOT_WRITE),
        )


@bp.route("/lots/new", methods=["GET", "POST"])
@needs(Permission.LOT_WRITE)
def new() -> ResponseReturnValue:
    """Open a lot."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("lots/new.html", form, words=pages.WORDS)

    if request.method == "GET":
        return page(Typed())
    return carry_out(
        LotForm,
        Subject("lot", "new"),
        page,
        lambda work, form: operations.open_lot(work, form.kind, form.product, form.code, form.storage),
        lambda made: url_for("lots.lot", code=made.code),
    )


@bp.get("/lots/<code>")
@needs(Permission.LOT_READ)
def lot(code: str) -> ResponseReturnValue:
    """All that belongs to one lot."""
    with this_db() as db:
        return render_template(
            "lots/lot.html", **pages.lot_page(db, _lot(db, code)), may_write=can(Permission.LOT_WRITE)
        )


@bp.route("/lots/<code>/step", methods=["GET", "POST"])
@needs(Permission.LOT_WRITE)
def step(code: str) -> ResponseReturnValue:
    """Record a step of a lot."""
    with this_db() as db:
        facts = pages.step_page(db, _lot(db, code), clock.now())

    ticked = {name: request.form.getlist(name) for name in ("chosen", "picked")}

    def page(form: Typed) -> ResponseReturnValue:
        return shown("lots/step.html", form, **facts, ticked=ticked)

    if request.method == "GET":
        return page(Typed(values={"inputs": request.args.get("unit", "")[:40]}))
    given = request.form.to_dict()
    typed_in = {name: given.get(name, "") for name in ("inputs", "tools")}
    given["inputs"] = " ".join([*ticked["chosen"], typed_in["inputs"]])
    given["tools"] = "\n".join([*ticked["picked"], typed_in["tools"]])
    return carry_out(
        StepPage,
        Subject("lot", code),
        lambda form: page(replace(form, values=form.values | typed_in)),
        lambda work, form: perform_step(work, form.form(code)),
        lambda made: url_for("lots.steps.step", code=made.code) if made.deviation_id else _at_lot(code),
        given,
    )


@bp.route("/lots/<code>/finish", methods=["GET", "POST"])
@needs(Permission.LOT_WRITE)
def finish(code: str) -> ResponseReturnValue:
    """End the making of a lot; its expiry is computed."""
    with this_db() as db:
        found = _lot(db, code)

    def page(form: Typed) -> ResponseReturnValue:
        return shown("lots/finish.html", form, lot=found, months=pages.shelf_life(found))

    if request.method == "GET":
        return page(Typed())
    return carry_out(
        FinishForm,
        Subject("lot", code),
        page,
        lambda work, form: operations.finish_making(work, code, form.made_at),
        lambda made: url_for("lots.lot", code=made.code),
    )


@bp.route("/donations/new", methods=["GET", "POST"])
@needs(Permission.LOT_WRITE)
def donate() -> ResponseReturnValue:
    """Receive a donation."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("lots/donate.html", form, words=pages.WORDS)

    if request.method == "GET":
        return page(Typed(values={"donor": request.args.get("donor", "")[:20]}))
    return carry_out(
        DonationForm,
        Subject("donor", request.form.get("donor", "")[:20] or "none"),
        page,
        lambda work, form: operations.record_donation(work, **form.model_dump()),
        lambda made: url_for("lots.donation", code=made.code),
    )


@bp.get("/donations/<code>")
@needs(Permission.LOT_READ)
def donation(code: str) -> ResponseReturnValue:
    """One donation and what became of it."""
    with this_db() as db:
        found = queries.donation_by_code(db, code)
        if found is None:
            abort(404)
        return render_template("lots/donation.html", **pages.donation_page(db, found))


@bp.get("/units/<code>")
@needs(Permission.LOT_READ)
def unit(code: str) -> ResponseReturnValue:
    """One unit: what it holds, what stops it, where it came from."""
    return _unit_page(code, Typed())


@bp.get("/units/<code>.json")
@needs(Permission.LOT_READ)
def unit_json(code: str) -> Response:
    """The same for a program, as lean as it can be."""
    with this_db() as db:
        answer = pages.unit_answer(db, code)
    if answer is None:
        abort(404)
    return jsonify(answer)


@bp.post("/units/<code>/fate")
@needs(Permission.LOT_WRITE)
def fate(code: str) -> ResponseReturnValue:
    """Record that a unit was tested, is kept for good, or was lost."""
    return carry_out(
        FateForm,
        Subject("unit", code),
        lambda form: _unit_page(code, form),
        lambda work, form: operations.record_fate(work, code, form.fate, form.reason),
        lambda made: url_for("lots.unit", code=made.code),
    )


@bp.post("/units/<code>/destroy")
@needs(Permission.LOT_WRITE)
def destroy(code: str) -> ResponseReturnValue:
    """Destroy a unit; who does it signs, and the witness signs."""
    given = read(DestroyForm, request.form)
    if isinstance(given, Faults):
        return _unit_page(code, Typed(given.errors, given.values))
    first = prove(site(), given.sign_in, given.password)
    if isinstance(first, Refusal):
        return _unit_page(code, Typed({"password": str(first)}, typed(request.form)))
    second = prove(site(), given.second_sign_in, given.second_password)
    if isinstance(second, Refusal):
        return _unit_page(code, Typed({"second_password": str(second)}, typed(request.form)))
    return carry_out(
        DestroyForm,
        Subject("unit", code),
        lambda form: _unit_page(code, form),
        lambda work, form: operations.destroy_unit(work, code, form.reason, first, second),
        lambda made: url_for("lots.unit", code=made.code),
    )


def _unit_page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.unit_by_code(db, code)
        if found is None:
            abort(404)
        if _is_tissue(found):
            return redirect(url_for("lots.donation", code=code))
        facts = pages.unit_page(db, found)
    return shown("lots/unit.html", form, **facts, may_write=can(Permission.LOT_WRITE))


def _is_tissue(unit: Unit) -> bool:
    return unit.donation_id is not None


def _at_lot(code: str) -> str:
    return url_for("lots.lot", code=code)


def _lot(db: Session, code: str) -> Lot:
    found = queries.lot_by_code(db, code)
    if found is None:
        abort(404)
    return found
