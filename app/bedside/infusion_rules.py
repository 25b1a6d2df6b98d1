"""Start and end of an infusion: are the times, volumes and cells that were entered possible?"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.bedside import bag_rules
from app.bedside.limits import Limits
from app.bedside.situation import Why
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.units import cells, dose, number
from app.orders.rules import meant_instead

#: More fluid than this is no flush of an infusion line, mL.
LARGEST_FLUSH_ML = Decimal(500)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was entered at the start, and what it is held against."""

    at: datetime
    limits: Limits
    thawed_at: datetime
    started_at: datetime
    #: When the second person signed the check.
    confirmed_at: datetime
    #: Whether a physician's override of the time after thaw holds.
    overridden: bool
    #: DMSO of this bag and of those given in the 24 hours before the start, and the most for the patient, g.
    dmso_g: Decimal
    dmso_limit_g: Decimal
    volume_ml: Decimal
    viable_cells: int
    viability_percent: Decimal
    filled_volume_ml: Decimal
    lowest_viable_cells: int
    highest_viable_cells: int


@dataclass(frozen=True, slots=True)
class Ending:
    """What was entered at the end, and what it is held against."""

    at: datetime
    limits: Limits
    started_at: datetime
    ended_at: datetime
    volume_ml: Decimal
    residual_ml: Decimal
    flush_ml: Decimal | None
    stopped_early_because: str


def whole_minute(at: datetime) -> datetime:
    """People enter whole minutes."""
    return at.replace(second=0, microsecond=0)


def in_future(entered: datetime, at: datetime, limits: Limits, what: str) -> Refusal | None:
    """Does a time lie further ahead than a clock may run?"""
    if entered <= at + limits.clock_tolerance:
        return None
    return Refusal(
        Why.TIME_IN_FUTURE,
        say("The time of {what} lies in the future.", what=what),
        say("Look at the clock and enter it again."),
    )


def time_in_future(b: Beginning) -> Refusal | None:
    """Has it happened yet?"""
    return in_future(b.started_at, b.at, b.limits, say("the start"))


def start_before_thaw(b: Beginning) -> Refusal | None:
    """Was the bag thawed before it was given?"""
    if whole_minute(b.thawed_at) <= b.started_at:
        return None
    return Refusal(
        Why.START_BEFORE_THAW, say("The start lies before the thaw."), say("Enter both times again.")
    )


def start_before_check(b: Beginning) -> Refusal | None:
    """Was the check finished before the infusion began?"""
    if b.started_at >= whole_minute(b.confirmed_at):
        return None
    return Refusal(
        Why.START_BEFORE_CHECK,
        say("The start lies before the second person's signature."),
        say("Enter the time at which the infusion really began. If it began before the check, tell quality."),
    )


def thawed_too_long(b: Beginning) -> Refusal | None:
    """Are the cells still fresh from the thaw, or did a physician override it?"""
    if b.overridden:
        return None
    return bag_rules.thawed_too_long(b.thawed_at, b.started_at, b.limits)


def too_much_dmso(b: Beginning) -> Refusal | None:
    """Would this bag and those of the last 24 hours bring more DMSO than the patient may have?"""
    if b.dmso_g <= b.dmso_limit_g:
        return None
    return Refusal(
        Why.TOO_MUCH_DMSO,
        say(
            "This bag and those of the last 24 hours bring {dmso_g} g of DMSO; the limit for "
            "this patient is {dmso_limit_g} g a day.",
            dmso_g=number(b.dmso_g),
            dmso_limit_g=number(b.dmso_limit_g),
        ),
        say("Do not infuse. Call the physician: this bag has to wait for another day, and another bag."),
    )


def viability_impossible(b: Beginning) -> Refusal | None:
    """Is the viability a percentage?"""
    if 0 < b.viability_percent <= 100:
        return None
    return Refusal(
        Why.VIABILITY_IMPOSSIBLE,
        say("A viability of {viability_percent} % cannot be.", viability_percent=number(b.viability_percent)),
        say("Enter it in percent, such as 91."),
    )


def volume_impossible(b: Beginning) -> Refusal | None:
    """Does the volume fit the bag?"""
    if b.volume_ml > 0 and b.filled_volume_ml / 10 < b.volume_ml < b.filled_volume_ml * 10:
        return None
    return Refusal(
        Why.VOLUME_IMPOSSIBLE,
        say(
            "A volume of {volume_ml} mL cannot be right: the bag was filled with {filled_volume_ml} mL.",
            volume_ml=number(b.volume_ml),
            filled_volume_ml=number(b.filled_volume_ml),
        ),
        say("Read the volume again and enter it in mL."),
    )


