"""The questions of release: is the result within its limit, is the lot complete, may this person sign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.lots.models import LotState
from app.quality.models import Comparator, Decision, Flag, Retest, Weight


class Why(StrEnum):
    """Why quality says no."""

    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_WORDS = "unknown_words"
    NO_SUCH_TEST = "no_such_test"
    NO_SPECIFICATION = "no_specification"
    NO_SUCH_LOT = "no_such_lot"
    NO_SUCH_RESULT = "no_such_result"
    ALREADY_RESULTED = "already_resulted"
    TIME_WRONG = "time_wrong"
    NOT_IN_QUARANTINE = "not_in_quarantine"
    DECIDED_BY_MAKER = "decided_by_maker"
    TESTS_FAIL = "tests_fail"
    TESTS_PENDING = "tests_pending"
    NOTHING_PENDING = "nothing_pending"
    NOT_PENDING = "not_pending"
    ON_HOLD = "on_hold"
    REASON_NEEDED = "reason_needed"
    RECORD_CHANGED = "record_changed"
    VERSION_TAKEN = "version_taken"
    NO_EXPIRY = "no_expiry"
    BAD_FILE = "bad_file"
    NO_RETEST = "no_retest"
    CRITICAL_DEVIATION = "critical_deviation"
    NOT_CERTIFIED = "not_certified"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as a specification states it: a number or words, never both."""

    test: str
    name: str
    comparator: Comparator
    number: Decimal | None
    words: str | None
    unit: str
    weight: Weight
    retest: Retest


@dataclass(frozen=True, slots=True)
class Value:
    """A reported value: a number with an optional ``<``, or words."""

    qualifier: str
    number: Decimal | None
    words: str | None

    def __str__(self) -> str:
        return self.words if self.words is not None else f"{self.qualifier}{self.number:f}"


def read_value(text: str, limit: Limit) -> Value | Refusal:
    """The typed text as a value of this test. A comma is not a decimal point: it is refused, not guessed."""
    if limit.words is not None:
        return _words(text, limit)
    qualifier = "<" if text.startswith("<") else ""
    digits = text.removeprefix("<").strip()
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("NaN")
    fine = number.is_finite() and number >= 0 and number == number.quantize(Decimal("0.0001"))
    if not fine or digits.startswith((".", "+")) or "e" in digits.lower():
        return Refusal(
            Why.NOT_A_NUMBER,
            say("{name}: {text!r} is not a number such as 98.4 or <0.5.", name=limit.name, text=text),
            say("Type digits with a point, at most four decimals, and no unit."),
        )
    if limit.unit == "%" and number > 100:
        return Refusal(
            Why.NOT_A_NUMBER,
            say("{name}: {text} % is more than 100 %.", name=limit.name, text=text),
            say("Check the decimal point and type the value again."),
        )
    return Value(qualifier, number, None)


def _words(text: str, limit: Limit) -> Value | Refusal:
    words = " ".join(text.split())
    if limit.words is not None and words.lower() == limit.words.lower():
        words = limit.words
    if any(letter.isalpha() for letter in words):
        return Value("", None, words)
    return Refusal(
        Why.UNKNOWN_WORDS,
        say("{name} is reported in words, not as {text!r}.", name=limit.name, text=text),
        say("Type what the laboratory wrote; a lot passes with: {words}.", words=limit.words),
    )


def flag_of(value: Value, limit: Limit) -> Flag:
    """What the value means against its limit; unrounded, so 94.96 fails an at-least of 95.

    ``<x`` passes an upper limit when x is within it, and never passes a lower one: nothing is known of
    how far below x it lies.
    """
    if limit.weight is Weight.INFORMATIVE:
        return Flag.INFORMATIVE
    return Flag.PASS if _holds(value, limit) else Flag.FAIL


