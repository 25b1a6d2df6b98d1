"""The wrong-patient kernel: every reason not to give this bag to this patient now, gravest first."""

from collections.abc import Sequence
from typing import Protocol

from app.bedside.bag_rules import (
    already_infused,
    already_thawed,
    custody_gap,
    expired,
    infusion_runs,
    label_not_applied,
    label_void,
    no_consent,
    not_allocated,
    not_at_ward,
    not_released,
    on_hold,
    order_not_ready,
    other_bag_than_first,
    other_order,
    release_void,
    too_long_thawed,
    unit_not_ready,
    wrong_patient,
)
from app.bedside.models import CheckState, EntrySource, Overridable
from app.bedside.situation import CALL, SLIPS, START_AGAIN, Situation, Stage, Why
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.recipients.models import WristbandState
from labels.payload import Kind

#: Steps at which the label on the bag is due.
LABELS = (Stage.THAW, Stage.LABEL)


def other_patient_than_first(s: Situation) -> Refusal | None:
    """Did both people read the same wristband?"""
    if not s.second or s.band is None or s.check is None or s.band.recipient == s.check.recipient:
        return None
    return Refusal(
        Why.OTHER_PATIENT_THAN_FIRST,
        say("The two of you read wristbands of different patients."),
        say("Give nothing. Both go to the patient and start again with the wristband."),
    )


def no_order(s: Situation) -> Refusal | None:
    """Does anything wait for this patient?"""
    if s.band is None or s.second or s.band.ready_orders or s.band.state is not WristbandState.APPLIED:
        return None
    return Refusal(
        Why.NO_ORDER,
        say("No order of {recipient} is ready for infusion.", recipient=s.band.recipient),
        say("Check that this is the right patient. If so, open the order and see what is missing."),
    )


def wristband_void(s: Situation) -> Refusal | None:
    """Does this band still count?"""
    if s.band is None or s.band.state is not WristbandState.VOID:
        return None
    return Refusal(
        Why.WRISTBAND_VOID,
        say("This wristband is void."),
        say("Give nothing. Make sure who the patient is, print a new wristband and put it on."),
    )


def wristband_not_applied(s: Situation) -> Refusal | None:
    """Was the band scanned when it was put on the wrist?"""
    if s.band is None or s.band.state is not WristbandState.PRINTED:
        return None
    return Refusal(
        Why.WRISTBAND_NOT_APPLIED,
        say("This wristband was printed but never put on."),
        say("Make sure who the patient is, put the band on and scan it on the recipient's page first."),
    )


def same_person(s: Situation) -> Refusal | None:
    """Are the two people two people?"""
    if not s.second or s.check is None or s.actor_id != s.check.first_person_id:
        return None
    return second_is_first()


def check_unknown(s: Situation) -> Refusal | None:
    """Does the check exist?"""
    if s.check is not None or (s.stage is Stage.WRISTBAND and not s.check_unknown):
        return None
    return Refusal(Why.CHECK_UNKNOWN, say("There is no such check."), START_AGAIN)


def check_over(s: Situation) -> Refusal | None:
    """Is the check still open for this step?"""
    if s.check is None:
        return None
    due = {
        Stage.START: (CheckState.CONFIRMED,),
        Stage.SIGN: (CheckState.FIRST_GO,) if s.second else (CheckState.STARTED,),
    }.get(s.stage, (CheckState.FIRST_GO,) if s.second else (CheckState.STARTED,))
    if s.check.state in due:
        return None
    if s.stage is Stage.START and s.check.state in (CheckState.STARTED, CheckState.FIRST_GO):
        return Refusal(
            Why.NOT_YET_SIGNED,
            say("The check is not signed by two people."),
            say("Finish the check, then start the infusion."),
        )
    if s.check.state is CheckState.USED:
        return Refusal(
            Why.CHECK_USED, say("This check has been used for an infusion."), say("Open the infusion's page.")
        )
    return Refusal(Why.CHECK_OVER, say("Check {check} is over.", check=s.check.code), START_AGAIN)


