"""Pages of all donors at once: whose window is about to close, and the rules they are judged by."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.access.doors import needs, this_db
from app.access.permissions import Permission
from app.donors import board, queries
from app.donors.decisions import CONSEQUENCES_OF_RESULTS, CONSEQUENCES_OF_WITHDRAWALS
from app.donors.windows import SOON, donor_windows
from app.kernel import clock
from app.kernel.speech import say
from app.web.csvtext import csv_text

bp = Blueprint("board", __name__)


@bp.get("/donors/windows")
@needs(Permission.DONOR_READ)
def windows() -> ResponseReturnValue:
    """Every donor with state, what the rules answer today, and the windows about to close."""
    with this_db() as db:
        today = queries.site_day(db, clock.now())
        rows = donor_windows(db, today, request.args.get("after", "")[:20], queries.PAGE)
    more = rows[queries.PAGE - 1].code if len(rows) > queries.PAGE else None
    shown = rows[: queries.PAGE]
    closing = [row.code for row in shown if row.standing(today) == "closing"]
    return render_template(
        "donors/windows.html",
        windows=shown,
        today=today,
        more=more,
        closing=closing,
        soon=SOON,
        picture=board.picture(shown, today),
    )


@bp.get("/donors/windows.csv")
@needs(Permission.DONOR_READ)
def windows_csv() -> Response:
    """The same table for a spreadsheet, every donor."""
    with this_db() as db:
        today = queries.site_day(db, clock.now())
        rows = donor_windows(db, today, page=100_000)
    heads = (
        "donor",
        "state",
        "tissue",
        "consent",
        "answer_today",
        "window",
        "closes_on",
        "then",
        "retest_from",
        "hold",
    )
    cells = (
        (
            row.code,
            row.state.value,
            row.tissue,
            row.consent,
            row.judged.value if row.judged else None,
            row.standing(today),
            row.closes_on.isoformat() if row.closes_on else None,
            row.then,
            row.retest_from.isoformat() if row.retest_from else None,
            say("on hold") if row.held else None,
        )
        for row in rows
    )
    answer = Response(csv_text(heads, cells), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=donor-windows.csv"
    return answer


@bp.get("/donors/rules")
@needs(Permission.DONOR_READ)
def rules() -> ResponseReturnValue:
    """The rule set of this site as tables: tests, windows, label texts, and what a later result does."""
    with this_db() as db:
        return render_template(
            "donors/rules.html",
            rules=queries.rules_of_site(db),
            results=CONSEQUENCES_OF_RESULTS,
            withdrawals=CONSEQUENCES_OF_WITHDRAWALS,
        )