def _holds(value: Value, limit: Limit) -> bool:
    if limit.words is not None:
        return value.words is not None and value.words.lower() == limit.words.lower()
    number, bound = value.number, limit.number
    if number is None or bound is None:
        return False
    lower = limit.comparator in (Comparator.AT_LEAST, Comparator.MORE_THAN)
    if value.qualifier == "<" and lower:
        return False
    if value.qualifier == "<" and limit.comparator is Comparator.LESS_THAN:
        return number <= bound
    return {
        Comparator.AT_LEAST: number >= bound,
        Comparator.AT_MOST: number <= bound,
        Comparator.MORE_THAN: number > bound,
        Comparator.LESS_THAN: number < bound,
        Comparator.EXACTLY: number == bound,
    }[limit.comparator]


def which_counts(flags: Sequence[Flag], rule: Retest) -> int:
    """Which of the standing results of a test counts, by its place in order of entry; ``flags`` is not empty.

    Nothing is averaged: an average of one failing and one passing result would hide the failing one. Under
    `Retest.WORST` the first failing result counts, and with none failing the first.
    Source: FDA guidance on out-of-specification results, 2022, section V.A.
    """
    if rule is Retest.LATEST:
        return len(flags) - 1
    return flags.index(Flag.FAIL) if Flag.FAIL in flags else 0


def times_in_order(sampled_at: datetime, resulted_at: datetime, now: datetime) -> Refusal | None:
    """A sample is taken before its result, and neither lies in the future."""
    if resulted_at > now + timedelta(minutes=2) or sampled_at > now + timedelta(minutes=2):
        return Refusal(
            Why.TIME_WRONG,
            say("This time lies in the future."),
            say("Check date and time and type them again."),
        )
    if sampled_at > resulted_at:
        return Refusal(
            Why.TIME_WRONG,
            say("The result is older than its sample."),
            say("Check the two times: the sample comes before the result."),
        )
    return None


