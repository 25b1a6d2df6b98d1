"""The questions of custody: may this unit leave, may it be taken, and is its history whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.labeling.models import LabelState
from app.lots.models import FATES, LotState, UnitState


class Why(StrEnum):
    """Why custody says no."""

    NO_UNIT = "no_unit"
    NO_PLACE = "no_place"
    NO_PERSON = "no_person"
    PLACE_TAKEN = "place_taken"
    WRONG_STATE = "wrong_state"
    ON_HOLD = "on_hold"
    NOT_RELEASED = "not_released"
    NO_LABEL = "no_label"
    CUSTODY_GAP = "custody_gap"
    NOT_YOURS = "not_yours"
    EXPIRED = "expired"
    NOT_A_LABEL = "not_a_label"
    VOID_LABEL = "void_label"
    CONDITION_NEEDED = "condition_needed"


@dataclass(frozen=True, slots=True)
class Link:
    """One hand-over, as the rules see it."""

    link: int
    giver: int
    taker: int
    at: datetime


def gaps(chain: Sequence[Link]) -> list[str]:
    """Where custody is broken: taker(n) must be giver(n+1), links count without holes, time goes forward."""
    found: list[str] = []
    for former, later in pairwise(chain):
        if later.link != former.link + 1:
            found.append(say("link {link} is missing", link=former.link + 1))
        if later.giver != former.taker:
            found.append(
                say(
                    "link {link} was given by somebody who had not taken it in link {link2}",
                    link=later.link,
                    link2=former.link,
                )
            )
        if later.at < former.at:
            found.append(say("link {link} is earlier than link {link2}", link=later.link, link2=former.link))
    if chain and chain[0].link != 1:
        found.insert(0, say("the first link is missing"))
    return found


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that is known when a unit is to leave the laboratory."""

    unit: str
    state: UnitState
    lot_state: LotState | None
    release_stands: bool
    holds: tuple[str, ...]
    label_applied: bool
    expires_at: datetime | None
    gaps: tuple[str, ...]
    stored: bool
    at: datetime


def not_allocated(s: Leaving) -> Refusal | None:
    """Is the unit set aside for an order?"""
    if s.state is UnitState.ALLOCATED:
        return None
    return Refusal(
        Why.WRONG_STATE,
        say("{unit} is {state}, not allocated to an order.", unit=s.unit, state=word(s.state)),
        say("Allocate it first; only allocated units are issued."),
    )


def not_released(s: Leaving) -> Refusal | None:
    """Does the lot's release stand?"""
    if s.lot_state in (LotState.RELEASED, LotState.CONDITIONALLY_RELEASED) and s.release_stands:
        return None
    return Refusal(
        Why.NOT_RELEASED,
        say("The release of {unit} does not stand.", unit=s.unit),
        say("Do not issue it. Call quality."),
    )


def on_hold(s: Leaving) -> Refusal | None:
    """Does a hold reach the unit?"""
    if not s.holds:
        return None
    return Refusal(
        Why.ON_HOLD,
        say("{unit} is on hold: {holds}.", unit=s.unit, holds=", ".join(s.holds)),
        say("Do not issue it. Read the hold."),
    )


def expired(s: Leaving) -> Refusal | None:
    """Is it still within its time?"""
    if s.expires_at is None or s.at < s.expires_at:
        return None
    return Refusal(
        Why.EXPIRED,
        say("{unit} expired on {expires_at:%Y-%m-%d}.", unit=s.unit, expires_at=s.expires_at),
        say("Do not issue it. Call quality."),
    )


def no_label(s: Leaving) -> Refusal | None:
    """Is a label on it?"""
    if s.label_applied:
        return None
    return Refusal(
        Why.NO_LABEL,
        say("{unit} has no applied label.", unit=s.unit),
        say("Print a label, stick it on and scan it back."),
    )


def custody_gap(s: Leaving) -> Refusal | None:
    """Is its custody whole up to here?"""
    if s.stored and not s.gaps:
        return None
    what = "; ".join(s.gaps) or say("it was never stored")
    return Refusal(
        Why.CUSTODY_GAP,
        say("The custody of {unit} is broken: {what}.", unit=s.unit, what=what),
        say("Do not issue it. Call quality."),
    )


LEAVING = (not_allocated, not_released, on_hold, expired, no_label, custody_gap)


#: Units that are in somebody's hands: they are received or returned, never simply put down.
_ON_THE_WAY = frozenset({UnitState.ISSUED, UnitState.IN_TRANSIT, UnitState.THAWED})


def may_store(unit: str, state: UnitState) -> Refusal | None:
    """Is the unit still there, and not on its way to a patient?"""
    if state in FATES and state is not UnitState.RETAINED:
        return Refusal(
            Why.WRONG_STATE,
            say("{unit} is {state}: it cannot be stored.", unit=unit, state=state.value),
            say("Check the code on the label."),
        )
    if state in _ON_THE_WAY:
        return Refusal(
            Why.WRONG_STATE,
            say("{unit} is {state}: it left the laboratory.", unit=unit, state=word(state)),
            say("Receive it where it was sent, or return it."),
        )
    return None


def no_unit(code: str) -> Refusal:
    """Nothing here has this code."""
    return Refusal(
        Why.NO_UNIT,
        say("There is no unit {unit_code}.", unit_code=code[:40]),
        say("Check the code on the label."),
    )


def no_person() -> Refusal:
    """A program asks, not a person."""
    return Refusal(
        Why.NO_PERSON,
        say("A person gives and takes a unit, not the system."),
        say("Sign in and scan again."),
    )


def carried_by_another(unit: str, carrier: int, carrier_name: str, person: int | None) -> Refusal | None:
    """Is the person who takes the unit on its way the one it was handed to?"""
    if person == carrier:
        return None
    return Refusal(
        Why.NOT_YOURS,
        say("{unit} was handed to {carrier_name}, not to you.", unit=unit, carrier_name=carrier_name),
        say("Let that person sign in, or receive the unit from them first."),
    )


def has_condition(condition: str) -> Refusal | None:
    """Every hand-over says how the container looked."""
    if 3 <= len(condition.strip()) <= 200:
        return None
    return Refusal(
        Why.CONDITION_NEEDED,
        say("Say how the container looks, in 3 to 200 characters."),
        say("For example: intact, frozen, label readable."),
    )


def void_label(serial: str, unit: str, state: LabelState) -> Refusal | None:
    """Is the scanned piece the one that counts for its unit?"""
    if state is LabelState.APPLIED:
        return None
    return Refusal(
        Why.VOID_LABEL,
        say("VOID: label {serial} of {unit} is {state}.", serial=serial, unit=unit, state=state.value),
        say("Do not move this unit. Call quality, and scan the label that is applied."),
    )
