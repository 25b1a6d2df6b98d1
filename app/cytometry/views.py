"""Pages of cytometry: the kept files, an upload, and one file with its channels and pictures."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.cytometry import counts_views, operations, queries
from app.cytometry.forms import FlowForm, PictureForm
from app.cytometry.models import FlowFile
from app.cytometry.pictures import framed, picture
from app.donors.queries import site_day
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from app.web.forms import Faults, read
from app.web.pages import refused
from app.web.security import takes_files
from app.web.uploads import Upload, uploaded

bp = Blueprint("cytometry", __name__, template_folder="templates")
bp.register_blueprint(counts_views.bp)

LIMIT_MB = 200


@bp.get("/cytometry")
@needs(Permission.CYTOMETRY_READ)
def index() -> str:
    """The latest files."""
    with this_db() as db:
        return render_template(
            "cytometry/index.html", files=queries.listed(db), may_write=can(Permission.CYTOMETRY_WRITE)
        )


@bp.get("/cytometry/upload")
@needs(Permission.CYTOMETRY_WRITE)
def upload_form() -> str:
    """The form for a file."""
    return _upload({}, {"recipient": request.args.get("recipient", "")[:20]})


def _upload(errors: dict[str, str], values: dict[str, str], no: Refusal | None = None) -> str:
    with this_db() as db:
        return render_template(
            "cytometry/upload.html",
            recipients=[(line.code, line.code) for line in recipients.listed(db)],
            limit_mb=LIMIT_MB,
            errors=errors,
            values=values,
            no=no,
        )


@bp.post("/cytometry/upload")
@needs(Permission.CYTOMETRY_WRITE)
@takes_files(LIMIT_MB)
def upload() -> ResponseReturnValue:
    """Read the file before the act opens, then keep it."""
    form = read(FlowForm, request.form)
    if isinstance(form, Faults):
        return _upload(form.errors, form.values), 422
    file = uploaded("file", LIMIT_MB)
    if isinstance(file, Refusal):
        return _upload({"file": f"{file.sentence} {file.next_step}"}, request.form.to_dict()), 422
    answer = _import(form, file)
    if isinstance(answer, Refusal):
        return _upload({}, request.form.to_dict(), answer), 422
    return redirect(url_for("cytometry.file", code=answer.code), 303)


def _import(form: FlowForm, file: Upload) -> FlowFile | Refusal:
    with this_db() as db:
        today = site_day(db, clock.now())
    taken = operations.read_flow(file.data, today)
    with this_work() as work:
        answer: FlowFile | Refusal
        if isinstance(taken, Refusal):
            answer = taken
        else:
            answer = operations.import_flow(
                work, form.recipient, taken, file.claimed_name, form.collected_on, form.panel
            )
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", form.recipient), answer)
    return answer


def _file(db: Session, code: str) -> FlowFile:
    found = queries.by_code(db, code)
    if found is None:
        abort(404)
    return found


def _wanted() -> tuple[int, tuple[int, int] | None]:
    """The data set and the channels that the address asks for."""
    form = read(PictureForm, request.args)
    if isinstance(form, Faults):
        abort(404)
    return form.data_set, None if form.x is None or form.y is None else (form.x, form.y)


@bp.get("/cytometry/<code>")
@needs(Permission.CYTOMETRY_READ)
def file(code: str) -> str:
    """One file: its picture, channels, warnings and keywords."""
    data_set, channels = _wanted()
    with this_db() as db:
        found = _file(db, code)
        if data_set > found.data_sets:
            abort(404)
        drawn = picture(db, found, data_set, channels)
        if not isinstance(drawn, Refusal):
            channels = (drawn.x.number, drawn.y.number)
            href = url_for(
                "cytometry.density_png", code=found.code, data_set=data_set, x=channels[0], y=channels[1]
            )
        return render_template(
            "cytometry/file.html",
            file=found,
            recipient=db.get_one(Recipient, found.recipient_id).code,
            sha256=queries.stored_of(db, found).sha256,
            channels=[one for one in queries.channels_of(found) if one.data_set == data_set],
            keywords=queries.keywords_of(found)[data_set - 1],
            warnings=queries.warnings_of(found),
            data_set=data_set,
            chosen=channels or ("", ""),
            drawn=None if isinstance(drawn, Refusal) else drawn,
            svg=None if isinstance(drawn, Refusal) else framed(drawn, href),
            no=drawn if isinstance(drawn, Refusal) else None,
        )


@bp.get("/cytometry/<code>/density.png")
@needs(Permission.CYTOMETRY_READ)
def density_png(code: str) -> Response:
    """The picture of two channels without its axes."""
    data_set, channels = _wanted()
    with this_db() as db:
        found = _file(db, code)
        if data_set > found.data_sets:
            abort(404)
        drawn = picture(db, found, data_set, channels)
    if isinstance(drawn, Refusal):
        return refused(drawn, 422, back=url_for("cytometry.index"))
    answer = make_response(drawn.png)
    answer.mimetype = "image/png"
    return answer
