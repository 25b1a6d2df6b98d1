"""The questions before a unit that came back may go to stock: did custody and temperature hold?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.custody import rules
from app.custody.return_limits import Returns
from app.kernel.refusals import Refusal
from app.kernel.speech import listed, say, word
from app.kernel.units import number
from app.lots.models import UnitState

MINUTE = 60


class Why(StrEnum):
    """Why a returned unit does not go to stock."""

    NOT_RETURNED = "not_returned"
    WAY_NOT_SHOWN = "way_not_shown"
    NOT_READ = "not_read"
    TOO_WARM = "too_warm"
    UNWATCHED = "unwatched"
    RETURNED_IT = "returned_it"
    REASON_NEEDED = "reason_needed"


@dataclass(frozen=True, slots=True)
class Away:
    """The time a unit was away: from the last issue to its return, both hand-overs included."""

    unit: str
    state: UnitState
    since: datetime | None
    until: datetime | None
    #: Temperature read at each hand-over of that time, None where nobody read it, °C.
    celsius: tuple[Decimal | None, ...]
    #: Time under a logger that was judged within its limits.
    watched: tuple[tuple[datetime, datetime], ...]
    #: Shipments whose cold was not shown.
    not_shown: tuple[str, ...]
    returned_by: int | None
    decides: int | None

    @property
    def minutes_unwatched(self) -> int:
        """How long it was away without a logger, in whole minutes, each begun one counted."""
        if self.since is None or self.until is None:
            return 0
        return -(-int(_uncovered(self.since, self.until, self.watched)) // MINUTE)

    @property
    def warmest(self) -> Decimal | None:
        """The warmest hand-over; None where any was not read."""
        read = [one for one in self.celsius if one is not None]
        return max(read) if read and len(read) == len(self.celsius) else None


def _uncovered(since: datetime, until: datetime, spans: Sequence[tuple[datetime, datetime]]) -> float:
    """Seconds between the two moments that no span covers, however spans overlap."""
    missing, reached = 0.0, since
    for began, ended in sorted(spans):
        if began > reached:
            missing += (min(began, until) - reached).total_seconds()
        reached = min(max(reached, ended), until)
    return missing + max(0.0, (until - reached).total_seconds())


def not_returned(unit: str, state: UnitState) -> Refusal | None:
    """Did it come back, and is it still undecided?"""
    if state is UnitState.RETURNED:
        return None
    return Refusal(
        Why.NOT_RETURNED,
        say("{unit} is {state}: only a returned unit goes back to stock.", unit=unit, state=word(state)),
        say("Look at its custody page to see where it is."),
    )


def not_shown(away: Away) -> Refusal | None:
    """Is it shown of every shipment that the unit stayed cold?"""
    if not away.not_shown:
        return None
    return Refusal(
        Why.WAY_NOT_SHOWN,
        say(
            "It is not shown that {unit} stayed cold: {ways}.",
            unit=away.unit,
            ways=listed(away.not_shown, "; "),
        ),
        say("Have the logger's file judged. Where it was not within the limits, destroy the unit."),
    )


def not_read(away: Away) -> Refusal | None:
    """Did somebody read the temperature at every hand-over?"""
    if away.warmest is not None:
        return None
    return Refusal(
        Why.NOT_READ,
        say("At a hand-over of {unit} nobody read the temperature.", unit=away.unit),
        say("Nobody can show that it stayed cold: destroy it."),
    )


def too_warm(away: Away, limits: Returns) -> Refusal | None:
    """Was it cold enough at every hand-over?"""
    if away.warmest is None or float(away.warmest) <= limits.celsius_at_most:
        return None
    return Refusal(
        Why.TOO_WARM,
        say("{unit} was read at {celsius} °C while it was away; the limit is {limit} °C.", unit=away.unit,
            celsius=number(away.warmest), limit=number(limits.celsius_at_most)),
        say("It does not go to stock: destroy it."),
    )  # fmt: skip


def unwatched(away: Away, limits: Returns) -> Refusal | None:
    """Was it under a logger nearly all the time?"""
    if away.minutes_unwatched <= limits.minutes_without_logger_at_most:
        return None
    return Refusal(
        Why.UNWATCHED,
        say("{unit} was away for {minutes} minutes without a logger; the limit is {limit}.", unit=away.unit,
            minutes=away.minutes_unwatched, limit=limits.minutes_without_logger_at_most),
        say("Nobody can show that it stayed cold: destroy it."),
    )  # fmt: skip


def returned_it(away: Away) -> Refusal | None:
    """Does another person decide than the one who brought it back?"""
    if away.decides is None:
        return rules.no_person()
    if away.decides != away.returned_by:
        return None
    return Refusal(
        Why.RETURNED_IT,
        say("You brought {unit} back yourself.", unit=away.unit),
        say("Another person of quality decides."),
    )


def reason_needed(reason: str) -> Refusal | None:
    """Does the decision say why?"""
    if 3 <= len(reason.strip()) <= 500:
        return None
    return Refusal(
        Why.REASON_NEEDED,
        say("Nobody says why the unit goes back to stock."),
        say("Give the reason, in 3 to 500 characters."),
    )
