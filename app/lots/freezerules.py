"""Freezing: does this run belong to this step, and were its containers cooled as the limits ask?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.units import number
from app.lots.freezefile import Fault, FreezeFile, Reading
from app.lots.models import FreezeRun, FreezeVerdict, Step, UnitKind
from app.lots.process_limits import Freezing
from app.lots.rules import TOLERANCE, Why

#: What is frozen.
FROZEN = frozenset({UnitKind.BAG, UnitKind.VIAL, UnitKind.RETAINED, UnitKind.QC_SAMPLE})


@dataclass(frozen=True, slots=True)
class Judged:
    """What the limits say of a run; ``findings`` are sentences, none where it is within."""

    celsius_per_min: Decimal | None
    lowest_celsius: Decimal
    findings: tuple[str, ...]

    @property
    def verdict(self) -> FreezeVerdict:
        """Within, or outside with its findings."""
        return FreezeVerdict.OUTSIDE if self.findings else FreezeVerdict.WITHIN


def unreadable(fault: Fault) -> Refusal:
    """The file cannot be read."""
    return Refusal(
        Why.FILE_UNREADABLE,
        say("Line {line}: {sentence}", line=fault.line, sentence=fault.sentence),
        fault.next_step,
    )


def nothing_to_freeze(step: Step, kinds: Iterable[str]) -> Refusal | None:
    """Did the step fill containers?"""
    if FROZEN.intersection(kinds):
        return None
    return Refusal(
        Why.NOTHING_TO_FREEZE,
        say("Step {code} filled no bag and no vial.", code=step.code),
        say("Choose the step that filled the containers of this run."),
    )


def file_taken(run: FreezeRun | None) -> Refusal | None:
    """Is this file new?"""
    if run is None:
        return None
    return Refusal(
        Why.FILE_TAKEN,
        say("This file is kept already, as run {code}.", code=run.code),
        say("Choose the file of the other run."),
    )


def another_run(file: FreezeFile, lot: str) -> Refusal | None:
    """Does the run name this lot?"""
    if re.search(rf"(?<![A-Z0-9]){re.escape(lot)}(?![A-Z0-9])", file.run.upper()):
        return None
    return Refusal(
        Why.ANOTHER_RUN,
        say("This file is of run “{run}”, which does not name lot {lot}.", run=file.run, lot=lot),
        say("Choose the file of the run that froze lot {lot}.", lot=lot),
    )


def at_another_time(file: FreezeFile, step: Step, limits: Freezing, at: datetime) -> Refusal | None:
    """Did the run begin after the containers were filled, the same day, and is it over?"""
    latest = step.ended_at + timedelta(hours=limits.start_at_most_hours)
    if step.started_at - TOLERANCE <= file.started_at <= latest and file.ended_at <= at + TOLERANCE:
        return None
    return Refusal(
        Why.RUN_AT_ANOTHER_TIME,
        say(
            "This run lasted from {started_at} to {ended_at}; step {code} from {started_at2} to {ended_at2}.",
            started_at=_clock(file.started_at),
            ended_at=_clock(file.ended_at),
            code=step.code,
            started_at2=_clock(step.started_at),
            ended_at2=_clock(step.ended_at),
        ),
        say("Choose the run that froze these containers, and check the freezer's clock."),
    )


def judge(file: FreezeFile, filled_at: datetime, limits: Freezing) -> Judged:
    """The cooling of the sample against the limits.

    The rate is the mean in °C per minute between two temperatures below the release of latent heat, the time
    at each found by straight lines between readings.
    """
    rate = _rate(file.readings, limits.rate_from_celsius, limits.rate_to_celsius)
    lowest = min(reading.sample for reading in file.readings)
    return Judged(
        None if rate is None else Decimal(rate).quantize(Decimal("0.01")),
        Decimal(lowest).quantize(Decimal("0.1")),
        tuple(_findings(file, filled_at, limits, rate, lowest)),
    )


def _findings(
    file: FreezeFile, filled_at: datetime, limits: Freezing, rate: float | None, lowest: float
) -> list[str]:
    found: list[str] = []
    span = say(
        "from {rate_from_celsius} to {rate_to_celsius}",
        rate_from_celsius=_degrees(limits.rate_from_celsius),
        rate_to_celsius=_degrees(limits.rate_to_celsius),
    )
    slowest, fastest = limits.celsius_per_min
    if rate is None:
        found.append(say("The sample was not cooled {span}.", span=span))
    elif not slowest <= round(rate, 2) <= fastest:
        found.append(
            say(
                "From {start} to {end} it cooled {rate:.2f} °C/min; {slowest:g} to {fastest:g} are due.",
                start=_degrees(limits.rate_from_celsius),
                end=_degrees(limits.rate_to_celsius),
                rate=rate,
                slowest=slowest,
                fastest=fastest,
            )
        )
    rise = highest_rise(file.readings)
    if rise > limits.highest_rise_celsius:
        found.append(
            say(
                "The sample warmed by {rise:.1f} °C; at most {highest_rise_celsius:g} may be.",
                rise=rise,
                highest_rise_celsius=limits.highest_rise_celsius,
            )
        )
    if lowest > limits.end_at_most_celsius:
        found.append(
            say(
                "The coldest sample was {lowest}; {end_at_most_celsius} is due.",
                lowest=_degrees(lowest),
                end_at_most_celsius=_degrees(limits.end_at_most_celsius),
            )
        )
    waited = (file.started_at - filled_at).total_seconds() / 60
    if waited > limits.start_within_minutes:
        found.append(
            say(
                "The run began {waited:.0f} minutes after the filling; at most "
                "{start_within_minutes} may pass in DMSO.",
                waited=waited,
                start_within_minutes=limits.start_within_minutes,
            )
        )
    return found


def _rate(readings: Sequence[Reading], high: float, low: float) -> float | None:
    """Mean cooling in °C per minute between two temperatures of the sample; None where it misses one."""
    first, last = _reached(readings, high), _reached(readings, low)
    if first is None or last is None:
        return None
    minutes = (last - first) / 60
    return (high - low) / minutes if minutes > 0 else None


def _reached(readings: Sequence[Reading], celsius: float) -> float | None:
    """Seconds from the first reading to the last passing of this temperature on the way down."""
    start, found = readings[0].at, None
    for before, after in pairwise(readings):
        if before.sample > celsius >= after.sample:
            part = (before.sample - celsius) / (before.sample - after.sample)
            step = (after.at - before.at).total_seconds()
            found = (before.at - start).total_seconds() + part * step
    return found


def highest_rise(readings: Sequence[Reading]) -> float:
    """How far the sample ever warmed above the coldest it had been, in °C."""
    coldest, rise = readings[0].sample, 0.0
    for reading in readings:
        coldest = min(coldest, reading.sample)
        rise = max(rise, reading.sample - coldest)
    return rise


def _degrees(value: float) -> str:
    return f"{number(round(value, 1))} °C"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
