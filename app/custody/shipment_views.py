"""Pages of shipments: the list, a new one, and each step of one, from the packing to its logger's curve."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.custody import shipment_queries as queries
from app.custody import shipments
from app.custody.loggerprofiles import profiles
from app.custody.shipment_forms import (
    CancelForm,
    LoggerForm,
    LoggerZone,
    NoLoggerForm,
    PackForm,
    ReceiveForm,
    ShipmentForm,
    TravelForm,
)
from app.custody.shipment_judging import judge_shipment, judge_without_file
from app.custody.shipment_models import Shipment, ShipmentJudgement
from app.custody.shipment_pages import hours_from, one_shipment
from app.evidence import files
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.web.csvtext import csv_text
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed
from app.web.pages import site_zone
from app.web.security import as_attachment, takes_files
from app.web.uploads import Kind, uploaded

bp = Blueprint("shipments", __name__)

LIMIT_MB = 1


@bp.get("/shipments")
@needs(Permission.CUSTODY_READ)
def index() -> str:
    """Shipments, newest first."""
    before = request.args.get("before", "")
    with this_db() as db:
        found = queries.listed(db, int(before) if before.isdecimal() and len(before) < 12 else None)
    more = found[queries.PAGE - 1].id if len(found) > queries.PAGE else None
    return render_template("custody/shipments.html", shipments=found[: queries.PAGE], more=more)


@bp.route("/shipments/new", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def new() -> ResponseReturnValue:
    """Open a shipment."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("custody/shipment_new.html", form)

    if request.method == "GET":
        return page(Typed())
    return carry_out(
        ShipmentForm, Subject("shipment", "new"), page, shipments.open_shipment, lambda made: _at(made.code)
    )


@bp.get("/shipments/<code>")
@needs(Permission.CUSTODY_READ)
def shipment(code: str) -> ResponseReturnValue:
    """One shipment: where it stands, what is inside, and what its logger says."""
    return _page(code, Typed())


def _page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        facts = one_shipment(db, _found(db, code))
    return shown("custody/shipment.html", form, **facts, may_write=can(Permission.CUSTODY_WRITE))


@bp.post("/shipments/<code>/pack")
@needs(Permission.CUSTODY_WRITE)
def pack(code: str) -> ResponseReturnValue:
    """Scan a unit into the shipper."""
    return carry_out(
        PackForm,
        Subject("shipment", code),
        lambda form: _page(code, form),
        lambda work, form: shipments.pack_unit(work, code, form.unit, form.condition, form.celsius),
        lambda _packed: _at(code),
    )


def _step(code: str, act: str, form: Typed) -> ResponseReturnValue:
    """The form of one step: send, receive or cancel."""
    with this_db() as db:
        facts = one_shipment(db, _found(db, code))
    return shown("custody/shipment_step.html", form, act=act, **facts)


@bp.route("/shipments/<code>/send", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def send(code: str) -> ResponseReturnValue:
    """The courier takes the shipper over."""
    if request.method == "GET":
        return _step(code, "send", Typed())
    return carry_out(
        TravelForm,
        Subject("shipment", code),
        lambda form: _step(code, "send", form),
        lambda work, form: shipments.send_shipment(work, code, form.condition, form.celsius),
        lambda done: _at(done.code),
    )


@bp.route("/shipments/<code>/receive", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def receive(code: str) -> ResponseReturnValue:
    """The shipper is opened, and each unit scanned."""
    if request.method == "GET":
        return _step(code, "receive", Typed())
    return carry_out(
        ReceiveForm,
        Subject("shipment", code),
        lambda form: _step(code, "receive", form),
        lambda work, form: shipments.receive_shipment(work, code, form),
        lambda done: _at(done.code),
    )


@bp.route("/shipments/<code>/cancel", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def cancel(code: str) -> ResponseReturnValue:
    """The shipment will not leave."""
    if request.method == "GET":
        return _step(code, "cancel", Typed())
    return carry_out(
        CancelForm,
        Subject("shipment", code),
        lambda form: _step(code, "cancel", form),
        lambda work, form: shipments.cancel_shipment(work, code, form.reason),
        lambda done: _at(done.code),
    )


def _upload(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        facts = one_shipment(db, _found(db, code))
    zone = site_zone().key
    zones = [(LoggerZone.SITE.value, zone), *([] if zone == "UTC" else [(LoggerZone.UTC.value, "UTC")])]
    return shown(
        "custody/shipment_logger.html", form, **facts, zones=zones, profiles=profiles(), limit_mb=LIMIT_MB
    )


@bp.get("/shipments/<code>/logger")
@needs(Permission.CUSTODY_WRITE)
def logger_form(code: str) -> ResponseReturnValue:
    """The form for the logger's file."""
    return _upload(code, Typed())


@bp.post("/shipments/<code>/logger")
@needs(Permission.CUSTODY_WRITE)
@takes_files(LIMIT_MB)
def logger(code: str) -> ResponseReturnValue:
    """Keep the logger's file, and judge the journey by it."""
    form = read(LoggerForm, request.form)
    if isinstance(form, Faults):
        return _upload(code, Typed(form.errors, form.values))
    file = uploaded("file", LIMIT_MB, Kind.CSV)
    if isinstance(file, Refusal):
        return _upload(code, Typed({"file": str(file)}, typed(request.form)))
    with this_work() as work:
        answer = judge_shipment(work, code, file.data, file.claimed_name, form.zone, form.reason or "")
        if isinstance(answer, Refusal):
            kept(work, Subject("shipment", code), answer)
    if isinstance(answer, Refusal):
        return _upload(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(_at(code), 303)


@bp.route("/shipments/<code>/no-logger", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def no_logger(code: str) -> ResponseReturnValue:
    """There is no file: the journey is not proven."""
    if request.method == "GET":
        return _step(code, "no_logger", Typed())
    return carry_out(
        NoLoggerForm,
        Subject("shipment", code),
        lambda form: _step(code, "no_logger", form),
        lambda work, form: judge_without_file(work, code, form.reason),
        lambda _done: _at(code),
    )


@bp.get("/shipments/<code>/logger.csv")
@needs(Permission.CUSTODY_READ)
def logger_csv(code: str) -> Response:
    """Every reading of the judgement that counts, as a table."""
    with this_db() as db:
        found = _found(db, code)
        readings = queries.readings_of(_judged(db, found))
        travelled = [one for one in queries.passengers(db, found) if one.travelled]
        began = queries.began_at(travelled, found)
    heads = ("hours", "time_utc", "celsius")
    rows = [(hours_from(began, one.at), one.at.isoformat(), one.celsius) for one in readings]
    return _csv(csv_text(heads, rows), f"{code}-logger")


@bp.get("/shipments/<code>/logger/file")
@needs(Permission.CUSTODY_READ)
def logger_file(code: str) -> Response:
    """The logger's own file, byte for byte."""
    with this_db() as db:
        stored = queries.file_of(db, _judged(db, _found(db, code)))
        if stored is None:
            abort(404)
        return _csv(files.read(db, stored), f"{code}-logger-as-received")


def _csv(body: str | bytes, name: str) -> Response:
    answer = make_response(body)
    answer.mimetype = "text/csv"
    return as_attachment(answer, f"{name}.csv")


def _judged(db: Session, shipment: Shipment) -> ShipmentJudgement:
    made = queries.judgements(db, known(shipment.id))
    if not made:
        abort(404)
    return made[-1]


def _found(db: Session, code: str) -> Shipment:
    found = queries.shipment_by_code(db, code)
    if found is None:
        abort(404)
    return found


def _at(code: str) -> str:
    return url_for("custody.shipments.shipment", code=code)
