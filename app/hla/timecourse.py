"""The course of an antibody: was it there before the infusion, did it come after, has it gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.hla.calls import Call, CallKind, number
from app.kernel.speech import say


class Origin(StrEnum):
    """When an antibody against one target was first met."""

    NOT_APPLICABLE = "not_applicable"
    NOT_SEEN = "not_seen"
    PRE_FORMED = "pre_formed"
    POSSIBLE_MEMORY = "possible_memory"
    DE_NOVO = "de_novo"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class SerumCall:
    """One call with the serum behind it. ``method`` names assay and treatment, such as ``SAB IgG neat``."""

    serum: str
    drawn_on: date
    kit_lot: str
    method: str
    call: Call


@dataclass(frozen=True, slots=True)
class Course:
    """All sera of one recipient about one target of one donor, oldest first.

    ``first_positive_on`` is the day of the first DSA. ``cleared_on`` is the first day since when every
    serum that tells is negative, after a DSA; None while it is positive or grey. ``is_comparable`` is
    False where kit lot, method or rule version differ: then the numbers must not be set side by side.
    """

    target: str
    origin: Origin
    first_positive_on: date | None
    cleared_on: date | None
    is_comparable: bool
    reason: str
    history: tuple[SerumCall, ...]


#: Calls that a bead decided; only these say anything about the course.
_TELLS = frozenset({CallKind.DSA, CallKind.GREY, CallKind.NEG})
_NEVER_SPECIFIC = frozenset({CallKind.SHARED, CallKind.EXCLUDED})


def courses(sera: Iterable[SerumCall], first_infused_on: date) -> tuple[Course, ...]:
    """The course of every target in these sera, in the order in which targets first appear.

    ``first_infused_on`` is the day this donor's cells first entered the recipient; a serum drawn on that
    day counts as drawn before, since no antibody answers within hours. Give one donor and one assay at a
    time: C1q or another assay is a course of its own.
    """
    by_target: dict[str, list[SerumCall]] = {}
    for one in sera:
        by_target.setdefault(one.call.target, []).append(one)
    return tuple(_course(target, found, first_infused_on) for target, found in by_target.items())


def _course(target: str, found: list[SerumCall], infused_on: date) -> Course:
    history = tuple(sorted(found, key=lambda one: (one.drawn_on, one.serum, one.kit_lot)))
    telling = [one for one in history if one.call.call in _TELLS]
    positive = [one for one in telling if one.call.call is CallKind.DSA]
    comparable = len({(one.kit_lot, one.method, one.call.rule_version) for one in telling}) <= 1
    origin, reason = _origin(history, telling, infused_on)
    cleared_on = _cleared_on(telling)
    if cleared_on:
        reason += say(" Negative since {cleared_on}.", cleared_on=_day(cleared_on))
    if not comparable:
        reason += say(" The sera differ in kit lot, method or rules: the numbers are not comparable.")
    return Course(
        target, origin, positive[0].drawn_on if positive else None, cleared_on, comparable, reason, history
    )


def _origin(history: tuple[SerumCall, ...], telling: list[SerumCall], infused_on: date) -> tuple[Origin, str]:
    """When the antibody came, and why we say so.

    A baseline in which the target was not tested or its bead failed is no baseline: de novo is said only
    if at least one serum before the infusion tells, and all that tell are negative.
    """
    if all(one.call.call in _NEVER_SPECIFIC for one in history):
        return Origin.NOT_APPLICABLE, history[-1].call.reason
    if not telling:
        return Origin.INDETERMINATE, say(
            "No serum decided this target. {reason}", reason=history[-1].call.reason
        )
    before = [one for one in telling if one.drawn_on <= infused_on]
    first = next((one for one in telling if one.call.call is CallKind.DSA), None)
    if first is None:
        return Origin.NOT_SEEN, say("No positive serum among {telling} that tell.", telling=len(telling))
    said = say("first positive on {drawn_on} with {first}", drawn_on=_day(first.drawn_on), first=_mfi(first))
    if first.drawn_on <= infused_on:
        return Origin.PRE_FORMED, say("Positive before the infusion: {said}.", said=said)
    if not before:
        return Origin.INDETERMINATE, say("No valid serum from before the infusion; {said}.", said=said)
    if any(one.call.call is CallKind.GREY for one in before):
        return Origin.POSSIBLE_MEMORY, say("In the grey zone before the infusion; {said}.", said=said)
    return Origin.DE_NOVO, say(
        "Negative in {before} serum or sera before the infusion; {said}.", before=len(before), said=said
    )


def _cleared_on(telling: list[SerumCall]) -> date | None:
    """The first negative of the unbroken run of negatives at the end, if a DSA came before it."""
    since = None
    for one in reversed(telling):
        if one.call.call is not CallKind.NEG:
            break
        since = one
    had_dsa = any(one.call.call is CallKind.DSA for one in telling)
    return since.drawn_on if since and had_dsa else None


def _mfi(one: SerumCall) -> str:
    return f"{number(one.call.mfi)} MFI" if one.call.mfi is not None else say("no number")


def _day(day: date) -> str:
    return day.strftime("%d-%b-%Y")
