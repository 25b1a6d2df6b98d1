"""Vital signs and reactions: can it have been measured, and does the story of a reaction hold together?"""

from datetime import datetime, timedelta
from enum import StrEnum

from app.bedside.forms import ReactionForm, VitalsForm
from app.bedside.infusion_rules import in_future, whole_minute
from app.bedside.limits import Due, Limits
from app.bedside.models import Outcome, ReactionKind
from app.bedside.situation import Why
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.units import number

#: The first vital signs may be taken so long before the start.
BEFORE_START = timedelta(minutes=30)
#: What stands on the page for each measured column.
MEASURED = {
    "celsius": ("temperature", "°C"),
    "pulse_per_min": ("pulse", say("per minute")),
    "systolic_mmhg": (say("upper blood pressure"), "mmHg"),
    "diastolic_mmhg": (say("lower blood pressure"), "mmHg"),
    "breaths_per_min": (say("breathing rate"), say("per minute")),
    "oxygen_percent": (say("oxygen saturation"), "%"),
}
#: Grades as CTCAE calls them.
GRADES = {1: "mild", 2: "moderate", 3: "severe", 4: "life-threatening", 5: "death"}


class Standing(StrEnum):
    """How one point of the schedule stands."""

    PLANNED = "planned"
    DUE = "due"
    MISSING = "missing"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


def standing(due: Due, started_at: datetime, measured_at: datetime | None, at: datetime) -> Standing:
    """How a point stands at this moment; a measurement keeps its word for ever."""
    earliest, latest = started_at + due.after - due.tolerance, started_at + due.after + due.tolerance
    if measured_at is not None:
        if measured_at < earliest:
            return Standing.EARLY
        return Standing.LATE if measured_at > latest else Standing.ON_TIME
    if at > latest:
        return Standing.MISSING
    return Standing.DUE if at >= earliest else Standing.PLANNED


def vitals_impossible(form: VitalsForm, limits: Limits) -> Refusal | None:
    """Can these be the vital signs of a living person?"""
    for name, (lowest, highest) in limits.measurable.items():
        value = getattr(form, name)
        if not lowest <= value <= highest:
            what, unit = MEASURED[name]
            return Refusal(
                Why.NOT_MEASURABLE,
                say(
                    "A {what} of {value} {unit} cannot be right: it lies between {lowest} and "
                    "{highest} {unit}.",
                    what=what,
                    value=number(value),
                    unit=unit,
                    lowest=lowest,
                    highest=highest,
                ),
                say("Measure again and enter it again."),
            )
    if form.diastolic_mmhg < form.systolic_mmhg:
        return None
    return Refusal(
        Why.PRESSURES_SWAPPED,
        say("The lower blood pressure is not below the upper one."),
        say("Enter the upper one first, such as 120 and 80."),
    )


def measured_when(form: VitalsForm, started_at: datetime, at: datetime, limits: Limits) -> Refusal | None:
    """Was it measured by now, and not long before the infusion?"""
    future = in_future(form.measured_at, at, limits, say("the measurement"))
    if future is not None or form.measured_at >= started_at - BEFORE_START:
        return future
    return Refusal(
        Why.MEASURED_BEFORE,
        say("The measurement lies more than 30 minutes before the start of the infusion."),
        say("Enter the time of the measurement again."),
    )


def correction_needs_reason(form: VitalsForm, *, there: bool) -> Refusal | None:
    """Is it said why an entry takes the place of the one before?"""
    if not there or form.reason:
        return None
    return Refusal(
        Why.CORRECTION_NEEDS_REASON,
        say("Vital signs of this time are entered already."),
        say("To correct them, write why; the entry before stays visible."),
    )


def reaction_questions(
    form: ReactionForm, started_at: datetime, at: datetime, limits: Limits
) -> Refusal | None:
    """Does what is told of a reaction hold together?"""
    return first(
        _untold(form),
        in_future(form.onset_at, at, limits, say("the onset")),
        _before_start(form.onset_at, started_at),
        ended_how(form.grade, form.outcome),
        ended_when(form.outcome, form.onset_at, form.over_at, at, limits),
    )


def _untold(form: ReactionForm) -> Refusal | None:
    if form.kind is not ReactionKind.OTHER or form.told:
        return None
    return Refusal(
        Why.REACTION_UNTOLD, say("It is not said what happened."), say("Describe it in a few words.")
    )


def _before_start(onset_at: datetime, started_at: datetime) -> Refusal | None:
    if onset_at >= whole_minute(started_at):
        return None
    return Refusal(
        Why.ONSET_BEFORE_START,
        say("The onset lies before the start of the infusion."),
        say("What began before belongs into the patient's chart, not here. Otherwise correct the time."),
    )


def ended_how(grade: int, outcome: Outcome) -> Refusal | None:
    """Do grade and outcome agree? Grade 5 is death, and nothing else is."""
    if (grade == 5) is (outcome is Outcome.FATAL):
        return None
    return Refusal(
        Why.GRADE_AND_OUTCOME,
        say("Grade 5 is death, and only death is grade 5."),
        say("Correct grade or outcome."),
    )


def ended_when(
    outcome: Outcome, onset_at: datetime, over_at: datetime | None, at: datetime, limits: Limits
) -> Refusal | None:
    """Is it over, and since when?"""
    if (outcome is Outcome.NOT_RESOLVED) is not (over_at is None):
        return Refusal(
            Why.OUTCOME_INCOMPLETE,
            say("An end needs its time, and a reaction that goes on has none."),
            say("Enter both, or leave the time out while it goes on."),
        )
    if over_at is None:
        return None
    if over_at < onset_at:
        return Refusal(
            Why.OVER_BEFORE_ONSET,
            say("The end of the reaction lies before its onset."),
            say("Enter both again."),
        )
    return in_future(over_at, at, limits, say("the end of the reaction"))
