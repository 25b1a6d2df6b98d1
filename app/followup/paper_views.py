"""The course on paper: issued by those who write in the follow-up, read by those who may read it."""

from flask import Blueprint, Response, abort, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.evidence import files
from app.evidence.ledger import Subject
from app.followup.rules import Why
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.paper.queries import by_serial, file_of
from app.web.pages import refused

bp = Blueprint("papers", __name__)


@bp.post("/recipients/<code>/timeline/papers")
@needs(Permission.FOLLOWUP_WRITE)
def issue(code: str) -> ResponseReturnValue:
    """Issue the course; when nothing changed since, the newest revision stands."""
    answer = issue_paper(site(), actor(), clock.now(), PaperKind.COURSE, code)
    if isinstance(answer, Refusal):
        with this_work() as work:
            kept(work, Subject("recipient", code), answer)
        status = 404 if answer.reason is Why.RECIPIENT_UNKNOWN else 409
        return refused(answer, status, back=url_for("followup.index"))
    return redirect(url_for("followup.timeline", code=code) + "#papers", 303)


@bp.get("/recipients/<code>/timeline/papers/<serial>.pdf")
@needs(Permission.FOLLOWUP_READ)
def download(code: str, serial: str) -> Response:
    """The course as it was issued, byte for byte."""
    with this_db() as db:
        paper = by_serial(db, serial)
        if paper is None or (paper.kind, paper.subject_code) != (PaperKind.COURSE, code):
            abort(404)
        data = files.read(db, file_of(db, paper))
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{code}-course-{paper.revision}.pdf"'
    return response
