"""Pages of custody: places and what is in them, each unit's chain, and the hand-overs."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.custody import operations, queries
from app.custody.forms import HandOverForm, PlaceForm
from app.custody.models import CustodyEvent, PlaceKind
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work
from app.labeling.queries import by_serial
from app.lots import queries as lots
from app.web.forms import Faults, read
from app.web.pages import refused

bp = Blueprint("custody", __name__, template_folder="templates")


@bp.get("/custody")
@needs(Permission.CUSTODY_READ)
def index() -> str:
    """All places, and the hand-over form."""
    return _index({}, {})


def _index(errors: dict[str, str], values: dict[str, str]) -> str:
    with this_db() as db:
        return render_template(
            "custody/index.html",
            places=queries.places(db),
            kinds=list(PlaceKind),
            errors=errors,
            values=values,
        )


@bp.get("/places/<code>")
@needs(Permission.CUSTODY_READ)
def place(code: str) -> str:
    """One place and the units in it."""
    with this_db() as db:
        found = queries.place_by_code(db, code)
        if found is None:
            abort(404)
        around = queries.places_around(db, found)
        return render_template(
            "custody/place.html", place=found, around=around[1:], units=queries.units_in(db, known(found.id))
        )


@bp.post("/places")
@needs(Permission.CUSTODY_WRITE)
def add_place() -> ResponseReturnValue:
    """Add a place."""
    form = read(PlaceForm, request.form)
    if isinstance(form, Faults):
        return _index(form.errors, form.values), 422
    with this_work() as work:
        answer = operations.add_place(work, form)
        if isinstance(answer, Refusal):
            kept(work, Subject("place", form.code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("custody.index"))
    return redirect(url_for("custody.place", code=form.code), 303)


@bp.get("/units/<code>/custody")
@needs(Permission.CUSTODY_READ)
def chain(code: str) -> str:
    """The chain of custody of one unit."""
    with this_db() as db:
        unit = lots.unit_by_code(db, code)
        if unit is None:
            abort(404)
        return render_template(
            "custody/chain.html",
            unit=unit,
            links=queries.chain(db, known(unit.id)),
            gaps=queries.gaps(db, known(unit.id)),
        )


def _store(work: Work, form: HandOverForm) -> CustodyEvent | Refusal:
    return operations.store_unit(work, form.unit, form.place, form.condition, form.celsius)


def _issue(work: Work, form: HandOverForm) -> CustodyEvent | Refusal:
    return operations.issue_unit(work, form.unit, form.place, form.taker or "", form.condition, form.celsius)


def _send(work: Work, form: HandOverForm) -> CustodyEvent | Refusal:
    return operations.send_unit(work, form.unit, form.place, form.condition, form.celsius)


def _receive(work: Work, form: HandOverForm) -> CustodyEvent | Refusal:
    return operations.receive_unit(work, form.unit, form.place, form.condition, form.celsius)


def _return(work: Work, form: HandOverForm) -> CustodyEvent | Refusal:
    return operations.return_unit(work, form.unit, form.place, form.condition, form.celsius)


#: What can be done with a unit in hand, by the word of the form.
ACTS: dict[str, Callable[[Work, HandOverForm], CustodyEvent | Refusal]] = {
    "store": _store,
    "issue": _issue,
    "send": _send,
    "receive": _receive,
    "return": _return,
}


@bp.post("/custody/<act>")
@needs(Permission.CUSTODY_WRITE)
def hand_over(act: str) -> ResponseReturnValue:
    """Store, issue, send, receive or return a unit."""
    if act not in ACTS:
        abort(404)
    form = read(HandOverForm, {**request.form, "unit": _resolved(request.form.get("unit", ""))})
    if isinstance(form, Faults):
        return _index(form.errors, form.values), 422
    with this_work() as work:
        answer = ACTS[act](work, form)
        if isinstance(answer, Refusal):
            kept(work, Subject("unit", form.unit), answer)
    if isinstance(answer, Refusal):
        return refused(answer, back=url_for("custody.index"))
    return redirect(url_for("custody.chain", code=form.unit), 303)


def _resolved(text: str) -> str:
    """A unit's code, also when its label was scanned where a code was asked for."""
    with this_db() as db:
        found = by_serial(db, text.strip())
        return found.unit.code if found else text
