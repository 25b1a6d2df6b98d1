"""The trace page, its CSV and JSON, and the scan box that opens whatever was scanned."""

from collections.abc import Iterable

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from app.access.doors import can, needs, this_db
from app.access.permissions import Permission
from app.concerns.models import SubjectKind
from app.kernel.refusals import Refusal
from app.trace.csvfile import as_csv
from app.trace.find import MOST, PAGES, Found, find, suggest
from app.trace.picture import picture
from app.trace.queries import Trace, as_json, trace
from app.trace.rules import Why, not_traced
from app.trace.standing import standing
from app.trace.standings import LISTED, Stands, standings
from app.web.pages import refused, wants_json

bp = Blueprint("trace", __name__, template_folder="templates")


@bp.record_once
def _tell_every_page(state: BlueprintSetupState) -> None:
    """A page of any room can say what stands against its subject."""
    state.app.jinja_env.globals["standing"] = stands_against
    state.app.jinja_env.globals["standings"] = chips_against


def stands_against(kind: str, code: str) -> Markup:
    """The holds that reach a subject and its deviations that are not closed, as notices; empty when none."""
    with this_db() as db:
        found = standing(db, SubjectKind(kind), code)
        return Markup(render_template("trace/_standing.html", found=found))


def chips_against(kind: str, codes: Iterable[str]) -> dict[str, Markup]:
    """For each thing of a list the chips of what stands against it; empty where nothing does.

    The number of statements does not grow with the list. A kind that no list asks about has no chips.
    """
    if kind not in LISTED:
        return dict.fromkeys(codes, Markup(""))
    with this_db() as db:
        found = standings(db, SubjectKind(kind), codes)
    return {code: _chips(kind, code, stands) for code, stands in found.items()}


def _chips(kind: str, code: str, stands: Stands) -> Markup:
    if not stands.held and not stands.deviations:
        return Markup("")
    return Markup(render_template("trace/_chips.html", kind=kind, code=code, stands=stands, page=PAGES[kind]))


#: A code or a scanned text is cut here; nothing longer is a code of ours.
LONGEST = 200
#: Refusals of a text that may be a part of a code; a void label is none.
_UNCLEAR = frozenset({Why.NOT_FOUND, Why.UNKNOWN_SERIAL})


@bp.get("/find")
@needs(Permission.HOME)
def look_up() -> ResponseReturnValue:
    """Open the page of whatever was scanned or typed, from any page; a part of a code gives a list."""
    text = request.args.get("code", "")[:LONGEST]
    with this_db() as db:
        found = find(db, text, can)
        near = suggest(db, text, can) if isinstance(found, Refusal) and found.reason in _UNCLEAR else []
    if isinstance(found, Found):
        return redirect(found.url, 303)
    if len(near) == 1 and not near[0].said:
        return redirect(near[0].url, 303)
    if not near:
        return refused(found, 404)
    if wants_json():
        return jsonify(found=[{"kind": one.kind, "code": one.code, "url": one.url} for one in near])
    return render_template("trace/found.html", text=text.strip(), found=near, most=MOST)


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
    if found.kind not in set(SubjectKind):
        return not_traced(found.kind, found.code)
    return trace(db, found.kind, found.code)
