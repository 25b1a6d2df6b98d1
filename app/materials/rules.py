"""Materials: may this reagent lot or this device touch a product?"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.materials.models import Calibration, Equipment, Material

#: How far a clock of another device may run ahead of ours.
TOLERANCE = timedelta(minutes=2)
_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)+")


class Why(StrEnum):
    """Every reason to refuse a material or a device."""

    BAD_CODE = "bad_code"
    CODE_TAKEN = "code_taken"
    IN_FUTURE = "in_future"
    ALREADY_RECEIVED = "already_received"
    EXPIRED_AT_RECEIPT = "expired_at_receipt"
    CALIBRATION_OVERDUE = "calibration_overdue"
    NO_SUCH_MATERIAL = "no_such_material"
    NO_SUCH_EQUIPMENT = "no_such_equipment"
    MATERIAL_EXPIRED = "material_expired"
    NOT_YET_RECEIVED = "not_yet_received"
    NOT_CALIBRATED = "not_calibrated"
    OPENED_TOO_LONG = "opened_too_long"
    ALREADY_OPENED = "already_opened"
    OPENED_BEFORE_RECEIPT = "opened_before_receipt"
    NO_REASON = "no_reason"
    NOT_A_CERTIFICATE = "not_a_certificate"
    DUE_BEFORE_CALIBRATED = "due_before_calibrated"
    SEVERAL_LOTS = "several_lots"
    NO_SUCH_TOOL = "no_such_tool"


def barcode_text(read: str) -> str:
    """What a scanner reads as it is kept and compared: capitals, no blanks, no control characters."""
    return "".join(sign for sign in read.upper() if sign.isprintable() and not sign.isspace())


def bad_code(code: str) -> Refusal | None:
    """Is this a code that people can say: capital letters and digits in groups?"""
    if len(code) <= 30 and _CODE.fullmatch(code):
        return None
    return Refusal(
        Why.BAD_CODE,
        say("A code is at most 30 capital letters and digits in groups, such as HPL-25-07."),
        say("Correct the code, or leave it empty and Hilo gives the next one."),
    )


def code_taken(code: str) -> Refusal:
    """Codes are never used twice."""
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already in use.", code=code),
        say("Leave the code empty: Hilo gives the next one."),
    )


def in_future(moment: datetime, at: datetime) -> Refusal | None:
    """Has it arrived yet?"""
    if moment <= at + TOLERANCE:
        return None
    return Refusal(
        Why.IN_FUTURE,
        say("The time of receipt lies in the future."),
        say("Check date and time; enter it once it is here."),
    )


def already_received(code: str, name: str, supplier_lot: str) -> Refusal:
    """One lot of a supplier is one code, or a recall would find only half of it."""
    return Refusal(
        Why.ALREADY_RECEIVED,
        say(
            "{name} lot {supplier_lot} of this supplier is already here as {code}.",
            name=name,
            supplier_lot=supplier_lot,
            code=code,
        ),
        say("Use {code} for this delivery too.", code=code),
    )


def expired_at_receipt(expires_on: date, received_on: date) -> Refusal | None:
    """Was it still good when it came?"""
    if expires_on >= received_on:
        return None
    return Refusal(
        Why.EXPIRED_AT_RECEIPT,
        say("This lot expired on {expires_on}, before it was received.", expires_on=expires_on),
        say("Check the date on the pack; send an expired lot back."),
    )


def expired_at_opening(material: Material, opened_on: date) -> Refusal | None:
    """Was it still good when it was opened?"""
    if opened_on <= material.expires_on:
        return None
    return Refusal(
        Why.MATERIAL_EXPIRED,
        say(
            "{name} {code} expired on {expires_on}, before it was opened.",
            name=material.name,
            code=material.code,
            expires_on=material.expires_on,
        ),
        say("Take a lot that is within its date; put this one aside."),
    )


def opened_unfit(material: Material, opened_on: date, received_on: date, today: date) -> Refusal | None:
    """Can it have been opened on this day, and only once?"""
    if material.opened_on is not None:
        return Refusal(
            Why.ALREADY_OPENED,
            say(
                "{name} {code} was opened on {opened_on}.",
                name=material.name,
                code=material.code,
                opened_on=material.opened_on,
            ),
            say("Use that day: a lot keeps from its first opening."),
        )
    if opened_on > today:
        return Refusal(
            Why.IN_FUTURE,
            say("The day of opening lies in the future."),
            say("Check the date; enter it once it is open."),
        )
    if opened_on < received_on:
        return Refusal(
            Why.OPENED_BEFORE_RECEIPT,
            say(
                "{code} was received on {received_on}, after this day of opening.",
                code=material.code,
                received_on=received_on,
            ),
            say("Check the date of opening."),
        )
    return None


def replaced_without_reason(material: Material, reason: str) -> Refusal | None:
    """Does somebody say why another certificate takes the place of the first?"""
    if material.certificate_id is None or reason.strip():
        return None
    return Refusal(
        Why.NO_REASON,
        say("{code} has a certificate already.", code=material.code),
        say("Say in one sentence why this file takes its place; the former one is kept."),
    )


def not_a_certificate(data: bytes) -> Refusal | None:
    """Is it a document that everybody can open?"""
    if data.startswith((b"%PDF-", b"\x89PNG\r\n\x1a\n")):
        return None
    return Refusal(
        Why.NOT_A_CERTIFICATE,
        say("This file is neither a PDF nor a PNG picture."),
        say("Save or scan the certificate as PDF, then upload it again."),
    )


def due_before_calibrated(calibrated_on: date, due_on: date) -> Refusal | None:
    """Is the next calibration due after this one?"""
    if due_on > calibrated_on:
        return None
    return Refusal(
        Why.DUE_BEFORE_CALIBRATED,
        say(
            "The next calibration, due on {due_on}, does not lie after this one of {calibrated_on}.",
            due_on=due_on,
            calibrated_on=calibrated_on,
        ),
        say("Check both dates on the certificate."),
    )


def calibration_overdue(due_on: date, today: date) -> Refusal | None:
    """Is the device within calibration when it is entered?"""
    if due_on >= today:
        return None
    return Refusal(
        Why.CALIBRATION_OVERDUE,
        say("The calibration was due on {due_on}.", due_on=due_on),
        say("Have the device calibrated, then enter the new date."),
    )


def calibrated_later(calibrated_on: date, today: date) -> Refusal | None:
    """Was it calibrated already?"""
    if calibrated_on <= today:
        return None
    return Refusal(
        Why.IN_FUTURE,
        say("The day of calibration lies in the future."),
        say("Check the date on the certificate; enter it once the device was calibrated."),
    )


def unknown_material(code: str) -> Refusal:
    """No reagent lot carries this code."""
    return Refusal(
        Why.NO_SUCH_MATERIAL,
        say("There is no material {code}.", code=code[:40]),
        say("Scan the pack, or receive the lot first."),
    )


def unknown_equipment(code: str) -> Refusal:
    """No device carries this code."""
    return Refusal(
        Why.NO_SUCH_EQUIPMENT,
        say("There is no equipment {code}.", code=code[:40]),
        say("Scan the device, or register it first."),
    )


def several_lots(barcode: str, codes: Sequence[str]) -> Refusal:
    """This barcode names the product but not the lot."""
    return Refusal(
        Why.SEVERAL_LOTS,
        say(
            "The barcode {barcode} is on {codes} lots: {codes2}.",
            barcode=barcode[:40],
            codes=len(codes),
            codes2=", ".join(codes[:5]),
        ),
        say("Choose the lot by its code, as on the pack."),
    )


def unknown_tool(text: str) -> Refusal:
    """What was scanned is neither a material nor a device."""
    return Refusal(
        Why.NO_SUCH_TOOL,
        say("Nothing in the stock carries {text}.", text=text[:40]),
        say("Scan the code on the pack or the device, or receive it first."),
    )


def material_unfit(material: Material, used_at: datetime, used_on: date) -> Refusal | None:
    """Was this reagent here, within its date, and not open for too long, when it was used?"""
    if material.expires_on < used_on:
        return Refusal(
            Why.MATERIAL_EXPIRED,
            say(
                "{name} {code} expired on {expires_on}.",
                name=material.name,
                code=material.code,
                expires_on=material.expires_on,
            ),
            say("Take a lot that is within its date; put this one aside."),
        )
    if material.usable_until < used_on:
        return Refusal(
            Why.OPENED_TOO_LONG,
            say(
                "{name} {code} was opened on {opened_on} and keeps {use_within_days} days: until "
                "{usable_until}.",
                name=material.name,
                code=material.code,
                opened_on=material.opened_on,
                use_within_days=material.use_within_days,
                usable_until=material.usable_until,
            ),
            say("Take a pack that was opened later; put this one aside."),
        )
    if material.received_at > used_at + TOLERANCE:
        return Refusal(
            Why.NOT_YET_RECEIVED,
            say("{name} {code} was received after this step began.", name=material.name, code=material.code),
            say("Check the code and the time of the step."),
        )
    return None


def equipment_unfit(
    equipment: Equipment, calibrations: Sequence[Calibration], used_on: date
) -> Refusal | None:
    """Was this device within one of its calibrations when it was used?"""
    if any(one.calibrated_on <= used_on <= one.due_on for one in calibrations):
        return None
    overdue = [one.due_on for one in calibrations if one.due_on < used_on]
    name = f"{equipment.name} {equipment.code}"
    return Refusal(
        Why.NOT_CALIBRATED,
        say("The calibration of {name} was due on {overdue}.", name=name, overdue=max(overdue))
        if overdue
        else say("{name} was not yet calibrated on {used_on}.", name=name, used_on=used_on),
        say("Use a calibrated device, or have this one calibrated and enter the new date."),
    )


def unfit(
    materials: Iterable[Material],
    equipment: Iterable[tuple[Equipment, Sequence[Calibration]]],
    used_at: datetime,
    used_on: date,
) -> Refusal | None:
    """The first material or device, with its calibrations, that may not touch a product at this time."""
    return first(
        *(material_unfit(one, used_at, used_on) for one in materials),
        *(equipment_unfit(one, calibrations, used_on) for one, calibrations in equipment),
    )
