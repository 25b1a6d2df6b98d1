"""Holds and deviations: may this stop be placed or lifted, may this deviation be assessed or closed?"""

from enum import StrEnum

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.concerns.models import Deviation, DeviationState, Ends, Hold, HoldState, SubjectKind
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.work import Actor

#: The longest reason that is kept, in characters.
LONGEST_REASON = 500


class Why(StrEnum):
    """Every reason to refuse a hold, a deviation, or what ends them."""

    NO_REASON = "no_reason"
    REASON_TOO_LONG = "reason_too_long"
    NO_SUCH_SUBJECT = "no_such_subject"
    NO_SUCH_HOLD = "no_such_hold"
    ALREADY_LIFTED = "already_lifted"
    WAITS_FOR_DECISION = "waits_for_decision"
    NOT_YOUR_SIGNATURE = "not_your_signature"
    MAY_NOT_SIGN = "may_not_sign"
    NO_SUCH_DEVIATION = "no_such_deviation"
    ALREADY_ASSESSED = "already_assessed"
    NOT_ASSESSED = "not_assessed"
    ALREADY_CLOSED = "already_closed"
    OPENED_IT = "opened_it"
    NOT_SAID = "not_said"


def lacks_reason(reason: str) -> Refusal | None:
    """Is there a reason that a colleague can read later?"""
    if not reason.strip():
        return Refusal(
            Why.NO_REASON, say("No reason was given."), say("Write in one sentence why, then try again.")
        )
    if len(reason) > LONGEST_REASON:
        return Refusal(
            Why.REASON_TOO_LONG,
            say("The reason is longer than {LONGEST_REASON} characters.", LONGEST_REASON=LONGEST_REASON),
            say("Say it shorter; details belong in a deviation."),
        )
    return None


def unsigned(actor: Actor, proof: Proof, permission: Permission) -> Refusal | None:
    """Is this the signature of the person who acts, and may that role sign this?"""
    if proof.person_id != actor.person_id:
        return Refusal(
            Why.NOT_YOUR_SIGNATURE,
            say(
                "The signature is {sign_in}'s, but {sign_in2} is signed in.",
                sign_in=proof.sign_in,
                sign_in2=actor.sign_in,
            ),
            say("Sign with your own name and password, or let the other person sign in."),
        )
    if not allowed(Role(proof.role), permission):
        return Refusal(
            Why.MAY_NOT_SIGN,
            say("The role {role} may not sign this.", role=proof.role),
            say("Ask a colleague of the quality unit to sign."),
        )
    return None


def no_such_subject(kind: SubjectKind, code: str) -> Refusal:
    """Nothing carries this code: a hold on it would reach nothing."""
    return Refusal(
        Why.NO_SUCH_SUBJECT,
        say("There is no {kind} with the code {code}.", kind=kind.value, code=code),
        say("Check the kind and the code, or scan the label."),
    )


def no_such_hold(code: str) -> Refusal:
    """No hold has this code."""
    return Refusal(
        Why.NO_SUCH_HOLD,
        say("There is no hold {code}.", code=code),
        say("Open the list of holds and choose it there."),
    )


def not_liftable(hold: Hold, by: Ends) -> Refusal | None:
    """Is the hold in force, and may it end this way?"""
    if hold.state is HoldState.LIFTED:
        return Refusal(
            Why.ALREADY_LIFTED,
            say("Hold {code} was already lifted.", code=hold.code),
            say("Open the hold to see who lifted it and why."),
        )
    if hold.ends is not by:
        return Refusal(
            Why.WAITS_FOR_DECISION,
            say(
                "Hold {code} waits for a signed risk assessment of {subject_code}.",
                code=hold.code,
                subject_code=hold.subject_code,
            ),
            say("Decide the eligibility on the donor's page; the hold ends with the decision."),
        )
    return None


def not_said(name: str, words: str) -> Refusal | None:
    """Is this part of the deviation written, and short enough to be read?"""
    if not words.strip():
        return Refusal(
            Why.NOT_SAID,
            say("The {name} is empty.", name=name),
            say("Write the {name} in a sentence or two.", name=name),
        )
    return lacks_reason(words)


def no_such_deviation(code: str) -> Refusal:
    """No deviation has this code."""
    return Refusal(
        Why.NO_SUCH_DEVIATION,
        say("There is no deviation {code}.", code=code),
        say("Open the list of deviations and choose it there."),
    )


def not_assessable(deviation: Deviation) -> Refusal | None:
    """Does the deviation still wait for its assessment?"""
    if deviation.state is DeviationState.OPEN:
        return None
    return Refusal(
        Why.ALREADY_ASSESSED,
        say("Deviation {code} was already assessed.", code=deviation.code),
        say("Open it to read the assessment; what is new belongs in a new deviation."),
    )


def not_closable(deviation: Deviation) -> Refusal | None:
    """Is the deviation assessed, and not yet closed?"""
    if deviation.state is DeviationState.CLOSED:
        return Refusal(
            Why.ALREADY_CLOSED,
            say("Deviation {code} was already closed.", code=deviation.code),
            say("Open it to read how; what is new belongs in a new deviation."),
        )
    if deviation.state is DeviationState.OPEN:
        return Refusal(
            Why.NOT_ASSESSED,
            say("The impact of deviation {code} was not assessed yet.", code=deviation.code),
            say("Assess its impact first, then close it."),
        )
    return None


def opened_it(deviation: Deviation, actor: Actor) -> Refusal | None:
    """Is the person who closes another than the one whose act opened it?"""
    if deviation.opened_by_id is None or deviation.opened_by_id != actor.person_id:
        return None
    return Refusal(
        Why.OPENED_IT,
        say(
            "{sign_in} opened deviation {code} and cannot close it.",
            sign_in=actor.sign_in,
            code=deviation.code,
        ),
        say("Ask another person of the quality unit to close it."),
    )
