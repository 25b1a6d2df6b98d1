"""The questions of labels: does this piece belong on this unit, and may it be printed again."""

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.refusals import Refusal
from app.labeling.models import LabelState
from app.lots.models import FATES, UnitKind, UnitState


class Why(StrEnum):
    """Why labeling says no."""

    NO_UNIT = "no_unit"
    NO_UNITS = "no_units"
    NAMED_TWICE = "named_twice"
    NO_STOCK = "no_stock"
    DOES_NOT_FIT = "does_not_fit"
    FATE_CLOSED = "fate_closed"
    REPRINT_NEEDS_REASON = "reprint_needs_reason"
    REPRINT_NEEDS_SECOND = "reprint_needs_second"
    SAME_PERSON = "same_person"
    TEXT_TOO_LONG = "text_too_long"
    NOT_READABLE = "not_readable"
    BAD_SERIAL = "bad_serial"
    UNKNOWN_LABEL = "unknown_label"
    NOT_PRINTED = "not_printed"
    OTHER_UNIT = "other_unit"
    REASON_NEEDED = "reason_needed"
    CANNOT_MOVE = "cannot_move"


@dataclass(frozen=True, slots=True)
class Printable:
    """What is known of one unit when its label is asked for."""

    code: str
    kind: UnitKind
    state: UnitState
    has_live_label: bool


@dataclass(frozen=True, slots=True)
class PrintRequest:
    """A print job as it is asked for."""

    units: tuple[Printable, ...]
    stock: str
    fitting: frozenset[str]
    reason: str | None
    second: int | None
    printer: int | None


def fates_open(asked: PrintRequest) -> Refusal | None:
    """Is every unit still there?"""
    gone = [unit.code for unit in asked.units if unit.state in FATES and unit.state is not UnitState.RETAINED]
    if not gone:
        return None
    return Refusal(
        Why.FATE_CLOSED,
        f"{', '.join(gone)}: used up, infused, destroyed or lost. A closed unit gets no label.",
        "Take these units out of the list and print the rest.",
    )


def fits_stock(asked: PrintRequest) -> Refusal | None:
    """Does the stock fit the containers?"""
    wrong = [unit.code for unit in asked.units if unit.kind.value not in asked.fitting]
    if not wrong:
        return None
    return Refusal(
        Why.DOES_NOT_FIT,
        f"Stock {asked.stock} does not fit {', '.join(wrong)}.",
        f"It fits {', '.join(sorted(asked.fitting)).replace('_', ' ')}. Choose another stock.",
    )


def reprint_has_reason(asked: PrintRequest) -> Refusal | None:
    """Does a second piece for a unit say why?"""
    again = [unit.code for unit in asked.units if unit.has_live_label]
    if not again or len((asked.reason or "").strip()) >= 10:
        return None
    return Refusal(
        Why.REPRINT_NEEDS_REASON,
        f"{', '.join(again)} already {'has' if len(again) == 1 else 'have'} a live label.",
        "Give the reason for the reprint, at least ten characters.",
    )


def reprint_has_second(asked: PrintRequest) -> Refusal | None:
    """Does a second person stand by a reprint?"""
    if not any(unit.has_live_label for unit in asked.units) or asked.second is not None:
        return None
    return Refusal(
        Why.REPRINT_NEEDS_SECOND,
        "A reprint needs a second person: two live labels for one unit are how bags get mixed up.",
        "Ask a colleague to stand by and name them.",
    )


def second_is_another(asked: PrintRequest) -> Refusal | None:
    """Are the two people two?"""
    if asked.second is None or asked.second != asked.printer:
        return None
    return Refusal(
        Why.SAME_PERSON, "The second person is you.", "A second person is somebody else: ask a colleague."
    )


QUESTIONS = (fates_open, fits_stock, reprint_has_reason, reprint_has_second, second_is_another)

#: A label that may still be stuck to something; printing beside it is a reprint.
LIVE = frozenset({LabelState.PRINTED, LabelState.APPLIED})


def may_apply(state: LabelState, serial: str) -> Refusal | None:
    """Only a printed piece that was not yet put anywhere can be applied."""
    if state is LabelState.PRINTED:
        return None
    said = {LabelState.APPLIED: "was applied already"}.get(state, f"is {state.value}: VOID")
    return Refusal(
        Why.NOT_PRINTED,
        f"Label {serial} {said}.",
        "Scan the newly printed piece. Put a void one into the destruction box.",
    )
