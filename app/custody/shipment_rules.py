"""Shipments: may it be packed, sent and received, is this its logger's file, and did the cold hold?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from app.concerns.models import Severity
from app.custody.loggerfile import Fault, LoggerFile, Reading
from app.custody.models import Place, PlaceKind
from app.custody.shipment_models import LoggerVerdict, Shipment, ShipmentState
from app.custody.shipping_limits import Shipping
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.kernel.units import number

#: How far a logger's clock may run ahead of ours.
TOLERANCE = timedelta(minutes=10)


class Why(StrEnum):
    """Why a shipment is refused."""

    NO_SHIPMENT = "no_shipment"
    NO_PERSON = "no_person"
    NO_COURIER = "no_courier"
    NOT_A_SHIPPER = "not_a_shipper"
    SAME_PLACE = "same_place"
    SHIPPER_UNDER_WAY = "shipper_under_way"
    LOGGER_UNDER_WAY = "logger_under_way"
    SHIPPER_ON_HOLD = "shipper_on_hold"
    WRONG_STATE = "wrong_state"
    NOT_FROM_HERE = "not_from_here"
    NOTHING_PACKED = "nothing_packed"
    STILL_PACKED = "still_packed"
    NOT_THE_COURIER = "not_the_courier"
    UNIT_ON_HOLD = "unit_on_hold"
    NOTHING_SCANNED = "nothing_scanned"
    EXTRA_UNIT = "extra_unit"
    MISSING_UNIT = "missing_unit"
    REASON_NEEDED = "reason_needed"
    FILE_UNREADABLE = "file_unreadable"
    FILE_TAKEN = "file_taken"
    ANOTHER_LOGGER = "another_logger"
    ANOTHER_JOURNEY = "another_journey"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the limits say of a journey; ``findings`` are sentences, none where it is within."""

    verdict: LoggerVerdict
    findings: tuple[str, ...]
    #: Of the readings between packing and receipt; None where there is none.
    warmest: Decimal | None
    coldest: Decimal | None
    minutes_above: int


def judge(
    readings: Sequence[Reading], packed_at: datetime, received_at: datetime, limits: Shipping
) -> Judged:
    """The journey by its logger, from the first unit packed to the receipt; both ends are times of custody.

    Too warm or too long is an excursion. A gap, a late start or an early end is not proven: what the units
    went through is not known. Readings before and after the journey are not looked at.
    """
    inside = [one for one in readings if packed_at <= one.at <= received_at]
    limit = Decimal(str(limits.celsius_at_most))
    above = _minutes_above(inside, limit)
    warm = [*_too_warm(inside, limit, above), *_too_long(received_at - packed_at, limits)]
    unknown = _unknown(inside, packed_at, received_at, limits)
    if warm:
        verdict = LoggerVerdict.EXCURSION
    else:
        verdict = LoggerVerdict.NOT_PROVEN if unknown else LoggerVerdict.WITHIN
    degrees = [one.celsius for one in inside]
    return Judged(verdict, (*warm, *unknown), max(degrees, default=None), min(degrees, default=None), above)


def _too_warm(inside: Sequence[Reading], limit: Decimal, minutes: int) -> list[str]:
    warmest = max(inside, key=lambda one: one.celsius, default=None)
    if warmest is None or warmest.celsius <= limit:
        return []
    return [
        say(
            "The warmest reading was {celsius} °C at {at}; at most {limit} °C may be. The "
            "limit was exceeded for up to {minutes} minutes.",
            celsius=number(warmest.celsius),
            at=clock(warmest.at),
            limit=number(limit),
            minutes=minutes,
        )
    ]


