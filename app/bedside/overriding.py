"""Overrides: a physician decides against a STOP, with a reason, and a second person of another role signs."""

from dataclasses import dataclass
from typing import Any

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.bedside import events, queries, rules
from app.bedside.forms import OverrideForm
from app.bedside.limits import limits
from app.bedside.models import Overridable, Override, Thaw
from app.bedside.situation import Situation, Stage, Why
from app.bedside.thawing import minutes_between
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.units import dose
from app.kernel.work import Work
from app.labeling.models import LabelState
from app.labeling.queries import current_label
from app.lots.models import Unit
from app.lots.queries import unit_by_code
from app.orders import queries as orders
from app.orders.queries import Promise


@dataclass(frozen=True, slots=True)
class Question:
    """What the physician is asked to decide: this bag, this patient, thawed for so long."""

    unit: Unit
    thaw: Thaw
    promise: Promise


def override_stop(
    work: Work, unit_code: str, form: OverrideForm, physician: Proof, second: Proof
) -> Override | Refusal:
    """Override a STOP for one bag under its order, for as long as the limits say.

    Only a reason on the versioned list can be overridden, and only while no other reason stops the bag: no
    override makes a wrong, held, unreleased, expired or given bag go. Source: domain rule 7, K8.
    """
    asked = question_on(work, unit_code, form.overridden)
    if isinstance(asked, Refusal):
        return asked
    refusal = first(_two_roles(work, physician, second), _other_stop(work, asked))
    if refusal is not None:
        return refusal
    return _override(work, asked, Overridable(form.overridden), form.reason, physician, second)


def question_on(work: Work, unit_code: str, overridden: str) -> Question | Refusal:
    """The bag and why it is stopped, where that may be overridden and stops it now."""
    unit = unit_by_code(work.db, unit_code)
    if unit is None or unit.id is None:
        return Refusal(
            Why.BAG_UNKNOWN,
            say("There is no bag {unit_code}.", unit_code=unit_code[:40]),
            say("Scan the label of the bag."),
        )
    if overridden not in set(limits().overridable):
        return Refusal(
            Why.NEVER_OVERRIDDEN,
            say("Nobody can override {overridden!r}.", overridden=overridden.replace("_", " ")[:40]),
            say("Do not give the bag. Call the cell laboratory."),
        )
    thaw = queries.thaw_of(work.db, unit.id)
    promise = orders.open_allocation_of_unit(work.db, unit.id)
    if thaw is None or promise is None or work.at <= thaw.thawed_at + limits().thaw_to_infusion:
        return Refusal(
            Why.NOTHING_TO_OVERRIDE,
            say(
                "{code} is not thawed for too long under an order: there is nothing to override.",
                code=unit.code,
            ),
            say("Go on with the check."),
        )
    return Question(unit, thaw, promise)


def _two_roles(work: Work, physician: Proof, second: Proof) -> Refusal | None:
    """Is one a physician, the other another person of another role at the bed, and is one of them here?"""
    if not allowed(Role(physician.role), Permission.BEDSIDE_OVERRIDE):
        return Refusal(
            Why.NOT_A_PHYSICIAN,
            say("Only a physician overrides a STOP."),
            say("Ask the physician to decide and sign."),
        )
    if (
        second.person_id == physician.person_id
        or second.role == physician.role
        or not allowed(Role(second.role), Permission.BEDSIDE)
    ):
        return Refusal(
            Why.SECOND_ROLE_NEEDED,
            say("An override needs a second person at the bed, of another role than the physician."),
            say("Ask the nurse who gives the bag to sign with the physician."),
        )
    if work.actor.person_id not in (physician.person_id, second.person_id):
        return Refusal(
            Why.SIGNER_IS_ANOTHER,
            say("{sign_in} is signed in and signs neither part.", sign_in=work.actor.sign_in),
            say("One of the two signs in on this tablet, then both sign."),
        )
    return None


def _other_stop(work: Work, asked: Question) -> Refusal | None:
    """Does anything else stop the bag? Then an override would only mislead."""
    label = current_label(work.db, known(asked.unit.id))
    state = LabelState.APPLIED if label is not None else LabelState.SUPERSEDED
    bag = queries.bag_facts(work.db, asked.unit, state, work.at)
    situation = Situation(work.at, known(work.actor.person_id), Stage.LABEL, False, limits(), bag=bag)
    found = (no for question in rules.OF_THE_BAG if (no := question(situation)) is not None)
    return first(*(no for no in found if no.reason is not Why.THAWED_TOO_LONG))


def record_of_override(asked: Question, overridden: Overridable, reason: str, minutes: int) -> dict[str, Any]:
    """What both people sign."""
    order = asked.promise.order
    return {
        "unit": asked.unit.code,
        "recipient": asked.promise.recipient.code,
        "order": order.code,
        "dose_shown": dose(order.dose_viable_cells),
        "overridden": overridden,
        "thawed_at": asked.thaw.thawed_at,
        "minutes_after_thaw": minutes,
        "limit_minutes": int(limits().thaw_to_infusion.total_seconds() // 60),
        "limits": limits().version,
        "reason": reason,
    }


def _override(
    work: Work, asked: Question, overridden: Overridable, reason: str, physician: Proof, second: Proof
) -> Override:
    minutes = minutes_between(asked.thaw.thawed_at, work.at)
    subject = Subject("unit", asked.unit.code)
    shown = record_of_override(asked, overridden, reason, minutes)
    signature = sign(work, physician, Meaning.DECIDED, subject, shown)
    second_signature = sign(work, second, Meaning.WITNESSED, subject, shown)
    made = Override(
        code=next_code(work.db, Override.code, "OVR", work.at),
        unit_id=known(asked.unit.id),
        order_id=known(asked.promise.order.id),
        recipient_id=asked.promise.order.recipient_id,
        overridden=overridden,
        reason=reason,
        minutes_after_thaw=minutes,
        limits_version=limits().version,
        made_at=work.at,
        valid_until=work.at + limits().override,
        physician_id=physician.person_id,
        physician_signature_id=known(signature.id),
        second_id=second.person_id,
        second_signature_id=known(second_signature.id),
    )
    work.db.add(made)
    record(
        work,
        events.OVERRIDDEN,
        subject,
        reason=reason,
        override=made.code,
        overridden=word(overridden),
        unit=asked.unit.code,
        recipient=asked.promise.recipient.code,
        order=asked.promise.order.code,
        physician=physician.sign_in,
        minutes=minutes,
        second=second.sign_in,
        signature=signature.id,
        second_signature=second_signature.id,
    )
    return made