#: Decisions that take a lot out of use: nothing that stands against a release stands against them.
AGAINST = frozenset({Decision.REJECTED, Decision.RECALLED})


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is known when a lot is decided."""

    lot: str
    state: LotState
    decision: Decision
    failing: tuple[str, ...]
    pending: tuple[str, ...]
    #: Tests the releaser names as still pending.
    named_pending: tuple[str, ...]
    holds: tuple[str, ...]
    #: Open critical deviations on the lot or its units.
    critical: tuple[str, ...]
    makers: frozenset[int]
    signer: int
    reason: str
    has_expiry: bool
    #: There is a decision and it no longer stands: a result changed after it was signed.
    void: bool


def not_waiting(desk: Desk) -> Refusal | None:
    """Is the lot waiting for this decision, or for a new signature because the old one is void?"""
    waiting = {
        Decision.RELEASED: {LotState.QUARANTINE, LotState.CONDITIONALLY_RELEASED},
        Decision.CONDITIONALLY_RELEASED: {LotState.QUARANTINE},
        Decision.REJECTED: {LotState.QUARANTINE, LotState.CONDITIONALLY_RELEASED},
        Decision.RECALLED: {LotState.RELEASED, LotState.CONDITIONALLY_RELEASED},
    }[desk.decision]
    again = desk.void and desk.decision.value == desk.state.value and desk.decision not in AGAINST
    if desk.state in waiting or again:
        return None
    return Refusal(
        Why.NOT_IN_QUARANTINE,
        say(
            "Lot {lot} is {state}: it does not wait for this decision.", lot=desk.lot, state=word(desk.state)
        ),
        say("Open the lot and see what was decided, and by whom."),
    )


def decided_by_maker(desk: Desk) -> Refusal | None:
    """Did the signer take no part in making the lot?"""
    if desk.signer not in desk.makers:
        return None
    return Refusal(
        Why.DECIDED_BY_MAKER,
        say(
            "You took part in making or testing lot {lot}: whoever made it does not release it.", lot=desk.lot
        ),
        say("Ask another releaser to decide."),
    )


def on_hold(desk: Desk) -> Refusal | None:
    """Does a hold reach the lot?"""
    if desk.decision in AGAINST or not desk.holds:
        return None
    return Refusal(
        Why.ON_HOLD,
        say("Lot {lot} is on hold: {holds}.", lot=desk.lot, holds=", ".join(desk.holds)),
        say("Read the hold; release again once it was lifted."),
    )


def critical_deviation(desk: Desk) -> Refusal | None:
    """Is a critical deviation on the lot or one of its units still open?"""
    if desk.decision in AGAINST or not desk.critical:
        return None
    return Refusal(
        Why.CRITICAL_DEVIATION,
        say(
            "A critical deviation of lot {lot} is not closed: {critical}.",
            lot=desk.lot,
            critical=", ".join(desk.critical),
        ),
        say("Assess and close the deviation, or reject the lot."),
    )


def tests_fail(desk: Desk) -> Refusal | None:
    """Does a release test fail?"""
    if desk.decision in AGAINST or not desk.failing:
        return None
    return Refusal(
        Why.TESTS_FAIL,
        say("Lot {lot} fails {failing}.", lot=desk.lot, failing=", ".join(desk.failing)),
        say("A failing lot is not released: reject it with a reason."),
    )


def tests_pending(desk: Desk) -> Refusal | None:
    """Is every test that must be there, there or named as pending?"""
    if desk.decision in AGAINST:
        return None
    if desk.decision is Decision.RELEASED and desk.pending:
        count = len(desk.pending)
        return Refusal(
            Why.TESTS_PENDING,
            say(
                "{count} test{what} pending: {pending}.",
                count=count,
                what="s" if count > 1 else "",
                pending=", ".join(desk.pending),
            ),
            say("Enter the results, or release conditionally and name what is pending."),
        )
    if desk.decision is Decision.CONDITIONALLY_RELEASED:
        return _named_pending(desk)
    return None


def _named_pending(desk: Desk) -> Refusal | None:
    if not desk.pending:
        return Refusal(
            Why.NOTHING_PENDING,
            say("No test of lot {lot} is pending.", lot=desk.lot),
            say("Release it without conditions."),
        )
    missing = sorted(set(desk.pending) ^ set(desk.named_pending))
    if missing:
        return Refusal(
            Why.NOT_PENDING,
            say(
                "The tests named as pending are not the ones that are: {missing}.", missing=", ".join(missing)
            ),
            say("Tick exactly the tests that have no result yet."),
        )
    return None


def reason_needed(desk: Desk) -> Refusal | None:
    """Does a rejection, a recall or a conditional release say why?"""
    if desk.decision is Decision.RELEASED or len(desk.reason) >= 10:
        return None
    return Refusal(
        Why.REASON_NEEDED, say("This decision needs its reason."), say("Write at least ten characters.")
    )


def no_expiry(desk: Desk) -> Refusal | None:
    """Has the lot an expiry date?"""
    if desk.decision in AGAINST or desk.has_expiry:
        return None
    return Refusal(
        Why.NO_EXPIRY,
        say("Lot {lot} has no expiry date.", lot=desk.lot),
        say("Finish making the lot with its expiry first."),
    )


QUESTIONS = (
    not_waiting,
    decided_by_maker,
    on_hold,
    critical_deviation,
    tests_fail,
    tests_pending,
    reason_needed,
    no_expiry,
)


def outcome_after(flags: Iterable[Flag]) -> str:
    """In one word, whether a lot still stands after a new result."""
    return "fails" if Flag.FAIL in flags else say("still passes")


def no_lot(code: str) -> Refusal:
    """No lot has this code."""
    return Refusal(
        Why.NO_SUCH_LOT, say("There is no lot {code}.", code=code[:40]), say("Check the code on the label.")
    )


def no_specification(product: str) -> Refusal:
    """Nothing says what the product must pass."""
    return Refusal(
        Why.NO_SPECIFICATION,
        say("No specification is in force for {product}.", product=product),
        say("Quality adopts one first."),
    )
