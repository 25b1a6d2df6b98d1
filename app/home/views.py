"""The first page after sign-in, the notices behind the bell, and the dashboard."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import actor, can, needs, signed_in, this_db, this_work
from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence.queries import size
from app.home.dashboard import FIGURES, Figure
from app.home.notices import notices
from app.home.operations import mark_read
from app.home.pictures import drawn
from app.home.questions import SHOWN, waiting
from app.home.worklist import Asking
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.web.csvtext import csv_text
from app.web.pages import refused, wants_json

bp = Blueprint("home", __name__, template_folder="templates")


def _asking(db: Session) -> Asking:
    now = clock.now()
    return Asking(db, now, site_day(db, now), actor().person_id or 0)


@bp.get("/")
@needs(Permission.HOME)
def index() -> str:
    """What needs me now, each with its count, its first codes and its link."""
    with this_db() as db:
        return render_template("home/index.html", tasks=waiting(_asking(db), can), shown=SHOWN)


@bp.get("/notices")
@needs(Permission.HOME)
def bell_page() -> ResponseReturnValue:
    """Everything I should know now, unread first."""
    with this_db() as db:
        mine = notices(_asking(db), can)
    if wants_json():
        return jsonify(unread=[one.key for one in mine if one.read_at is None])
    return render_template("home/notices.html", notices=mine)


@bp.post("/notices")
@needs(Permission.HOME)
def read_notice() -> ResponseReturnValue:
    """I have read this notice."""
    with this_work() as work:
        answer = mark_read(work, request.form.get("notice", "")[:120], can)
    if isinstance(answer, Refusal):
        return refused(answer, 404)
    return redirect(url_for("home.bell_page"), 303)


def bell() -> int:
    """How many notices the person signed in has not read, for the top of every office page.

    Counted anew when the ledger has grown or an hour has passed: nothing else changes a notice.
    """
    person = signed_in()
    if person is None:
        return 0
    counted: dict[int, tuple[object, int]] = current_app.extensions.setdefault("hilo.bell", {})
    with this_db() as db:
        asking = _asking(db)
        state = (size(db), asking.at.replace(minute=0, second=0, microsecond=0), asking.today, person.role)
        known = counted.get(asking.person_id)
        if known is None or known[0] != state:
            unread = sum(one.read_at is None for one in notices(asking, can))
            known = counted[asking.person_id] = (state, unread)
    return known[1]


@bp.get("/dashboard")
@needs(Permission.DASHBOARD)
def dashboard() -> ResponseReturnValue:
    """How the site does, in pictures with their tables."""
    with this_db() as db:
        asking = _asking(db)
        figures = [make(db, asking.at) for make in FIGURES.values()]
    if wants_json():
        return jsonify({one.name: {"heads": one.heads, "rows": one.rows} for one in figures})
    return render_template("home/dashboard.html", figures=[(one, drawn(one)) for one in figures])


@bp.get("/dashboard/<name>.csv")
@needs(Permission.DASHBOARD)
def numbers(name: str) -> ResponseReturnValue:
    """One figure's table as CSV."""
    if name not in FIGURES:
        abort(404)
    with this_db() as db:
        figure: Figure = FIGURES[name](db, clock.now())
    answer = Response(csv_text(figure.heads, figure.rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