def check_expired(s: Situation) -> Refusal | None:
    """Is the first reading of the patient recent enough?"""
    if s.check is None or s.at - s.check.started_at <= s.limits.check:
        return None
    minutes = int(s.limits.check.total_seconds() // 60)
    return Refusal(
        Why.CHECK_EXPIRED,
        say("The wristband was read more than {minutes} minutes ago.", minutes=minutes),
        START_AGAIN,
    )


def check_of_another(s: Situation) -> Refusal | None:
    """Does the person go on whose turn it is?"""
    if s.check is None:
        return None
    if s.stage is Stage.START:
        mine = s.actor_id in (s.check.first_person_id, s.check.second_person_id)
    elif s.second:
        mine = s.check.second_person_id in (None, s.actor_id)
    else:
        mine = s.actor_id == s.check.first_person_id
    if mine:
        return None
    return Refusal(
        Why.CHECK_OF_ANOTHER,
        say("Another person began this part of the check."),
        say("Everybody does their own scans. ") + START_AGAIN,
    )


def wristband_first(s: Situation) -> Refusal | None:
    """Was the wristband read before the label, by the same person?"""
    if s.check is None or s.stage not in (Stage.LABEL, Stage.SIGN) or s.check.wristband_read:
        return None
    return Refusal(
        Why.WRISTBAND_FIRST,
        say("You have not scanned the wristband yet."),
        say("Scan the wristband on the patient first."),
    )


def not_yet_scanned(s: Situation) -> Refusal | None:
    """Was the label read before the signature, by the same person?"""
    if s.check is None or s.stage is not Stage.SIGN or s.check.label_read:
        return None
    return Refusal(
        Why.NOT_YET_SCANNED,
        say("You have not scanned the bag yet."),
        say("Scan the label of the bag, then sign."),
    )


def label_due(s: Situation) -> Refusal | None:
    """Was a wristband read where a label was due?"""
    if s.reading is None or s.stage not in LABELS or s.reading.kind is not Kind.WRISTBAND:
        return None
    return Refusal(Why.LABEL_DUE, say("That is a WRISTBAND."), say("Now scan the label on the bag."))


def wristband_due(s: Situation) -> Refusal | None:
    """Was a label read where a wristband was due?"""
    if s.reading is None or s.stage is not Stage.WRISTBAND or s.reading.kind is not Kind.CONTAINER:
        return None
    return Refusal(
        Why.WRISTBAND_DUE, say("That is a PRODUCT label."), say("First scan the wristband on the patient.")
    )


def not_a_bag_or_band(s: Situation) -> Refusal | None:
    """Was it a code of ours that belongs to neither?"""
    if s.reading is None or s.reading.kind in (None, Kind.WRISTBAND, Kind.CONTAINER):
        return None
    due = say("wristband on the patient") if s.stage is Stage.WRISTBAND else say("label on the bag")
    return Refusal(
        Why.NOT_A_BAG_OR_BAND,
        say("That code is on neither a wristband nor a bag."),
        say("Scan the {due}.", due=due),
    )


def unknown_wristband(s: Situation) -> Refusal | None:
    """Did we print this band?"""
    if s.reading is None or s.stage is not Stage.WRISTBAND or s.reading.kind is not Kind.WRISTBAND:
        return None
    if s.band is not None:
        return None
    return Refusal(
        Why.UNKNOWN_WRISTBAND,
        say("No wristband of this site has this code."),
        say("Check who the patient is, print a wristband and put it on."),
    )


def unknown_label(s: Situation) -> Refusal | None:
    """Did we print this label?"""
    if s.reading is None or s.stage not in LABELS or s.reading.kind is not Kind.CONTAINER:
        return None
    if s.bag is not None:
        return None
    return Refusal(Why.UNKNOWN_LABEL, say("No label of this site has this code."), CALL)


def typed_alone(s: Situation) -> Refusal | None:
    """Does a typed code have its reason and a second pair of eyes?"""
    if s.reading is None or s.reading.source is not EntrySource.TYPED:
        return None
    second = s.reading.typed_second_id
    if s.reading.typed_reason.strip() and second is not None and second != s.actor_id:
        return None
    return Refusal(
        Why.TYPED_ALONE,
        say("A typed code needs a reason and a second person."),
        say("Scan the code, or type it with the reason while a colleague reads it with you and signs in."),
    )


def unreadable(s: Situation) -> Refusal | None:
    """Was it a code of ours at all?"""
    return None if s.reading is None else s.reading.fault


#: Every question, in the order of gravity of its answer.
QUESTIONS = (
    wrong_patient,
    other_patient_than_first,
    other_bag_than_first,
    already_infused,
    infusion_runs,
    on_hold,
    not_released,
    release_void,
    expired,
    label_void,
    label_not_applied,
    not_allocated,
    no_consent,
    other_order,
    too_long_thawed,
    custody_gap,
    not_at_ward,
    unit_not_ready,
    order_not_ready,
    wristband_void,
    wristband_not_applied,
    no_order,
    same_person,
    check_unknown,
    check_over,
    check_expired,
    check_of_another,
    wristband_first,
    not_yet_scanned,
    label_due,
    wristband_due,
    not_a_bag_or_band,
    unknown_wristband,
    unknown_label,
    typed_alone,
    unreadable,
)


#: The questions about the bag alone: whether it may be given to the patient it is allocated to.
OF_THE_BAG = (
    already_infused,
    infusion_runs,
    on_hold,
    not_released,
    release_void,
    expired,
    label_void,
    label_not_applied,
    not_allocated,
    no_consent,
    too_long_thawed,
    custody_gap,
    not_at_ward,
    unit_not_ready,
)

#: Asked when the label is scanned for the thaw, before any wristband: is the bag good, and meant for anybody?
THAWING = (
    already_infused,
    infusion_runs,
    on_hold,
    not_released,
    release_void,
    expired,
    label_void,
    label_not_applied,
    not_allocated,
    no_consent,
    custody_gap,
    not_at_ward,
    already_thawed,
    unit_not_ready,
    order_not_ready,
    label_due,
    not_a_bag_or_band,
    unknown_label,
    typed_alone,
    unreadable,
)


def refusals(situation: Situation) -> tuple[Refusal, ...]:
    """Every reason not to go on, gravest first; none means GO. What was overridden is left out."""
    questions = THAWING if situation.stage is Stage.THAW else QUESTIONS
    found = (no for question in questions if (no := question(situation)) is not None)
    return tuple(no for no in found if not is_overridden(situation, no))


def is_overridden(s: Situation, no: Refusal) -> bool:
    """Whether a physician overrode this very reason for this bag. Three locks stand before it: the closed
    list in code, the versioned list in force, and an override that holds for bag and order."""
    if not isinstance(no.reason, Why) or no.reason.value not in set(Overridable):
        return False
    reason = Overridable(no.reason.value)
    return s.bag is not None and reason in s.limits.overridable and reason in s.bag.overridden


class Reasoned(Protocol):
    """Whatever tells a reason: a refusal, or a reason as it was kept with its scan."""

    @property
    def reason(self) -> str:
        """One word of a closed list."""


def may_be_overridden(found: Sequence[Reasoned], overridable: frozenset[Overridable]) -> bool:
    """Whether a physician could override all of these reasons, so that bag and check need not be given up."""
    return bool(found) and all(str(no.reason) in set(overridable) for no in found)


def ends_the_check(found: tuple[Refusal, ...]) -> bool:
    """Whether a reason is more than a slip of the hand: then the check is over and both start again.

    A bag that only waited too long leaves the check standing while a physician decides.
    """
    return any(
        isinstance(no.reason, Why) and no.reason not in SLIPS and no.reason.value not in set(Overridable)
        for no in found
    )


def second_is_first() -> Refusal:
    """The refusal for somebody who hands the tablet to themself."""
    return Refusal(
        Why.SAME_PERSON,
        say("You did the first check yourself."),
        say("Ask a colleague to sign in and do the second check."),
    )


def not_at_the_bed() -> Refusal:
    """The refusal for somebody whose role does not work at the bed."""
    return Refusal(
        Why.NOT_ALLOWED,
        say("Only nurses and physicians check at the bed."),
        say("Ask one of them to be the second person."),
    )
