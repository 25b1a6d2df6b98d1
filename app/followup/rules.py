"""Which visits can be recorded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.followup.models import Timepoint
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word

LONGEST_NOTE = 500


class Why(StrEnum):
    """Every reason this room says no."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    VISIT_IN_FUTURE = "visit_in_future"
    VISIT_TWICE = "visit_twice"
    NO_INFUSION_YET = "no_infusion_yet"
    BEFORE_INFUSION = "before_infusion"
    BASELINE_AFTER_INFUSION = "baseline_after_infusion"
    NOTE_TOO_LONG = "note_too_long"
    SAME_DAY = "same_day"
    REASON_NEEDED = "reason_needed"
    NO_PERSON = "no_person"
    VISIT_UNKNOWN = "visit_unknown"
    NOTHING_NEW = "nothing_new"
    NOT_PLAUSIBLE = "not_plausible"
    TEN_TIMES_OFF = "ten_times_off"
    SEX_MISSING = "sex_missing"
    ITEM_CONTRADICTED = "item_contradicted"
    ITEM_UNEXPLAINED = "item_unexplained"
    DOSE_NOT_PLAUSIBLE = "dose_not_plausible"
    CORRECTION_UNEXPLAINED = "correction_unexplained"


@dataclass(frozen=True, slots=True)
class Recording:
    """All that is known when a visit is to be recorded; ``infused_on`` is the day of the first infusion."""

    recipient: str
    timepoint: Timepoint
    happened_on: date
    today: date
    infused_on: date | None
    #: The day of the same visit where it is already recorded.
    recorded_on: date | None
    note: str


def named(timepoint: Timepoint) -> str:
    """The visit as people say it: ``month 3``."""
    return word(timepoint)


def recipient_unknown(code: str) -> Refusal:
    """The refusal for a recipient that is not registered."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        say("No recipient has the code {code}.", code=code[:20]),
        say("Check the code on the list of recipients."),
    )


def visit_twice(r: Recording) -> Refusal | None:
    """Was this visit not recorded before?"""
    if r.recorded_on is None:
        return None
    return Refusal(
        Why.VISIT_TWICE,
        say(
            "The {timepoint} visit of {recipient} is already recorded, on {isoformat}.",
            timepoint=named(r.timepoint),
            recipient=r.recipient,
            isoformat=r.recorded_on.isoformat(),
        ),
        say("Check which visit this was. Its date is corrected on its own page, with a reason."),
    )


def visit_in_future(r: Recording) -> Refusal | None:
    """Did the visit take place yet?"""
    if r.happened_on <= r.today:
        return None
    return Refusal(
        Why.VISIT_IN_FUTURE,
        say("{isoformat} lies in the future.", isoformat=r.happened_on.isoformat()),
        say("Record the visit once it took place. Check the date."),
    )


def no_infusion_yet(r: Recording) -> Refusal | None:
    """Was there an infusion from which the months count?"""
    if r.timepoint is Timepoint.BASELINE or r.infused_on is not None:
        return None
    return Refusal(
        Why.NO_INFUSION_YET,
        say(
            "{recipient} has had no infusion: there is no day from which months count.", recipient=r.recipient
        ),
        say("Record the visit as baseline, or look whether the infusion was recorded."),
    )


def before_infusion(r: Recording) -> Refusal | None:
    """Does a visit after months lie after the infusion?"""
    if r.timepoint is Timepoint.BASELINE or r.infused_on is None or r.happened_on > r.infused_on:
        return None
    return Refusal(
        Why.BEFORE_INFUSION,
        say(
            "{isoformat} is not after the first infusion on {isoformat2}.",
            isoformat=r.happened_on.isoformat(),
            isoformat2=r.infused_on.isoformat(),
        ),
        say("A visit before the infusion is the baseline. Check the date and the visit."),
    )


def baseline_after_infusion(r: Recording) -> Refusal | None:
    """Does the baseline lie before the infusion, or on its day?"""
    if r.timepoint is not Timepoint.BASELINE or r.infused_on is None or r.happened_on <= r.infused_on:
        return None
    return Refusal(
        Why.BASELINE_AFTER_INFUSION,
        say(
            "{isoformat} is after the first infusion on {isoformat2}.",
            isoformat=r.happened_on.isoformat(),
            isoformat2=r.infused_on.isoformat(),
        ),
        say("What was seen after the infusion is no baseline. Choose the visit it belongs to."),
    )


def note_too_long(r: Recording) -> Refusal | None:
    """Does the note fit?"""
    if len(r.note) <= LONGEST_NOTE:
        return None
    return Refusal(
        Why.NOTE_TOO_LONG,
        say("The note is longer than {LONGEST_NOTE} characters.", LONGEST_NOTE=LONGEST_NOTE),
        say("Say it shorter."),
    )


DAYS = (visit_in_future, no_infusion_yet, before_infusion, baseline_after_infusion)
QUESTIONS = (*DAYS, visit_twice, note_too_long)


def same_day(r: Recording) -> Refusal | None:
    """Is the corrected day another one?"""
    if r.recorded_on != r.happened_on:
        return None
    return Refusal(
        Why.SAME_DAY,
        say("The visit is recorded on {isoformat} already.", isoformat=r.happened_on.isoformat()),
        say("Type the day on which it took place."),
    )


def reason_needed(reason: str) -> Refusal | None:
    """Does the correction say why?"""
    if 3 <= len(reason.strip()) <= LONGEST_NOTE:
        return None
    return Refusal(
        Why.REASON_NEEDED,
        say("Nobody says why the date of the visit was wrong."),
        say("Give the reason, in 3 to 500 characters."),
    )


def no_person() -> Refusal:
    """A program asks, not a person."""
    return Refusal(
        Why.NO_PERSON, say("A person corrects a record, not the system."), say("Sign in and try again.")
    )
