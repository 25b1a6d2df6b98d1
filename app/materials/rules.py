"""Materials: may this reagent lot or this device touch a product?"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.kernel.refusals import Refusal, first
from app.materials.models import Equipment, Material

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


def bad_code(code: str) -> Refusal | None:
    """Is this a code that people can say: capital letters and digits in groups?"""
    if len(code) <= 30 and _CODE.fullmatch(code):
        return None
    return Refusal(
        Why.BAD_CODE,
        "A code is at most 30 capital letters and digits in groups, such as HPL-25-07.",
        "Correct the code, or leave it empty and Hilo gives the next one.",
    )


def code_taken(code: str) -> Refusal:
    """Codes are never used twice."""
    return Refusal(
        Why.CODE_TAKEN,
        f"The code {code} is already in use.",
        "Leave the code empty: Hilo gives the next one.",
    )


def in_future(moment: datetime, at: datetime) -> Refusal | None:
    """Has it arrived yet?"""
    if moment <= at + TOLERANCE:
        return None
    return Refusal(
        Why.IN_FUTURE,
        "The time of receipt lies in the future.",
        "Check date and time; enter it once it is here.",
    )


def already_received(code: str, name: str, supplier_lot: str) -> Refusal:
    """One lot of a supplier is one code, or a recall would find only half of it."""
    return Refusal(
        Why.ALREADY_RECEIVED,
        f"{name} lot {supplier_lot} of this supplier is already here as {code}.",
        f"Use {code} for this delivery too.",
    )


def expired_at_receipt(expires_on: date, received_on: date) -> Refusal | None:
    """Was it still good when it came?"""
    if expires_on >= received_on:
        return None
    return Refusal(
        Why.EXPIRED_AT_RECEIPT,
        f"This lot expired on {expires_on}, before it was received.",
        "Check the date on the pack; send an expired lot back.",
    )


def calibration_overdue(due_on: date, today: date) -> Refusal | None:
    """Is the device within calibration when it is entered?"""
    if due_on >= today:
        return None
    return Refusal(
        Why.CALIBRATION_OVERDUE,
        f"The calibration was due on {due_on}.",
        "Have the device calibrated, then enter the new date.",
    )


def calibrated_later(calibrated_on: date, today: date) -> Refusal | None:
    """Was it calibrated already?"""
    if calibrated_on <= today:
        return None
    return Refusal(
        Why.IN_FUTURE,
        "The day of calibration lies in the future.",
        "Check the date on the certificate; enter it once the device was calibrated.",
    )


def unknown_material(code: str) -> Refusal:
    """No reagent lot carries this code."""
    return Refusal(
        Why.NO_SUCH_MATERIAL, f"There is no material {code[:40]}.", "Scan the pack, or receive the lot first."
    )


def unknown_equipment(code: str) -> Refusal:
    """No device carries this code."""
    return Refusal(
        Why.NO_SUCH_EQUIPMENT,
        f"There is no equipment {code[:40]}.",
        "Scan the device, or register it first.",
    )


def material_unfit(material: Material, used_at: datetime, used_on: date) -> Refusal | None:
    """Was this reagent here, and within its date, when it was used?"""
    if material.expires_on < used_on:
        return Refusal(
            Why.MATERIAL_EXPIRED,
            f"{material.name} {material.code} expired on {material.expires_on}.",
            "Take a lot that is within its date; put this one aside.",
        )
    if material.received_at > used_at + TOLERANCE:
        return Refusal(
            Why.NOT_YET_RECEIVED,
            f"{material.name} {material.code} was received after this step began.",
            "Check the code and the time of the step.",
        )
    return None


def equipment_unfit(equipment: Equipment, used_on: date) -> Refusal | None:
    """Was this device within calibration when it was used?"""
    if equipment.calibration_due_on >= used_on:
        return None
    return Refusal(
        Why.NOT_CALIBRATED,
        f"The calibration of {equipment.name} {equipment.code} was due on {equipment.calibration_due_on}.",
        "Use a calibrated device, or have this one calibrated and enter the new date.",
    )


def unfit(
    materials: Iterable[Material], equipment: Iterable[Equipment], used_at: datetime, used_on: date
) -> Refusal | None:
    """The first material or device that may not touch a product at this time."""
    return first(
        *(material_unfit(one, used_at, used_on) for one in materials),
        *(equipment_unfit(one, used_on) for one in equipment),
    )
