"""The trace page, its CSV and JSON, and the scan box that opens whatever was scanned."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import needs, this_db
from app.access.permissions import Permission
from app.kernel.refusals import Refusal
from app.trace.csvfile import as_csv
from app.trace.find import PAGES, find
from app.trace.picture import picture
from app.trace.queries import Trace, as_json, trace
from app.trace.rules import not_traced
from app.web.pages import refused, wants_json

bp = Blueprint("trace", __name__, template_folder="templates")

#: A code or a scanned text is cut here; nothing longer is a code of ours.
LONGEST = 200


@bp.get("/find")
@needs(Permission.HOME)
def look_up() -> ResponseReturnValue:
    """Open the page of whatever was scanned or typed, from any page."""
    with this_db() as db:
        found = find(db, request.args.get("code", "")[:LONGEST])
    if isinstance(found, Refusal):
        return refused(found, 404)
    return redirect(found.url, 303)


@bp.get("/trace")
@needs(Permission.TRACE)
def index() -> ResponseReturnValue:
    """Where it came from and where it went: any code, or a scanned label."""
    text = request.args.get("subject", "")[:LONGEST]
    if not text.strip():
        return render_template("trace/index.html", subject="", found=None, picture=None, refusal=None)
    with this_db() as db:
        found = _traced(db, text)
    if isinstance(found, Refusal):
        page = render_template("trace/index.html", subject=text, found=None, picture=None, refusal=found)
        return refused(found, 404) if wants_json() else (page, 404)
    if wants_json():
        return jsonify(as_json(found))
    return render_template(
        "trace/index.html",
        subject=f"{found.kind.value}:{found.code}",
        found=found,
        picture=picture(found),
        refusal=None,
        pages=PAGES,
        csv=url_for("trace.download", subject=f"{found.kind.value}:{found.code}"),
    )


@bp.get("/trace.csv")
@needs(Permission.TRACE)
def download() -> ResponseReturnValue:
    """The units of a trace as CSV, one line each."""
    with this_db() as db:
        found = _traced(db, request.args.get("subject", "")[:LONGEST])
    if isinstance(found, Refusal):
        return refused(found, 404)
    name = f"trace-{found.kind.value}-{found.code}.csv"
    answer = Response(as_csv(found), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _traced(db: Session, text: str) -> Trace | Refusal:
    """The trace of ``KIND:CODE``, of a bare code, or of a scanned label."""
    kind, colon, code = text.strip().partition(":")
    if colon:
        return trace(db, kind.lower(), code.strip())
    found = find(db, text)
    if isinstance(found, Refusal):
        return found
    if found.kind in ("order", "hold", "paper"):
        return not_traced(found.kind, found.code)
    return trace(db, found.kind, found.code)
