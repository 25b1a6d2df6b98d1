"""Holds: may this stop be placed, and may this person lift it?"""

from enum import StrEnum

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.concerns.models import Ends, Hold, HoldState, SubjectKind
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.work import Actor

#: The longest reason that is kept, in characters.
LONGEST_REASON = 500


class Why(StrEnum):
    """Every reason to refuse a hold, its lifting, or a signature."""

    NO_REASON = "no_reason"
    REASON_TOO_LONG = "reason_too_long"
    NO_SUCH_SUBJECT = "no_such_subject"
    NO_SUCH_HOLD = "no_such_hold"
    ALREADY_LIFTED = "already_lifted"
    WAITS_FOR_DECISION = "waits_for_decision"
    NOT_YOUR_SIGNATURE = "not_your_signature"
    MAY_NOT_SIGN = "may_not_sign"


def lacks_reason(reason: str) -> Refusal | None:
    """Is there a reason that a colleague can read later?"""
    if not reason.strip():
        return Refusal(Why.NO_REASON, "No reason was given.", "Write in one sentence why, then try again.")
    if len(reason) > LONGEST_REASON:
        return Refusal(
            Why.REASON_TOO_LONG,
            f"The reason is longer than {LONGEST_REASON} characters.",
            "Say it shorter; details belong in a deviation.",
        )
    return None


def unsigned(actor: Actor, proof: Proof, permission: Permission) -> Refusal | None:
    """Is this the signature of the person who acts, and may that role sign this?"""
    if proof.person_id != actor.person_id:
        return Refusal(
            Why.NOT_YOUR_SIGNATURE,
            f"The signature is {proof.sign_in}'s, but {actor.sign_in} is signed in.",
            "Sign with your own name and password, or let the other person sign in.",
        )
    if not allowed(Role(proof.role), permission):
        return Refusal(
            Why.MAY_NOT_SIGN,
            f"The role {proof.role} may not sign this.",
            "Ask a colleague of the quality unit to sign.",
        )
    return None


def no_such_subject(kind: SubjectKind, code: str) -> Refusal:
    """Nothing carries this code: a hold on it would reach nothing."""
    return Refusal(
        Why.NO_SUCH_SUBJECT,
        f"There is no {kind.value} with the code {code}.",
        "Check the kind and the code, or scan the label.",
    )


def no_such_hold(code: str) -> Refusal:
    """No hold has this code."""
    return Refusal(
        Why.NO_SUCH_HOLD, f"There is no hold {code}.", "Open the list of holds and choose it there."
    )


def not_liftable(hold: Hold, by: Ends) -> Refusal | None:
    """Is the hold in force, and may it end this way?"""
    if hold.state is HoldState.LIFTED:
        return Refusal(
            Why.ALREADY_LIFTED,
            f"Hold {hold.code} was already lifted.",
            "Open the hold to see who lifted it and why.",
        )
    if hold.ends is not by:
        return Refusal(
            Why.WAITS_FOR_DECISION,
            f"Hold {hold.code} waits for a signed risk assessment of {hold.subject_code}.",
            "Decide the eligibility on the donor's page; the hold ends with the decision.",
        )
    return None
