"""A unit that came back goes to stock again: quality signs that its custody and its cold held."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.custody import events, queries, return_rules, rules
from app.custody.models import CustodyKind, Place, ReturnAcceptance
from app.custody.operations import situation
from app.custody.return_limits import return_limits
from app.custody.return_rules import Away
from app.custody.shipment_models import LoggerVerdict
from app.custody.shipment_queries import cold_not_shown, shipments_of_unit
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.gates import Guarded, may_pass
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import number
from app.kernel.work import Work
from app.lots.models import Unit, UnitState
from app.lots.operations import move_unit
from app.lots.queries import unit_by_code
from app.lots.rules import not_signed_by


def away(db: Session, unit: Unit, decides: int | None) -> Away:
    """What is known of the time since the unit was last issued."""
    chain = queries.links(db, known(unit.id))
    issued = max((one.link for one in chain if one.kind is CustodyKind.ISSUED), default=1)
    out = [one for one in chain if one.link >= issued]
    back = next((one for one in out if one.kind is CustodyKind.RETURNED), None)
    if back is not None:
        out = [one for one in out if one.link <= back.link]
    within = [one for one in shipments_of_unit(db, known(unit.id)) if one.verdict is LoggerVerdict.WITHIN]
    return Away(
        unit=unit.code,
        state=unit.state,
        since=out[0].at if out else None,
        until=back.at if back else None,
        celsius=tuple(one.celsius for one in out),
        watched=tuple((one.packed_at, one.received_at) for one in within if one.received_at is not None),
        not_shown=tuple(cold_not_shown(db, known(unit.id))),
        returned_by=back.taker_id if back else None,
        decides=decides,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a return, as the page shows it; ``no`` is None where the answer is good."""

    what: str
    no: Refusal | None


def asked(work: Work, unit: Unit) -> list[Asked]:
    """Every question before a unit goes back to stock, with its answer."""
    stands, facts, limits = situation(work, unit), away(work.db, unit, work.actor.person_id), return_limits()
    return [
        Asked(say("It came back and waits"), return_rules.not_returned(unit.code, unit.state)),
        Asked(
            say("Another person decides than the one who brought it back"), return_rules.returned_it(facts)
        ),
        Asked(say("Its lot's release stands"), rules.not_released(stands)),
        Asked(say("No hold reaches it"), rules.on_hold(stands)),
        Asked(say("It is within its time"), rules.expired(stands)),
        Asked(say("Its label is on it"), rules.no_label(stands)),
        Asked(say("Its custody has no gap"), rules.custody_gap(stands)),
        Asked(say("Each of its shipments was judged within the limits"), return_rules.not_shown(facts)),
        Asked(say("The temperature was read at every hand-over"), return_rules.not_read(facts)),
        Asked(
            say("No reading is above {limit} °C", limit=number(limits.celsius_at_most)),
            return_rules.too_warm(facts, limits),
        ),
        Asked(
            say(
                "Away without a logger for at most {limit} minutes",
                limit=limits.minutes_without_logger_at_most,
            ),
            return_rules.unwatched(facts, limits),
        ),
        Asked(say("No order waits for it"), may_pass(work, Guarded.RESTOCK, unit.code)),
    ]


def accept_return(work: Work, unit_code: str, reason: str, proof: Proof) -> Unit | Refusal:
    """Take a returned unit back to stock, signed by a person of quality who did not bring it back."""
    unit = unit_by_code(work.db, unit_code)
    if unit is None:
        return rules.no_unit(unit_code)
    facts = away(work.db, unit, work.actor.person_id)
    refusal = first(
        *(question.no for question in asked(work, unit)),
        not_signed_by(work.actor, proof),
        return_rules.reason_needed(reason),
    )
    if refusal is not None:
        return refusal
    moved = move_unit(work, known(unit.id), UnitState.RETURNED, UnitState.AVAILABLE)
    assert moved  # its state was asked in this same act, and acts take turns
    _kept(work, unit, facts, reason.strip(), proof)
    return unit


def _kept(work: Work, unit: Unit, facts: Away, reason: str, proof: Proof) -> None:
    limits, warmest = return_limits(), facts.warmest
    assert warmest is not None and work.actor.person_id is not None
    chain = queries.links(work.db, known(unit.id))
    back = max(one.link for one in chain if one.kind is CustodyKind.RETURNED)
    subject = Subject("unit", unit.code)
    acceptance = ReturnAcceptance(
        unit_id=known(unit.id),
        link=back,
        accepted_at=work.at,
        accepted_by_id=work.actor.person_id,
        limits=limits.name,
        warmest_celsius=warmest,
        minutes_unwatched=facts.minutes_unwatched,
        reason=reason,
    )
    work.db.add(acceptance)
    shown = {
        "unit": unit.code,
        "place": work.db.get_one(Place, chain[-1].place_id).code,
        "limits": limits.name,
        "warmest": f"{number(warmest)} °C",
        "minutes": facts.minutes_unwatched,
    }
    sign(work, proof, Meaning.DECIDED, subject, {**shown, "reason": reason})
    del shown["place"]
    record(work, events.RETURN_ACCEPTED, subject, reason=reason, **shown)


def acceptances(db: Session, unit_id: int) -> list[ReturnAcceptance]:
    """Every time the unit was taken back to stock, in order."""
    found = select(ReturnAcceptance).where(ReturnAcceptance.unit_id == unit_id)
    return list(db.exec(found.order_by(col(ReturnAcceptance.id))).all())


def told(one: ReturnAcceptance) -> str:
    """One acceptance as a sentence for the custody page."""
    return say(
        "Taken back to stock by limits {limits}: warmest {warmest} °C,"
        " {minutes} min without a logger. {reason}",
        limits=one.limits,
        warmest=number(one.warmest_celsius),
        minutes=one.minutes_unwatched,
        reason=one.reason,
    )