def _minutes_above(inside: Sequence[Reading], limit: Decimal) -> int:
    """Minutes in which the limit may have been exceeded: every span that begins or ends above it."""
    seconds = sum(
        (after.at - before.at).total_seconds()
        for before, after in pairwise(inside)
        if before.celsius > limit or after.celsius > limit
    )
    return -(-int(seconds) // 60)


def _too_long(took: timedelta, limits: Shipping) -> list[str]:
    hours = took.total_seconds() / 3600
    if hours <= limits.journey_at_most_hours:
        return []
    return [
        say(
            "The journey took {hours:.1f} h; at most {journey_at_most_hours} h are allowed.",
            hours=hours,
            journey_at_most_hours=limits.journey_at_most_hours,
        )
    ]


def _unknown(
    inside: Sequence[Reading], packed_at: datetime, received_at: datetime, limits: Shipping
) -> list[str]:
    """Spans without a reading that are longer than the limits allow."""
    most = timedelta(minutes=limits.longest_gap_minutes)
    if not inside:
        return [say("No reading lies between the packing and the receipt.")]
    found: list[str] = []
    if inside[0].at - packed_at > most:
        found.append(
            say(
                "The readings start at {at}, but the first unit was packed at {packed_at}.",
                at=clock(inside[0].at),
                packed_at=clock(packed_at),
            )
        )
    for before, after in pairwise(inside):
        if after.at - before.at > most:
            minutes = (after.at - before.at).total_seconds() / 60
            found.append(
                say(
                    "No reading for {minutes:.0f} minutes from {at}; at most {longest_gap_minutes} may pass.",
                    minutes=minutes,
                    at=clock(before.at),
                    longest_gap_minutes=limits.longest_gap_minutes,
                )
            )
    if received_at - inside[-1].at > most:
        found.append(
            say(
                "The readings end at {at}, but the units were received at {received_at}.",
                at=clock(inside[-1].at),
                received_at=clock(received_at),
            )
        )
    return found


def clock(at: datetime) -> str:
    """A moment in words, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def severity(verdict: LoggerVerdict, limits: Shipping) -> Severity:
    """How grave the deviation of a journey that is not within is."""
    return limits.excursion if verdict is LoggerVerdict.EXCURSION else limits.not_proven


def no_shipment(code: str) -> Refusal:
    """Nothing carries this code."""
    return Refusal(
        Why.NO_SHIPMENT,
        say("There is no shipment {code}.", code=code[:20]),
        say("Open the list of shipments and choose it there."),
    )


def nobody() -> Refusal:
    """A program asks, not a person."""
    return Refusal(
        Why.NO_PERSON,
        say("A person packs and receives, not the system."),
        say("Sign in and scan again."),
    )


def no_courier(sign_in: str) -> Refusal:
    """The courier is not known here."""
    return Refusal(
        Why.NO_COURIER,
        say("Nobody here signs in as {sign_in}.", sign_in=sign_in[:40]),
        say("Name the person who carries the shipper; an account is needed to take it over."),
    )


def not_a_shipper(place: Place) -> Refusal | None:
    """Is the container one that travels?"""
    if place.kind is PlaceKind.SHIPPER:
        return None
    return Refusal(
        Why.NOT_A_SHIPPER,
        say("{place} is a {kind}, not a shipper.", place=place.code, kind=word(place.kind)),
        say("Scan the code on the shipper, or add it as a place of the kind shipper."),
    )


def same_place(origin: Place, destination: Place) -> Refusal | None:
    """Does it go anywhere?"""
    if origin.code != destination.code:
        return None
    return Refusal(
        Why.SAME_PLACE,
        say("The shipment would go from {place} to {place}.", place=origin.code),
        say("Scan the place where it is received; inside one place, move the unit instead."),
    )


def shipper_under_way(shipper: Place, other: str | None) -> Refusal | None:
    """Is the shipper at hand?"""
    if other is None:
        return None
    return Refusal(
        Why.SHIPPER_UNDER_WAY,
        say("Shipper {shipper} belongs to shipment {other}, which is under way.",
            shipper=shipper.code, other=other),
        say("Receive or cancel that shipment first, or take another shipper."),
    )  # fmt: skip


def logger_under_way(logger: str, other: str | None) -> Refusal | None:
    """Is the logger free, so that its file is about one journey?"""
    if other is None:
        return None
    return Refusal(
        Why.LOGGER_UNDER_WAY,
        say("Logger {logger} belongs to shipment {other}, which is under way.", logger=logger, other=other),
        say("Check the serial number on the logger, or take another one."),
    )


def shipper_on_hold(shipper: Place, holds: Sequence[str]) -> Refusal | None:
    """Does a stop lie on the shipper?"""
    if not holds:
        return None
    return Refusal(
        Why.SHIPPER_ON_HOLD,
        say("Shipper {shipper} is on hold: {holds}.", shipper=shipper.code, holds=", ".join(holds)),
        say("Take another shipper. Read the hold."),
    )


def not_in_state(shipment: Shipment, *due: ShipmentState) -> Refusal | None:
    """Is the shipment where this step belongs?"""
    if shipment.state in due:
        return None
    return Refusal(
        Why.WRONG_STATE,
        say("Shipment {code} is {state}.", code=shipment.code, state=word(shipment.state)),
        say("Open its page: it says what comes next."),
    )


def not_from_here(unit: str, lies_in: Sequence[str], origin: str) -> Refusal | None:
    """Does the unit lie where the shipment starts?"""
    if origin in lies_in:
        return None
    where = lies_in[0] if lies_in else say("nowhere that was recorded")
    return Refusal(
        Why.NOT_FROM_HERE,
        say("{unit} lies at {where}, and this shipment starts at {origin}.",
            unit=unit, where=where, origin=origin),
        say("Check the label, or open a shipment from the place where the unit lies."),
    )  # fmt: skip


def nothing_packed(shipment: Shipment, units: Sequence[str]) -> Refusal | None:
    """Is anything inside?"""
    if units:
        return None
    return Refusal(
        Why.NOTHING_PACKED,
        say("No unit is packed in shipment {code}.", code=shipment.code),
        say("Scan the units into it first, or cancel it."),
    )


def still_packed(shipment: Shipment, units: Sequence[str]) -> Refusal | None:
    """Is it empty, so that it can be cancelled?"""
    if not units:
        return None
    return Refusal(
        Why.STILL_PACKED,
        say("{units} lies packed in shipment {code}.", units=", ".join(units), code=shipment.code),
        say("Return the units first; then cancel the shipment."),
    )


def not_the_courier(shipment: Shipment, courier: str) -> Refusal:
    """Another person than the courier would take it on its way."""
    return Refusal(
        Why.NOT_THE_COURIER,
        say("The units of {code} were handed to {courier}, not to you.", code=shipment.code, courier=courier),
        say("Let that person sign in and take the shipper over."),
    )


def unit_on_hold(held: Sequence[tuple[str, str]]) -> Refusal | None:
    """Did a stop fall on a unit since it was packed?"""
    if not held:
        return None
    unit, holds = held[0]
    return Refusal(
        Why.UNIT_ON_HOLD,
        say("{unit} is on hold: {holds}.", unit=unit, holds=holds),
        say("Do not send it. Take it out, return it to its place, and read the hold."),
    )


def nothing_scanned(expected: Sequence[str], scanned: Sequence[str]) -> Refusal | None:
    """Was anything scanned where something is due?"""
    if scanned or not expected:
        return None
    return Refusal(
        Why.NOTHING_SCANNED,
        say("No unit was scanned; {count} are due.", count=len(expected)),
        say("Open the shipper and scan the label of each unit."),
    )


def extra_unit(shipment: Shipment, expected: Sequence[str], scanned: Sequence[str]) -> Refusal | None:
    """Was something scanned that does not travel in this shipment?"""
    extra = [unit for unit in scanned if unit not in expected]
    if not extra:
        return None
    return Refusal(
        Why.EXTRA_UNIT,
        say("{units} does not travel in shipment {code}.", units=", ".join(extra), code=shipment.code),
        say("Put it aside, do not use it, and call the sender. Then receive the units that belong here."),
    )


def missing_unit(missing: Sequence[str], reason: str) -> Refusal | None:
    """Is every unit there, or does somebody say why not?"""
    if not missing or reason.strip():
        return None
    return Refusal(
        Why.MISSING_UNIT,
        say("{units} travels in this shipment and was not scanned.", units=", ".join(missing)),
        say(
            "Look in the shipper and scan it. If it is not there, say so below: a deviation is opened on it."
        ),
    )


def reason_needed(what: str, reason: str) -> Refusal | None:
    """Is there a reason that a colleague can read later?"""
    if reason.strip():
        return None
    return Refusal(Why.REASON_NEEDED, what, say("Write in one sentence why, then try again."))


def unreadable(fault: Fault) -> Refusal:
    """The file cannot be read."""
    return Refusal(
        Why.FILE_UNREADABLE,
        say("Line {line}: {sentence}", line=fault.line, sentence=fault.sentence),
        fault.next_step,
    )


def file_taken(other: str | None) -> Refusal | None:
    """Is this file new?"""
    if other is None:
        return None
    return Refusal(
        Why.FILE_TAKEN,
        say("This file is kept already, with shipment {other}.", other=other),
        say("Choose the file of this journey."),
    )


def another_logger(shipment: Shipment, file: LoggerFile) -> Refusal | None:
    """Is it the logger that was packed?"""
    if file.serial.casefold() == shipment.logger.casefold():
        return None
    return Refusal(
        Why.ANOTHER_LOGGER,
        say("This file is of logger {serial}; logger {logger} was packed with {code}.",
            serial=file.serial, logger=shipment.logger, code=shipment.code),
        say("Choose the file of the logger that lay in this shipper."),
    )  # fmt: skip


def another_journey(
    file: LoggerFile, packed_at: datetime, received_at: datetime, at: datetime
) -> Refusal | None:
    """Do the readings touch this journey, and are they all in the past?"""
    first, last = file.readings[0].at, file.readings[-1].at
    touches = any(packed_at <= one.at <= received_at for one in file.readings)
    if touches and last <= at + TOLERANCE:
        return None
    return Refusal(
        Why.ANOTHER_JOURNEY,
        say("These readings run from {first} to {last}; the journey from {packed} to {received}.",
            first=clock(first), last=clock(last), packed=clock(packed_at), received=clock(received_at)),
        say("Choose the file of this journey; check the logger's clock and the time zone."),
    )  # fmt: skip
