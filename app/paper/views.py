"""Pages of paper: the shelf, issuing a batch record, and its pages as pictures."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.evidence import files
from app.evidence.checkpoints import line
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.paper import operations, queries
from app.paper.models import IssuedPaper, PaperKind
from app.web.pages import refused
from labels import proof

bp = Blueprint("paper", __name__, template_folder="templates")


@bp.get("/papers")
@needs(Permission.PAPER_READ)
def index() -> str:
    """The shelf."""
    with this_db() as db:
        return render_template("paper/index.html", papers=queries.shelf(db))


@bp.post("/lots/<code>/record")
@needs(Permission.PAPER_ISSUE)
def issue(code: str) -> ResponseReturnValue:
    """Issue the next revision of a lot's batch record."""
    answer = operations.issue_paper(site(), actor(), clock.now(), PaperKind.BATCH_RECORD, code)
    if isinstance(answer, Refusal):
        with this_work() as work:
            kept(work, Subject("lot", code), answer)
        status = 409 if answer.reason is operations.Why.OVERTAKEN else 404
        return refused(answer, status, back=url_for("paper.index"))
    return redirect(url_for("paper.paper", serial=answer.paper.serial), 303)


@bp.get("/papers/<serial>")
@needs(Permission.PAPER_READ)
def paper(serial: str) -> str:
    """One document, as pictures of its pages."""
    with this_db() as db:
        found = _found(db, serial)
        newest = queries.newest_revision(db, found)
        checkpoint = line(queries.checkpoint_of(db, found))
        return render_template("paper/paper.html", paper=found, newest=newest, checkpoint=checkpoint)


@bp.get("/papers/<serial>.pdf")
@needs(Permission.PAPER_READ)
def download(serial: str) -> Response:
    """The bytes as they were issued."""
    with this_db() as db:
        found = _found(db, serial)
        data = files.read(db, queries.file_of(db, found))
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    name = f"{found.subject_code}-{found.kind.value}-{found.revision}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/papers/<serial>/<int:page>.png")
@needs(Permission.PAPER_READ)
def picture(serial: str, page: int) -> Response:
    """One page as a picture."""
    with this_db() as db:
        found = _found(db, serial)
        data = files.read(db, queries.file_of(db, found))
    if not 1 <= page <= found.pages:
        abort(404)
    response = make_response(proof.image(data, page - 1, 1.6))
    response.headers["Content-Type"] = "image/png"
    return response


def _found(db: Session, serial: str) -> IssuedPaper:
    found = queries.by_serial(db, serial)
    if found is None:
        abort(404)
    return found
