"""The scan station: the place at hand, the last result in large letters, and the list of what was moved."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import actor, needs, this_db
from app.access.permissions import Permission
from app.custody import queries, scanning
from app.custody.forms import PutBackForm, SittingForm, StationForm
from app.custody.models import CustodyEvent, Place, PlaceKind
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.tables import Row, known
from app.lots.models import Unit
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read

bp = Blueprint("scanning", __name__)


@bp.get("/custody/scan")
@needs(Permission.CUSTODY_WRITE)
def station() -> ResponseReturnValue:
    """First how the containers look; then the scan box."""
    if not request.args:
        return shown("custody/sitting.html", Typed())
    sitting = read(SittingForm, request.args)
    if isinstance(sitting, Faults):
        return shown("custody/sitting.html", Typed(sitting.errors, sitting.values))
    return _station(sitting, Typed())


def _station(sitting: SittingForm, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        place = queries.place_scanned(db, sitting.place) if sitting.place else None
        inside = queries.positions(db, known(place.id)) if place is not None else []
        moved = scanning.moved_by(db, actor().person_id, clock.now())
    page = render_template(
        "custody/station.html",
        errors=form.errors,
        refusal=form.refusal,
        sitting=sitting,
        place=place,
        free=[one.code for one in inside if one.unit is None],
        inside=inside,
        moved=moved,
        last=moved[0] if moved and sitting.done == moved[0].unit else None,
        is_position=place is not None and place.kind is PlaceKind.POSITION,
    )
    return page, form.status


@bp.post("/custody/scan")
@needs(Permission.CUSTODY_WRITE)
def scan() -> ResponseReturnValue:
    """One scan: a place becomes the place at hand, a unit is put there."""
    sitting = read(SittingForm, request.form)
    if isinstance(sitting, Faults):
        return shown("custody/sitting.html", Typed(sitting.errors, sitting.values))
    return carry_out(
        StationForm,
        Subject("unit", request.form.get("code", "").strip()[:40] or "none"),
        lambda form: _station(sitting, form),
        lambda work, form: scanning.scanned(
            work, form.code, sitting.place or "", sitting.condition, sitting.celsius
        ),
        lambda done: _on(sitting, done),
    )


@bp.post("/custody/scan/back")
@needs(Permission.CUSTODY_WRITE)
def put_back() -> ResponseReturnValue:
    """Take the last scan back."""
    sitting = read(SittingForm, request.form)
    if isinstance(sitting, Faults):
        return shown("custody/sitting.html", Typed(sitting.errors, sitting.values))
    return carry_out(
        PutBackForm,
        Subject("unit", request.form.get("unit", "").strip()[:40] or "none"),
        lambda form: _station(sitting, form),
        lambda work, form: scanning.put_back(work, form.unit, sitting.condition),
        lambda done: _on(sitting, done),
    )


def _on(sitting: SittingForm, done: Row) -> str:
    """Where the station goes on: with another place at hand, or with the unit it just moved."""
    kept = {
        "condition": sitting.condition,
        "celsius": "" if sitting.celsius is None else str(sitting.celsius),
    }
    if isinstance(done, Place):
        kept["place"] = done.code
    elif isinstance(done, CustodyEvent):
        with this_db() as db:
            kept |= {"place": sitting.place or "", "done": db.get_one(Unit, done.unit_id).code}
    return f"{url_for('custody.scanning.station')}?{urlencode(kept)}"
