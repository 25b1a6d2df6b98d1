"""The questions of labels: does this piece belong on this unit, and may it be printed again."""

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.labeling.models import LabelState
from app.lots.models import FATES, UnitKind, UnitState

#: Characters that a reason may have; the column also holds the word before it.
LONGEST_REASON = 480


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
    FACT_MISSING = "fact_missing"
    TEXT_TOO_LONG = "text_too_long"
    NOT_DRAWN = "not_drawn"
    NOT_READABLE = "not_readable"
    BAD_SERIAL = "bad_serial"
    UNKNOWN_LABEL = "unknown_label"
    NOT_PRINTED = "not_printed"
    OTHER_UNIT = "other_unit"
    REASON_NEEDED = "reason_needed"
    REQUIRED_WORDS = "required_words"
    CANNOT_MOVE = "cannot_move"


@dataclass(frozen=True, slots=True)
class Printable:
    """What is known of one unit when its label is asked for."""

    code: str
    kind: UnitKind
    state: UnitState
    #: A piece is printed or applied: it could be stuck to something now.
    has_live_label: bool
    #: A piece was ever printed, whatever became of it: the next one is a copy.
    was_printed: bool
    #: Fields the stock needs and this unit cannot fill, in words.
    lacks: tuple[str, ...] = ()
    #: Words that the law makes its label say, where this stock has no place for them.
    unsaid: str = ""


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
        say(
            "{gone}: used up, infused, destroyed or lost. A closed unit gets no label.", gone=", ".join(gone)
        ),
        say("Take these units out of the list and print the rest."),
    )


def unit_open(code: str, state: UnitState) -> Refusal | None:
    """Is the unit still there, to have a label stuck on?"""
    if state not in FATES or state is UnitState.RETAINED:
        return None
    return Refusal(
        Why.FATE_CLOSED,
        say("{code} is {state}: nothing is stuck on it any more.", code=code, state=state.value),
        say("Mark the piece spoiled or returned, with the reason."),
    )


def fits_stock(asked: PrintRequest) -> Refusal | None:
    """Does the stock fit the containers?"""
    wrong = [unit.code for unit in asked.units if unit.kind.value not in asked.fitting]
    if not wrong:
        return None
    return Refusal(
        Why.DOES_NOT_FIT,
        say("Stock {stock} does not fit {wrong}.", stock=asked.stock, wrong=", ".join(wrong)),
        say("It fits {fitting}. Choose another stock.", fitting=word(", ".join(sorted(asked.fitting)))),
    )


def required_words_fit(asked: PrintRequest) -> Refusal | None:
    """Does a bag's stock have room for what the law makes its label say of the donor?

    Vials and samples go to no patient; their words stand in the papers that go with them.
    """
    bare = [unit for unit in asked.units if unit.kind is UnitKind.BAG and unit.unsaid]
    if not bare:
        return None
    return Refusal(
        Why.REQUIRED_WORDS,
        say(
            "The label of {unit} must say: {words}. The stock {stock} has no room for it.",
            unit=bare[0].code,
            words=bare[0].unsaid,
            stock=asked.stock,
        ),
        say("Choose the stock bag-100x75; nothing was printed."),
    )


def reprint_has_reason(asked: PrintRequest) -> Refusal | None:
    """Does a second piece for a unit say why?"""
    again = [unit for unit in asked.units if unit.was_printed]
    if not again or 10 <= len((asked.reason or "").strip()) <= LONGEST_REASON:
        return None
    live = [unit.code for unit in again if unit.has_live_label]
    if live:
        said = say(
            "{live} already {what} a live label.",
            live=", ".join(live),
            what="has" if len(live) == 1 else "have",
        )
    else:
        codes = ", ".join(unit.code for unit in again)
        said = say("{codes} had a label before: the next one is a copy.", codes=codes)
    return Refusal(
        Why.REPRINT_NEEDS_REASON,
        said,
        say(
            "Give the reason for the reprint, in 10 to {LONGEST_REASON} characters.",
            LONGEST_REASON=LONGEST_REASON,
        ),
    )


def reprint_has_second(asked: PrintRequest) -> Refusal | None:
    """Does a second person stand by a reprint?"""
    if not any(unit.was_printed for unit in asked.units) or asked.second is not None:
        return None
    return Refusal(
        Why.REPRINT_NEEDS_SECOND,
        say("A reprint needs a second person: two labels for one unit are how bags get mixed up."),
        say("Ask a colleague to stand by and name them."),
    )


def second_is_another(asked: PrintRequest) -> Refusal | None:
    """Are the two people two?"""
    if asked.second is None or asked.second != asked.printer:
        return None
    return same_person()


def same_person() -> Refusal:
    """The two people are one."""
    return Refusal(
        Why.SAME_PERSON,
        say("The second person is you."),
        say("A second person is somebody else: ask a colleague."),
    )


#: Where a fact that a label needs comes from.
_SOURCES = {
    "expiry": say("Finish making the lot first: its expiry is computed then."),
    "storage": say("The storage condition is given when a lot is opened; ask whoever opened it."),
}


def facts_there(asked: PrintRequest) -> Refusal | None:
    """Is everything known that this stock must say?"""
    lacking = {field for unit in asked.units for field in unit.lacks}
    if not lacking:
        return None
    codes = [unit.code for unit in asked.units if unit.lacks]
    steps = [_SOURCES[field] for field in sorted(lacking) if field in _SOURCES]
    return Refusal(
        Why.FACT_MISSING,
        say(
            "Stock {stock} must say {lacking}, not recorded for {codes}.",
            stock=asked.stock,
            lacking=" and ".join(sorted(lacking)),
            codes=", ".join(codes),
        ),
        " ".join(steps) or say("Record it first, then print."),
    )


QUESTIONS = (
    fates_open,
    fits_stock,
    required_words_fit,
    facts_there,
    reprint_has_reason,
    reprint_has_second,
    second_is_another,
)

#: A label that may still be stuck to something; printing beside it is a reprint.
LIVE = frozenset({LabelState.PRINTED, LabelState.APPLIED})


def may_apply(state: LabelState, serial: str) -> Refusal | None:
    """Only a printed piece that was not yet put anywhere can be applied."""
    if state is LabelState.PRINTED:
        return None
    told = say("Label {serial} is {state}: VOID.", serial=serial, state=word(state))
    if state is LabelState.APPLIED:
        told = say("Label {serial} was applied already.", serial=serial)
    return Refusal(
        Why.NOT_PRINTED,
        told,
        say("Scan the newly printed piece. Put a void one into the destruction box."),
    )
