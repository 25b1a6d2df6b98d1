"""Lots: may this be received, made, finished or destroyed?"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.kernel.units import cells
from app.kernel.work import Actor
from app.lots.models import FATES, UNIT_MOVES, Lot, LotState, Tissue, Unit, UnitKind, UnitState
from app.lots.process_limits import Limits

#: How far a clock of another device may run ahead of ours.
TOLERANCE = timedelta(minutes=2)


class Why(StrEnum):
    """Every reason to refuse something about a donation, a lot, a unit or a step."""

    BAD_CODE = "bad_code"
    CODE_TAKEN = "code_taken"
    NO_SUCH_LOT = "no_such_lot"
    NO_SUCH_UNIT = "no_such_unit"
    NO_PERSON = "no_person"
    NO_REASON = "no_reason"
    IN_FUTURE = "in_future"
    END_BEFORE_START = "end_before_start"
    RECEIVED_BEFORE_COLLECTED = "received_before_collected"
    IMPLAUSIBLE_COUNT = "implausible_count"
    LOT_CLOSED = "lot_closed"
    NO_INPUT = "no_input"
    INPUT_TWICE = "input_twice"
    INPUT_GONE = "input_gone"
    INPUT_NOT_RELEASED = "input_not_released"
    INPUT_TOO_YOUNG = "input_too_young"
    INPUT_EXPIRED = "input_expired"
    INPUT_ON_HOLD = "input_on_hold"
    TOOL_ON_HOLD = "tool_on_hold"
    WRONG_INPUT = "wrong_input"
    STILL_GROWING = "still_growing"
    NOT_GROWING = "not_growing"
    NO_YIELD = "no_yield"
    WRONG_YIELD = "wrong_yield"
    NO_VESSEL = "no_vessel"
    NO_COUNT = "no_count"
    COUNT_NOT_ASKED = "count_not_asked"
    NO_FOUNDERS = "no_founders"
    TOO_MANY_PASSAGES = "too_many_passages"
    TOO_MANY_DOUBLINGS = "too_many_doublings"
    UNEXPLAINED_CELLS = "unexplained_cells"
    MORE_THAN_THERE = "more_than_there"
    LOSS_UNEXPLAINED = "loss_unexplained"
    ONE_UNIT_TO_SAMPLE = "one_unit_to_sample"
    NOTHING_FILLED = "nothing_filled"
    CELLS_LEFT = "cells_left"
    MADE_BEFORE_LAST_STEP = "made_before_last_step"
    KEEPS_TOO_LONG = "keeps_too_long"
    FATE_CLOSED = "fate_closed"
    NO_SUCH_FATE = "no_such_fate"
    SECOND_IS_FIRST = "second_is_first"
    WITNESS_MAY_NOT = "witness_may_not"
    NOT_YOUR_SIGNATURE = "not_your_signature"
    WRONG_TIER = "wrong_tier"
    NO_SUCH_STEP = "no_such_step"
    FILE_UNREADABLE = "file_unreadable"
    NOTHING_TO_FREEZE = "nothing_to_freeze"
    ANOTHER_RUN = "another_run"
    RUN_AT_ANOTHER_TIME = "run_at_another_time"
    FILE_TAKEN = "file_taken"


def no_such(why: Why, what: str, code: str) -> Refusal:
    """Nothing carries this code."""
    return Refusal(
        why,
        say("There is no {what} {code}.", what=what, code=code[:40]),
        say("Scan the label, or check the code in the list."),
    )


def bad_code(code: str, longest: int = 20) -> Refusal | None:
    """Is this a code that people can say: capital letters, digits and hyphens?"""
    groups = code.split("-")
    plain = all(part.isascii() and part.isalnum() and part == part.upper() for part in groups)
    if len(groups) > 1 and plain and len(code) <= longest:
        return None
    return Refusal(
        Why.BAD_CODE,
        say(
            "A code is at most {longest} capital letters and digits in groups, such as MSC-25-001.",
            longest=longest,
        ),
        say("Correct the code, or leave it empty and Hilo gives the next one."),
    )


def code_taken(code: str) -> Refusal:
    """Codes are never used twice."""
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already in use.", code=code),
        say("Leave the code empty: Hilo gives the next one."),
    )


def nobody(actor: Actor) -> Refusal | None:
    """Does a person do this? A batch record names people."""
    if actor.person_id is not None:
        return None
    return Refusal(
        Why.NO_PERSON, say("Only a person can do this."), say("Sign in, or name yourself with --as.")
    )


def lacks_reason(reason: str) -> Refusal | None:
    """Is there a reason that a colleague can read later?"""
    if reason.strip():
        return None
    return Refusal(
        Why.NO_REASON, say("No reason was given."), say("Write in one sentence why, then try again.")
    )


def in_future(what: str, moment: datetime, at: datetime) -> Refusal | None:
    """Has this happened yet?"""
    if moment <= at + TOLERANCE:
        return None
    return Refusal(
        Why.IN_FUTURE,
        say("{what} lies in the future.", what=what),
        say("Check date and time; enter it once it has happened."),
    )


def end_before_start(started_at: datetime, ended_at: datetime) -> Refusal | None:
    """Did it end after it began?"""
    if started_at <= ended_at:
        return None
    return Refusal(Why.END_BEFORE_START, say("The end lies before the start."), say("Check both times."))


def received_before_collected(collected_at: datetime, received_at: datetime) -> Refusal | None:
    """Was it collected before it was received?"""
    if collected_at <= received_at:
        return None
    return Refusal(
        Why.RECEIVED_BEFORE_COLLECTED,
        say("The tissue was received before it was collected."),
        say("Check both times on the collection sheet."),
    )


def implausible_donation(
    limits: Limits, tissue: Tissue, nucleated_cells: int, volume_ml: float, recounted: bool
) -> Refusal | None:
    """Does the first count look like this tissue, or like a slip of the decimal point?"""
    low, high = limits.plausible.nucleated_cells_per_ml[tissue]
    if recounted or (volume_ml > 0 and low <= nucleated_cells / volume_ml <= high):
        return None
    each = (
        say("{nucleated_cells} per mL", nucleated_cells=cells(int(nucleated_cells / volume_ml)))
        if volume_ml > 0
        else say("no volume")
    )
    return Refusal(
        Why.IMPLAUSIBLE_COUNT,
        say(
            "{nucleated_cells} nucleated cells in {volume_ml:g} mL are {each}; {tissue} "
            "holds {low} to {high}.",
            nucleated_cells=cells(nucleated_cells),
            volume_ml=volume_ml,
            each=each,
            tissue=word(tissue),
            low=cells(low),
            high=cells(high),
        ),
        say("Check volume and count. If they are right, count again and mark the figure as counted twice."),
    )


def lot_closed(lot: Lot) -> Refusal | None:
    """Is the lot still being made?"""
    if lot.state is LotState.IN_PROCESS:
        return None
    return Refusal(
        Why.LOT_CLOSED,
        say("Lot {code} is {state}: its making is finished.", code=lot.code, state=word(lot.state)),
        say("Open a new lot for new cells."),
    )


def nothing_filled(lot: Lot, units: Collection[Unit]) -> Refusal | None:
    """Is there a container that could ever be given or thawed?"""
    if any(unit.kind in (UnitKind.BAG, UnitKind.VIAL) and unit.state not in FATES for unit in units):
        return None
    return Refusal(
        Why.NOTHING_FILLED,
        say("Lot {code} has no bag and no vial.", code=lot.code),
        say("Record the filling as a step first."),
    )


def cells_left(units: Collection[Unit]) -> Refusal | None:
    """Has every flask been used up?"""
    left = [unit.code for unit in units if unit.kind is UnitKind.FLASK and unit.state not in FATES]
    if not left:
        return None
    return Refusal(
        Why.CELLS_LEFT,
        say("There are still cells in {left}.", left=", ".join(left[:5])),
        say("Record the step that uses them, or their destruction, before the making ends."),
    )


def made_before_last_step(made_at: datetime, last_step: datetime | None) -> Refusal | None:
    """Was the lot made after its last step?"""
    if last_step is None or made_at >= last_step:
        return None
    return Refusal(
        Why.MADE_BEFORE_LAST_STEP,
        say("The time of making lies before the end of the last step."),
        say("Give the time when the last container was filled and frozen."),
    )


def keeps_too_long(expires_at: datetime, made_at: datetime, latest: datetime, months: int) -> Refusal | None:
    """Is the expiry within the shelf life?"""
    if made_at < expires_at <= latest:
        return None
    return Refusal(
        Why.KEEPS_TOO_LONG,
        say(
            "The expiry must lie after the making and within its shelf life of {months} "
            "months, by {latest:%Y-%m-%d}.",
            months=months,
            latest=latest,
        ),
        say("Leave the expiry empty: Hilo computes it."),
    )


def fate_closed(unit: Unit) -> Refusal | None:
    """Is the unit still somewhere?"""
    if unit.state not in FATES:
        return None
    return Refusal(
        Why.FATE_CLOSED,
        say("Unit {code} is {state}; a unit has exactly one fate.", code=unit.code, state=word(unit.state)),
        say("Check the code on the label."),
    )


def no_such_fate(unit: Unit, fate: UnitState) -> Refusal | None:
    """Can this unit end so?"""
    if fate in (UnitState.TESTED, UnitState.RETAINED, UnitState.LOST) and fate in UNIT_MOVES[unit.state]:
        return None
    return Refusal(
        Why.NO_SUCH_FATE,
        say(
            "Unit {code} is {state} and cannot become {fate}.",
            code=unit.code,
            state=word(unit.state),
            fate=fate.value,
        ),
        say("Choose tested, retained or lost; destruction needs a witness."),
    )


def not_signed_by(actor: Actor, first: Proof) -> Refusal | None:
    """Is the first signature that of the person who acts?"""
    if first.person_id == actor.person_id:
        return None
    return Refusal(
        Why.NOT_YOUR_SIGNATURE,
        say(
            "The first signature is {sign_in}'s, but {sign_in2} is signed in.",
            sign_in=first.sign_in,
            sign_in2=actor.sign_in,
        ),
        say("Sign first with your own name and password; the witness signs second."),
    )


def witness_unfit(actor: Actor, second: Proof, may: bool) -> Refusal | None:
    """Are these two people, and may the second one witness?"""
    if second.person_id == actor.person_id:
        return Refusal(
            Why.SECOND_IS_FIRST,
            say("The witness is the person who destroys the unit."),
            say("Let a second person sign with their own name and password."),
        )
    if may:
        return None
    return Refusal(
        Why.WITNESS_MAY_NOT,
        say("The role {role} may not witness a destruction.", role=second.role),
        say("Ask a colleague who works with lots."),
    )
