"""Who may be registered, and which band may be on which wrist."""

import re
from datetime import date, datetime
from enum import StrEnum

from app.hla.typing import Typing, read_typing
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.recipients.models import Wristband, WristbandState


class Why(StrEnum):
    """Every reason this room says no."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    CODE_TAKEN = "code_taken"
    CODE_MISSHAPEN = "code_misshapen"
    RECORD_NUMBER_KNOWN = "record_number_known"
    BORN_IN_FUTURE = "born_in_future"
    TYPING_UNREADABLE = "typing_unreadable"
    TYPING_EMPTY = "typing_empty"
    TYPED_IN_FUTURE = "typed_in_future"
    REASON_MISSING = "reason_missing"
    BAND_UNKNOWN = "band_unknown"
    NOT_A_WRISTBAND = "not_a_wristband"
    BAND_OF_ANOTHER = "band_of_another"
    BAND_ALREADY_APPLIED = "band_already_applied"
    BAND_VOID = "band_void"
    NOT_PRINTABLE = "not_printable"
    SIGNED_IN_FUTURE = "signed_in_future"
    SIGNED_TOO_LONG_AGO = "signed_too_long_ago"
    CONSENT_UNKNOWN = "consent_unknown"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    WITHDRAWN_BEFORE_SIGNED = "withdrawn_before_signed"
    SHEET_MISSING = "sheet_missing"


CODE = re.compile(r"[A-Z]{2,4}-[0-9]{2,6}")


def unknown(code: str) -> Refusal:
    """The refusal for a code that nobody has."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        say("No recipient has the code {code}.", code=code[:20]),
        say("Check the code on the list of recipients."),
    )


def misshapen(code: str) -> Refusal | None:
    """Is this how a recipient's code looks?"""
    if CODE.fullmatch(code):
        return None
    return Refusal(
        Why.CODE_MISSHAPEN,
        say("A recipient's code looks like LN-01, not like {code!r}.", code=code[:20]),
        say("Use two to four capital letters, a hyphen and a number, or leave the code to Hilo."),
    )


def code_taken(code: str, taken: bool) -> Refusal | None:
    """Does the code already belong to somebody?"""
    if not taken:
        return None
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already taken.", code=code),
        say("Codes are never reused: use the next one."),
    )


def record_number_known(code: str | None) -> Refusal | None:
    """Is this patient already registered? ``code`` is the recipient who has the record number."""
    if code is None:
        return None
    return Refusal(
        Why.RECORD_NUMBER_KNOWN,
        say("A patient with this record number is already registered as {code}.", code=code),
        say("Open {code} and go on there. One patient has one code.", code=code),
    )


def born_in_future(born_on: date, at: datetime) -> Refusal | None:
    """Was the patient born yet?"""
    if born_on <= at.date():
        return None
    return Refusal(
        Why.BORN_IN_FUTURE,
        say("This birth date lies in the future."),
        say("Check the birth date on the patient's papers."),
    )


def typing_of(alleles: str) -> Typing | Refusal:
    """The HLA typing written in the text, or the first name that cannot be kept."""
    names = alleles.replace(",", " ").split()
    if not names:
        return Refusal(
            Why.TYPING_EMPTY,
            say("The typing names no allele."),
            say("Enter the alleles as reported, such as A*02:01."),
        )
    found = read_typing(names)
    if isinstance(found, Typing):
        return found
    return Refusal(Why.TYPING_UNREADABLE, found[0].sentence, found[0].next_step)


def typed_in_future(typed_on: date, at: datetime) -> Refusal | None:
    """Was the typing done yet?"""
    if typed_on <= at.date():
        return None
    return Refusal(
        Why.TYPED_IN_FUTURE,
        say("The date of the typing lies in the future."),
        say("Check the date on the report."),
    )


def reason_missing(reason: str, what: str) -> Refusal | None:
    """Was it said why?"""
    if reason.strip():
        return None
    return Refusal(
        Why.REASON_MISSING, say("{what} needs a reason.", what=what), say("Write in a few words why.")
    )


def band_unknown() -> Refusal:
    """The refusal for a serial that is on no wristband."""
    return Refusal(
        Why.BAND_UNKNOWN,
        say("No wristband has this serial."),
        say("Scan the wristband again, or print a new one on the recipient's page."),
    )


def not_a_wristband() -> Refusal:
    """The refusal for a code of ours that is on something else."""
    return Refusal(
        Why.NOT_A_WRISTBAND, say("That is not a wristband."), say("Scan the wristband that was just put on.")
    )


def band_of_another(band_recipient: str, wanted: str | None) -> Refusal | None:
    """Is the band for the patient whose page is open?"""
    if wanted is None or band_recipient == wanted:
        return None
    return Refusal(
        Why.BAND_OF_ANOTHER,
        say(
            "This wristband was printed for {band_recipient}, not for {wanted}.",
            band_recipient=band_recipient,
            wanted=wanted,
        ),
        say("Do not put it on. Find out whose band this is before going on."),
    )


def band_not_new(band: Wristband) -> Refusal | None:
    """Is this band fresh from the printer?"""
    if band.state is WristbandState.APPLIED:
        return Refusal(
            Why.BAND_ALREADY_APPLIED,
            say("This wristband is already on the wrist."),
            say("Nothing more is to be done."),
        )
    return band_void(band)


def band_void(band: Wristband) -> Refusal | None:
    """Does the band still count?"""
    if band.state is not WristbandState.VOID:
        return None
    return Refusal(
        Why.BAND_VOID, say("This wristband is void."), say("Cut it up, print a new one and scan the new one.")
    )


def not_printable(field: str) -> Refusal:
    """The refusal for a text that cannot stand on a wristband; the text itself is not repeated."""
    words = {"name": "name", "record": "record number"}.get(field, field)
    return Refusal(
        Why.NOT_PRINTABLE,
        say(
            "The {words} does not fit the wristband, or holds a character that cannot be printed.",
            words=words,
        ),
        say("Write the wristband by hand as your hospital provides, and tell the people who keep Hilo."),
    )
