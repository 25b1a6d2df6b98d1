"""Pages of the thaw: scan the label, the clock of every thawed bag, and the physician's override."""

import secrets
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from app.access.doors import kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.bedside import overview, queries
from app.bedside.forms import OverrideForm, ThawForm, TwoSignaturesForm
from app.bedside.limits import limits
from app.bedside.models import Overridable, Thaw, VerdictWord
from app.bedside.overriding import override_stop
from app.bedside.scanning import Answer
from app.bedside.thawing import Clock, clock_of, thaw
from app.evidence.ledger import Subject
from app.evidence.signatures import Proof
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.lots.models import Unit
from app.lots.queries import unit_by_code
from app.orders import queries as orders
from app.web.formpage import Typed
from app.web.forms import Faults, read, typed
from app.web.pages import refused

bp = Blueprint("thaws", __name__)


@bp.get("/bedside/thaws")
@needs(Permission.BEDSIDE)
def thaws() -> ResponseReturnValue:
    """Scan the label of the bag that is thawed now; the clocks of all bags that are."""
    return _thaws(Typed())


def _thaws(form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        clocks = overview.thawed_bags(db, clock.now())
    page = render_template(
        "bedside/thaws.html",
        clocks=clocks,
        overridable=Overridable.THAWED_TOO_LONG in limits().overridable,
        check=request.values.get("check", "")[:20],
        errors=form.errors,
        values=form.values,
        refusal=form.refusal,
        scan_key=secrets.token_hex(16),
    )
    return page, form.status


@bp.post("/bedside/thaws")
@needs(Permission.BEDSIDE)
def scan() -> ResponseReturnValue:
    """The label read at the thaw: kept, then answered. GO starts the clock."""
    given = dict(request.form)
    given["scan_key"] = given.get("scan_key") or secrets.token_hex(16)
    form = read(ThawForm, given)
    if isinstance(form, Faults):
        return _thaws(Typed(form.errors, form.values))
    second = _standing_by()
    if isinstance(second, Refusal):
        return _thaws(Typed(values=typed(request.form), refusal=second))
    with this_work() as work:
        answer = thaw(work, form, second)
    if isinstance(answer, Refusal):
        return refused(answer, HTTPStatus.UNPROCESSABLE_ENTITY, url_for("bedside.thaws.thaws"))
    return _answered(answer)


def _standing_by() -> Proof | Refusal | None:
    name, password = request.form.get("second_sign_in", ""), request.form.get("second_password", "")
    return prove(site(), name, password) if name.strip() and password else None


def _answered(answer: Answer) -> ResponseReturnValue:
    check = request.form.get("check", "")[:20]
    if answer.verdict is VerdictWord.GO:
        with this_db() as db:
            made = queries.thaw_of_scan(db, known(answer.scan.id))
            unit = None if made is None else db.get_one(Unit, made.unit_id).code
        return redirect(url_for("bedside.thaws.one", unit=unit, check=check or None), 303)
    page = render_template(
        "bedside/verdict.html",
        go=False,
        reasons=answer.reasons,
        identity=None,
        next_url=url_for("bedside.thaws.thaws", check=check or None),
        check="",
    )
    return page, HTTPStatus.CONFLICT


@bp.get("/bedside/thaws/<unit>")
@needs(Permission.BEDSIDE_READ)
def one(unit: str) -> ResponseReturnValue:
    """The clock of one thawed bag."""
    with this_db() as db:
        found, made = _thawed(db, unit)
        infusion = queries.infusion_of_unit(db, known(found.id))
        return render_template(
            "bedside/thaw.html",
            clock=_clock(made, unit),
            thaw=made,
            overridable=Overridable.THAWED_TOO_LONG in limits().overridable,
            overrides=overview.overrides(db, [known(found.id)]),
            infusion=None if infusion is None else infusion.code,
            check=request.args.get("check", "")[:20],
        )


def _thawed(db: Session, code: str) -> tuple[Unit, Thaw]:
    unit = unit_by_code(db, code)
    made = None if unit is None or unit.id is None else queries.thaw_of(db, unit.id)
    if unit is None or made is None:
        abort(404)
    return unit, made


def _clock(made: Thaw, unit: str) -> Clock:
    return clock_of(made, unit, clock.now())


@bp.get("/bedside/thaws/<unit>/override")
@needs(Permission.BEDSIDE)
def override(unit: str) -> ResponseReturnValue:
    """What the physician decides, and the two signatures."""
    return _override(unit, Typed())


def _override(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        unit, made = _thawed(db, code)
        promise = orders.open_allocation_of_unit(db, known(unit.id))
        page = render_template(
            "bedside/override.html",
            clock=_clock(made, code),
            promise=promise,
            minutes=int(limits().override.total_seconds() // 60),
            errors=form.errors,
            values=form.values,
            refusal=form.refusal,
        )
    return page, form.status


@bp.post("/bedside/thaws/<unit>/override")
@needs(Permission.BEDSIDE)
def decide(unit: str) -> ResponseReturnValue:
    """Both give their password; then the STOP is overridden for this bag, for a while."""
    form, names = read(OverrideForm, request.form), read(TwoSignaturesForm, request.form)
    if isinstance(form, Faults) or isinstance(names, Faults):
        errors = {**getattr(form, "errors", {}), **getattr(names, "errors", {})}
        return _override(unit, Typed(errors, typed(request.form)))
    physician = prove(site(), names.sign_in, names.password)
    second = prove(site(), names.second_sign_in, names.second_password)
    for proof in (physician, second):
        if isinstance(proof, Refusal):
            return _override(unit, Typed(values=typed(request.form), refusal=proof))
    assert isinstance(physician, Proof) and isinstance(second, Proof)
    with this_work() as work:
        answer = override_stop(work, unit, form, physician, second)
        if isinstance(answer, Refusal):
            kept(work, Subject("unit", unit), answer)
    if isinstance(answer, Refusal):
        return _override(unit, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("bedside.thaws.one", unit=unit), 303)
