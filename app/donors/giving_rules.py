"""May this donor give now: what stands in the way of a collection."""

from collections.abc import Iterable

from app.donors.judgement import Line
from app.donors.models import GRAVITY, DonorState, Tissue
from app.donors.rules import Why
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word


def not_eligible(code: str, state: DonorState, needed: bool = False) -> Refusal | None:
    """Was this donor decided eligible, or incomplete and needed so urgently that it is documented?"""
    if state is DonorState.ELIGIBLE or (needed and state is DonorState.INCOMPLETE):
        return None
    return Refusal(
        Why.NOT_ELIGIBLE,
        say("Donor {code} is {state}, not eligible.", code=code, state=word(state)),
        say("Do not collect. The donor's page says what is missing and who decides."),
    )


def no_decision(code: str) -> Refusal:
    """No signed decision stands that says eligible."""
    return Refusal(
        Why.NO_DECISION,
        say("No signed decision that donor {code} is eligible stands.", code=code),
        say("Do not collect. Ask the quality unit to decide on the donor again."),
    )


def no_consent(code: str) -> Refusal:
    """Nothing is taken from anybody who does not agree."""
    return Refusal(
        Why.NO_CONSENT,
        say("No consent for treatment of donor {code} is in force.", code=code),
        say("Do not collect. Speak with the donor; record a new consent if one is given."),
    )


def on_hold(code: str, hold_code: str, why: str) -> Refusal:
    """A stop lies on the donor."""
    return Refusal(
        Why.ON_HOLD,
        say("Donor {code} is on hold ({hold_code}): {why}", code=code, hold_code=hold_code, why=why),
        say("Do not collect until the hold is lifted."),
    )


def other_tissue(code: str, decided_for: Tissue, wanted: Tissue) -> Refusal | None:
    """Is this the tissue the screening was for? Samples are timed by it."""
    if decided_for is wanted:
        return None
    return Refusal(
        Why.OTHER_TISSUE,
        say(
            "Donor {code} was screened to give {decided_for}, not {wanted}.",
            code=code,
            decided_for=word(decided_for),
            wanted=word(wanted),
        ),
        say("Open a screening for this tissue and have it decided."),
    )


def no_longer_eligible(code: str, decided: Iterable[Line], now: Iterable[Line]) -> Refusal | None:
    """Does the rule set, asked for the day of the donation, answer no worse than when it was decided?"""
    known = {line.rule: GRAVITY[line.answer] for line in decided}
    worse = [line for line in now if GRAVITY[line.answer] > known.get(line.rule, 0)]
    if not worse:
        return None
    return Refusal(
        Why.NO_LONGER_ELIGIBLE,
        say(
            "On the day of donation donor {code} does not meet the rules: {sentence}",
            code=code,
            sentence=worse[0].sentence,
        ),
        say("Do not collect. Draw a new sample and have the donor decided again."),
    )