def cells_ten_times_off(b: Beginning) -> Refusal | None:
    """Was a zero lost or added?"""
    if b.lowest_viable_cells <= b.viable_cells <= b.highest_viable_cells:
        return None
    meant = meant_instead(b.viable_cells, b.lowest_viable_cells, b.highest_viable_cells)
    if meant is None:
        return None
    return Refusal(
        Why.CELLS_TEN_TIMES_OFF,
        say(
            "You entered {viable_cells} at thaw. That is ten times or more off the order.",
            viable_cells=dose(b.viable_cells),
        ),
        say("Count the zeros. Did you mean {meant}?", meant=dose(meant)),
    )


def cells_outside_window(b: Beginning) -> Refusal | None:
    """Does the thawed bag hold the prescribed dose?"""
    if (
        b.lowest_viable_cells <= b.viable_cells <= b.highest_viable_cells
        or cells_ten_times_off(b) is not None
    ):
        return None
    low, high = cells(b.lowest_viable_cells), cells(b.highest_viable_cells)
    window = say("{low} to {high}", low=low, high=high)
    return Refusal(
        Why.CELLS_OUTSIDE_WINDOW,
        say(
            "The thawed bag holds {viable_cells} viable cells; the order's window is {window}.",
            viable_cells=cells(b.viable_cells),
            window=window,
        ),
        say(
            "Do not infuse. Call the physician and the cell laboratory: this dose needs another bag or order."
        ),
    )


#: Every question before the infusion's start is kept, gravest first.
BEGINNING = (
    thawed_too_long,
    too_much_dmso,
    cells_outside_window,
    cells_ten_times_off,
    start_before_check,
    start_before_thaw,
    time_in_future,
    viability_impossible,
    volume_impossible,
)


def end_before_start(e: Ending) -> Refusal | None:
    """Did it end after it began?"""
    if e.ended_at >= e.started_at:
        return None
    return Refusal(
        Why.END_BEFORE_START, say("The end lies before the start."), say("Enter the time of the end again.")
    )


def end_in_future(e: Ending) -> Refusal | None:
    """Is it over yet?"""
    return in_future(e.ended_at, e.at, e.limits, say("the end"))


def residual_impossible(e: Ending) -> Refusal | None:
    """Can so much be left in the bag?"""
    if 0 <= e.residual_ml <= e.volume_ml:
        return None
    return Refusal(
        Why.RESIDUAL_IMPOSSIBLE,
        say(
            "A rest of {residual_ml} mL cannot be: the bag held {volume_ml} mL.",
            residual_ml=number(e.residual_ml),
            volume_ml=number(e.volume_ml),
        ),
        say("Measure what is left in bag and line, and enter it in mL."),
    )


def flush_impossible(e: Ending) -> Refusal | None:
    """Is the flush a flush?"""
    if e.flush_ml is None or 0 <= e.flush_ml <= LARGEST_FLUSH_ML:
        return None
    return Refusal(
        Why.FLUSH_IMPOSSIBLE,
        say("A flush of {flush_ml} mL cannot be right.", flush_ml=number(e.flush_ml)),
        say("Enter it in mL, such as 10."),
    )


def stopped_early_needs_reason(e: Ending) -> Refusal | None:
    """Is it said why so much was left?"""
    left = e.volume_ml * e.limits.rest_needs_reason_percent / 100
    if e.residual_ml <= left or e.residual_ml > e.volume_ml or e.stopped_early_because:
        return None
    return Refusal(
        Why.STOPPED_EARLY_NEEDS_REASON,
        say(
            "{residual_ml} mL of {volume_ml} mL were left: the infusion was stopped early.",
            residual_ml=number(e.residual_ml),
            volume_ml=number(e.volume_ml),
        ),
        say("Write why it was stopped, or correct the volume."),
    )


#: Every question before the infusion's end is kept.
ENDING = (
    end_before_start,
    end_in_future,
    residual_impossible,
    flush_impossible,
    stopped_early_needs_reason,
)


def delivered_viable_cells(viable_cells_at_thaw: int, volume_ml: Decimal, residual_ml: Decimal) -> int:
    """Viable cells at thaw × (volume − residual) / volume, down to whole cells.

    The volumes count in hundredths of a mL, so the result is exact. Source: design rule of the worked
    example. Raises ZeroDivisionError for an empty bag, which `volume_impossible` refuses.
    """
    volume, residual = int(volume_ml * 100), int(residual_ml * 100)
    return viable_cells_at_thaw * (volume - residual) // volume
