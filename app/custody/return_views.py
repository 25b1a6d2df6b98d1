"""The page on which quality decides about a unit that came back."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import actor, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.custody import queries, returns
from app.custody.forms import RestockForm
from app.custody.return_limits import return_limits
from app.evidence.ledger import Subject
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots.queries import unit_by_code
from app.web.formpage import Typed, shown
from app.web.forms import Faults, read, typed

bp = Blueprint("returns", __name__)


@bp.get("/units/<code>/return")
@needs(Permission.RETURN_ACCEPT)
def decide(code: str) -> ResponseReturnValue:
    """What is known of the time a unit was away, question by question."""
    return _page(code, Typed())


def _page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        unit = unit_by_code(db, code)
        if unit is None:
            abort(404)
        me = actor()
        questions = returns.asked(Work(db, me, clock.now()), unit)
        return shown(
            "custody/return.html",
            form,
            unit=unit,
            questions=questions,
            stands_against=sum(question.no is not None for question in questions),
            facts=returns.away(db, unit, me.person_id),
            place=queries.place_of(db, known(unit.id)),
            limits=return_limits(),
            sign_in=me.sign_in,
        )


@bp.post("/units/<code>/return")
@needs(Permission.RETURN_ACCEPT)
def accept(code: str) -> ResponseReturnValue:
    """Take the unit back to stock, signed."""
    form = read(RestockForm, request.form)
    if isinstance(form, Faults):
        return _page(code, Typed(form.errors, form.values))
    proof = prove(site(), form.sign_in, form.password)
    if isinstance(proof, Refusal):
        return _page(code, Typed({"password": str(proof)}, typed(request.form)))
    with this_work() as work:
        answer = returns.accept_return(work, code, form.reason, proof)
        if isinstance(answer, Refusal):
            kept(work, Subject("unit", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("custody.chain", code=answer.code), 303)
