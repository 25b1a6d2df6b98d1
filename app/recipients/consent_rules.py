"""Consent: when was it signed, and does it stand?"""

from datetime import date, datetime, timedelta

from app.kernel.refusals import Refusal
from app.recipients.models import ConsentState, RecipientConsent
from app.recipients.rules import Why

#: A signature older than this belongs to another treatment, or its year is a slip.
OLDEST = timedelta(days=5 * 365)


def signed_when(signed_on: date, at: datetime) -> Refusal | None:
    """Was it signed by now, and not in another age?"""
    if signed_on > at.date():
        return Refusal(
            Why.SIGNED_IN_FUTURE,
            "The day of the signature lies in the future.",
            "Enter the day that stands beside the patient's signature.",
        )
    if at.date() - signed_on > OLDEST:
        return Refusal(
            Why.SIGNED_TOO_LONG_AGO,
            f"A consent of {signed_on:%Y-%m-%d} is more than five years old.",
            "Check the year. If it is right, ask the patient again and record the new signature.",
        )
    return None


def consent_unknown(code: str) -> Refusal:
    """The refusal for a consent that the patient does not have."""
    return Refusal(
        Why.CONSENT_UNKNOWN, f"This patient has no consent {code[:20]}.", "Look at the list of consents."
    )


def already_withdrawn(consent: RecipientConsent) -> Refusal | None:
    """Does it still stand?"""
    if consent.state is ConsentState.SIGNED:
        return None
    return Refusal(
        Why.CONSENT_WITHDRAWN, f"{consent.code} is withdrawn already.", "Nothing more is to be done."
    )


def withdrawn_when(withdrawn_on: date, signed_on: date, at: datetime) -> Refusal | None:
    """Did the patient take it back after signing it, and by now?"""
    if signed_on <= withdrawn_on <= at.date():
        return None
    return Refusal(
        Why.WITHDRAWN_BEFORE_SIGNED,
        "The day of the withdrawal lies before the signature, or in the future.",
        "Enter the day on which the patient took the consent back.",
    )


def sheet_missing(consent: RecipientConsent) -> Refusal:
    """The refusal where the signed sheet was never scanned."""
    return Refusal(
        Why.SHEET_MISSING,
        f"The signed sheet of {consent.code} was not scanned.",
        f"It is kept at: {consent.kept_at}.",
    )
