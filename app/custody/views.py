"""Pages of custody: places and what is in them, each unit's chain, and the hand-overs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import needs, this_db
from app.access.permissions import Permission
from app.custody import (
    operations,
    place_pages,
    places,
    queries,
    return_views,
    returns,
    scanning_views,
    shipment_queries,
    shipment_views,
)
from app.custody.forms import HandOverForm, PlaceForm
from app.custody.models import CustodyEvent, Place, PlaceKind
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import queries as lots
from app.lots.models import Unit
from app.web.formpage import Typed, carry_out, shown
from labels import things

bp = Blueprint("custody", __name__, template_folder="templates")
for rooms in (shipment_views.bp, scanning_views.bp, return_views.bp):
    bp.register_blueprint(rooms)


@bp.get("/custody")
@needs(Permission.CUSTODY_READ)
def index() -> str:
    """All places, and what can be done with a unit in hand."""
    with this_db() as db:
        return render_template("custody/index.html", places=queries.places(db), acts=ACTS)


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
            "custody/place.html",
            place=found,
            around=around[1:],
            **place_pages.what_lies_in(
                db,
                found,
                lambda code: url_for("lots.unit", code=code),
                lambda code: url_for("custody.place", code=code),
            ),
        )


@bp.route("/places/new", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def add_place() -> ResponseReturnValue:
    """Add a place."""

    def page(form: Typed) -> ResponseReturnValue:
        return shown("custody/new.html", form, kinds=list(PlaceKind))

    if request.method == "GET":
        return page(Typed(values={"within": request.args.get("within", "")[:40]}))
    return carry_out(
        PlaceForm,
        Subject("place", request.form.get("code", "")[:40] or "new"),
        page,
        places.add_place,
        lambda made: url_for("custody.place", code=made.code),
    )


@bp.get("/places/<code>/label.pdf")
@needs(Permission.CUSTODY_WRITE)
def place_label(code: str) -> Response:
    """The label of a place to stick on it, or those of all places right inside it."""
    with this_db() as db:
        found = queries.place_by_code(db, code)
        if found is None:
            abort(404)
        wanted = queries.inside(db, found) if request.args.get("inside") else [found]
        note = str(db.info.get("note", ""))
    answer = Response(_labels(wanted, note), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="place-{code.replace("/", "-")}.pdf"'
    return answer


def _labels(wanted: Sequence[Place], note: str) -> bytes:
    return things.pdf(things.PLACE, [things.Thing(one.serial, one.code, one.name) for one in wanted], note)


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
            shipments=shipment_queries.shipments_of_unit(db, known(unit.id)),
            not_shown=shipment_queries.cold_not_shown(db, known(unit.id)),
            accepted=[{"told": returns.told(one)} for one in returns.acceptances(db, known(unit.id))],
            acts=ACTS,
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


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done with a unit in hand."""

    title: str
    words: str
    run: Callable[[Work, HandOverForm], CustodyEvent | Refusal]


#: By the word of the address.
ACTS: dict[str, Act] = {
    "store": Act(say("Store a unit"), say("Put it at a place, or move it to another."), _store),
    "issue": Act(say("Issue a unit"), say("Hand an allocated unit to the person who takes it away."), _issue),
    "send": Act(say("Take a unit on its way"), say("By the person it was handed to."), _send),
    "receive": Act(say("Receive a unit"), say("Take it at its destination."), _receive),
    "return": Act(
        say("Return a unit"), say("Bring it back, not thawed; quality decides what becomes of it."), _return
    ),
}


@bp.route("/custody/<act>", methods=["GET", "POST"])
@needs(Permission.CUSTODY_WRITE)
def hand_over(act: str) -> ResponseReturnValue:
    """Store, issue, send, receive or return a unit."""
    if act not in ACTS:
        abort(404)

    def page(form: Typed) -> ResponseReturnValue:
        return shown("custody/hand_over.html", form, act=act, about=ACTS[act])

    if request.method == "GET":
        return page(Typed(values={"unit": request.args.get("unit", "")[:40]}))
    return carry_out(
        HandOverForm,
        Subject("unit", request.form.get("unit", "").strip()[:40] or "none"),
        page,
        lambda work, form: _carry(work, act, form),
        lambda done: url_for("custody.chain", code=_code_of(done)),
    )


def _carry(work: Work, act: str, form: HandOverForm) -> CustodyEvent | Refusal:
    unit = operations.unit_in_hand(work, form.unit)
    if isinstance(unit, Refusal):
        return unit
    return ACTS[act].run(work, form.model_copy(update={"unit": unit}))


def _code_of(link: CustodyEvent) -> str:
    with this_db() as db:
        return db.get_one(Unit, link.unit_id).code
