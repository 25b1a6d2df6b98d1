"""Pages of paper: the shelf, issuing a batch record, and its pages as pictures."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.evidence import files
from app.evidence.checkpoints import line
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.paper import operations, queries
from app.paper.forms import IssueForm
from app.paper.models import FOR_THE_CHART, IssuedPaper, PaperKind
from app.web.forms import Faults, read
from app.web.pages import refused
from labels import proof

bp = Blueprint("paper", __name__, template_folder="templates")

#: Where the next revision of each kind of document is asked for.
ADDRESSES = {PaperKind.BATCH_RECORD: "paper.issue", PaperKind.CERTIFICATE: "paper.certify"}


@bp.get("/papers")
@needs(Permission.PAPER_READ)
def index() -> str:
    """The shelf."""
    with this_db() as db:
        return render_template("paper/index.html", papers=queries.shelf(db))


@bp.post("/lots/<code>/record")
@needs(Permission.PAPER_ISSUE)
def issue(code: str) -> ResponseReturnValue:
    """Issue a lot's batch record."""
    return _issue(PaperKind.BATCH_RECORD, code)


@bp.post("/lots/<code>/certificate")
@needs(Permission.PAPER_ISSUE)
def certify(code: str) -> ResponseReturnValue:
    """Issue a lot's certificate of analysis."""
    return _issue(PaperKind.CERTIFICATE, code)


def _issue(kind: PaperKind, code: str) -> ResponseReturnValue:
    """A new revision, or the one that stands when nothing changed and no reason is given."""
    form = read(IssueForm, request.form)
    if isinstance(form, Faults):
        return refused(_too_long(), 422, back=url_for("paper.index"))
    answer = operations.issue_paper(site(), actor(), clock.now(), kind, code, form.reason)
    if isinstance(answer, Refusal):
        with this_work() as work:
            kept(work, Subject("lot", code[:60]), answer)
        status = 404 if answer.reason == "no_such_lot" else 409
        return refused(answer, status, back=url_for("paper.index"))
    unchanged = None if answer.new else 1
    return redirect(url_for("paper.paper", serial=answer.paper.serial, unchanged=unchanged), 303)


def _too_long() -> Refusal:
    return Refusal(
        operations.Why.REASON_TOO_LONG,
        say("The reason is longer than 500 characters."),
        say("Say it shorter; details belong in a deviation."),
    )


@bp.get("/papers/<serial>")
@needs(Permission.PAPER_READ)
def paper(serial: str) -> str:
    """One document, as pictures of its pages, beside its other revisions."""
    with this_db() as db:
        found = _found(db, serial)
        revisions = queries.revisions_of(db, found)
        return render_template(
            "paper/paper.html",
            paper=found,
            newest=revisions[0].revision,
            revisions=revisions,
            beside=queries.side_by_side(revisions),
            checkpoint=line(queries.checkpoint_of(db, found)),
            unchanged=request.args.get("unchanged") == "1",
            ask_again=ADDRESSES.get(found.kind),
        )


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
    if found is None or found.kind in FOR_THE_CHART:
        abort(404)
    return found
