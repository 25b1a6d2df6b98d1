"""Consent: when was it signed, and does it stand?"""

from datetime import date, datetime, timedelta

from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.recipients.models import ConsentState, RecipientConsent
from app.recipients.rules import Why

#: A signature older than this belongs to another treatment, or its year is a slip.
OLDEST = timedelta(days=5 * 365)


def signed_when(signed_on: date, at: datetime) -> Refusal | None:
    """Was it signed by now, and not in another age?"""
    if signed_on > at.date():
        return Refusal(
            Why.SIGNED_IN_FUTURE,
            say("The day of the signature lies in the future."),
            say("Enter the day that stands beside the patient's signature."),
        )
    if at.date() - signed_on > OLDEST:
        return Refusal(
            Why.SIGNED_TOO_LONG_AGO,
            say("A consent of {signed_on:%Y-%m-%d} is more than five years old.", signed_on=signed_on),
            say("Check the year. If it is right, ask the patient again and record the new signature."),
        )
    return None


def consent_unknown(code: str) -> Refusal:
    """The refusal for a consent that the patient does not have."""
    return Refusal(
        Why.CONSENT_UNKNOWN,
        say("This patient has no consent {code}.", code=code[:20]),
        say("Look at the list of consents."),
    )


def already_withdrawn(consent: RecipientConsent) -> Refusal | None:
    """Does it still stand?"""
    if consent.state is ConsentState.SIGNED:
        return None
    return Refusal(
        Why.CONSENT_WITHDRAWN,
        say("{code} is withdrawn already.", code=consent.code),
        say("Nothing more is to be done."),
    )


def withdrawn_when(withdrawn_on: date, signed_on: date, at: datetime) -> Refusal | None:
    """Did the patient take it back after signing it, and by now?"""
    if signed_on <= withdrawn_on <= at.date():
        return None
    return Refusal(
        Why.WITHDRAWN_BEFORE_SIGNED,
        say("The day of the withdrawal lies before the signature, or in the future."),
        say("Enter the day on which the patient took the consent back."),
    )


def sheet_missing(consent: RecipientConsent) -> Refusal:
    """The refusal where the signed sheet was never scanned."""
    return Refusal(
        Why.SHEET_MISSING,
        say("The signed sheet of {code} was not scanned.", code=consent.code),
        say("It is kept at: {kept_at}.", kept_at=consent.kept_at),
    )
