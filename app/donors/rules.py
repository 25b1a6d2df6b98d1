"""Donors: may this be recorded, may this person decide, may this donor give?"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.donors.judgement import Judgement, Line
from app.donors.models import (
    GRAVITY,
    MOVES,
    Consent,
    ConsentScope,
    Donor,
    DonorState,
    Screening,
    Verdict,
    Withdrawn,
)
from app.hla.nomenclature import BadName
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word

#: How far a clock of another device may run ahead of ours.
TOLERANCE = timedelta(minutes=2)
_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)+")

#: Donors of these states have a decision that later results can overturn.
DECIDED_STATES = frozenset({DonorState.ELIGIBLE, DonorState.INCOMPLETE, DonorState.RISK_ASSESSMENT})
#: Nothing more is screened or decided for donors of these states.
CLOSED_STATES = frozenset({DonorState.INELIGIBLE, DonorState.DEFERRED})


class Why(StrEnum):
    """Every reason to refuse something about a donor."""

    BAD_CODE = "bad_code"
    CODE_TAKEN = "code_taken"
    KNOWN_PERSON = "known_person"
    NO_SUCH_DONOR = "no_such_donor"
    NO_SUCH_SCREENING = "no_such_screening"
    NO_SUCH_RESULT = "no_such_result"
    NO_SUCH_CONSENT = "no_such_consent"
    IN_FUTURE = "in_future"
    SAMPLE_AFTER_RESULT = "sample_after_result"
    ALREADY_SUPERSEDED = "already_superseded"
    ALREADY_WITHDRAWN = "already_withdrawn"
    WITHDRAWN_BEFORE_SIGNED = "withdrawn_before_signed"
    ALREADY_RECORDED = "already_recorded"
    NOTHING_GIVEN = "nothing_given"
    NOT_LATEST = "not_latest"
    DONOR_CLOSED = "donor_closed"
    BAD_TYPING = "bad_typing"
    NO_TYPING_REASON = "no_typing_reason"
    ENTERED_BY_DECIDER = "entered_by_decider"
    TOO_LENIENT = "too_lenient"
    NO_DECISION_REASON = "no_decision_reason"
    NO_SUCH_MOVE = "no_such_move"
    RECORD_CHANGED = "record_changed"
    NO_DECISION = "no_decision"
    NOT_INCOMPLETE = "not_incomplete"
    NO_URGENT_NEED = "no_urgent_need"
    NEED_DOCUMENTED = "need_documented"
    NO_PHYSICIAN = "no_physician"
    TOLD_IN_FUTURE = "told_in_future"
    NOT_ELIGIBLE = "not_eligible"
    NO_CONSENT = "no_consent"
    ON_HOLD = "on_hold"
    OTHER_TISSUE = "other_tissue"
    NO_LONGER_ELIGIBLE = "no_longer_eligible"


#: Refusals that come from the state of the record, not from what was typed.
STATE_REASONS: frozenset[StrEnum] = frozenset(
    {
        Why.ALREADY_SUPERSEDED,
        Why.ALREADY_RECORDED,
        Why.ALREADY_WITHDRAWN,
        Why.DONOR_CLOSED,
        Why.NOT_LATEST,
        Why.RECORD_CHANGED,
        Why.NO_SUCH_MOVE,
        Why.ENTERED_BY_DECIDER,
        Why.KNOWN_PERSON,
    }
)


def bad_code(code: str) -> Refusal | None:
    """Is this a code that people can say: capital letters and digits in groups?"""
    if len(code) <= 20 and _CODE.fullmatch(code):
        return None
    return Refusal(
        Why.BAD_CODE,
        say("A code is at most 20 capital letters and digits in groups, such as D-0012."),
        say("Correct the code, or leave it empty and Hilo gives the next one."),
    )


def code_taken(code: str) -> Refusal:
    """Codes are never used twice."""
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already in use.", code=code),
        say("Leave the code empty: Hilo gives the next one."),
    )


def known_person() -> Refusal:
    """A second code would part a donor from earlier results and deferrals. The first code is not told."""
    return Refusal(
        Why.KNOWN_PERSON,
        say("This person is already registered as a donor."),
        say("Ask the quality unit for the donor's code; never register a person twice."),
    )


def no_such(why: Why, what: str, code: str) -> Refusal:
    """Nothing carries this code."""
    return Refusal(
        why,
        say("There is no {what} {code}.", what=what, code=code),
        say("Check the code, or choose it from the list of donors."),
    )


def in_future(what: str, moment: datetime, at: datetime) -> Refusal | None:
    """Has this happened yet?"""
    if moment <= at + TOLERANCE:
        return None
    return _future(what)


def day_in_future(what: str, day: date, today: date) -> Refusal | None:
    """Has this day come yet at the site?"""
    return _future(what) if day > today else None


def _future(what: str) -> Refusal:
    return Refusal(
        Why.IN_FUTURE,
        say("{what} lies in the future.", what=what),
        say("Check date and time; enter it once it has happened."),
    )


def sample_after_result(sampled_at: datetime, resulted_at: datetime) -> Refusal | None:
    """Was the sample drawn before its result was reported?"""
    if sampled_at <= resulted_at:
        return None
    return Refusal(
        Why.SAMPLE_AFTER_RESULT,
        say("The sample is later than its result."),
        say("Check both times on the laboratory's report."),
    )


def already_superseded() -> Refusal:
    """One result takes one result's place."""
    return Refusal(
        Why.ALREADY_SUPERSEDED,
        say("This result was already superseded by a later one."),
        say("Supersede the later result instead."),
    )


def no_consent_to_withdraw(code: str) -> Refusal:
    """There is nothing to take back."""
    return Refusal(
        Why.NO_SUCH_CONSENT,
        say("No consent of donor {code} is in force.", code=code),
        say("Check the donor's code; the consents stand on the donor's page."),
    )


def cannot_withdraw(
    consent: Consent, taken_back: Iterable[Withdrawn], scope: Withdrawn, on: date
) -> Refusal | None:
    """Does the consent hold what is taken back, and was it signed before?"""
    if on < consent.signed_on:
        return Refusal(
            Why.WITHDRAWN_BEFORE_SIGNED,
            say("The consent was signed on {signed_on}, after the withdrawal.", signed_on=consent.signed_on),
            say("Check the date of the withdrawal."),
        )
    if scope is Withdrawn.EVERYTHING:
        return None
    if Withdrawn.RESEARCH in taken_back or consent.scope is ConsentScope.TREATMENT:
        return Refusal(
            Why.ALREADY_WITHDRAWN,
            say("This consent does not allow research, so research cannot be taken back."),
            say("If the donor takes everything back, choose that."),
        )
    return None


def history_already_there(
    screening: Screening, interviewed_on: date | None, examined_on: date | None
) -> Refusal | None:
    """Is something given, and is none of it recorded already?"""
    if interviewed_on is None and examined_on is None:
        return Refusal(
            Why.NOTHING_GIVEN,
            say("Neither an interview nor an examination was given."),
            say("Fill in the day and the outcome of at least one."),
        )
    for what, given, there in (
        ("interview", interviewed_on, screening.interviewed_on),
        ("examination", examined_on, screening.examined_on),
    ):
        if given is not None and there is not None:
            return Refusal(
                Why.ALREADY_RECORDED,
                say(
                    "The {what} of screening {code} is already recorded and is not edited.",
                    what=what,
                    code=screening.code,
                ),
                say("If it was wrong or has changed, open a new screening."),
            )
    return None


def typing_lacks_reason(reason: str) -> Refusal | None:
    """Why does this typing take the place of the earlier one?"""
    if reason.strip():
        return None
    return Refusal(
        Why.NO_TYPING_REASON,
        say("This donor is already typed; a new typing takes its place and needs a reason."),
        say("Write why, such as a typing at higher resolution."),
    )


def not_latest(newest: str) -> Refusal:
    """Only the newest screening is decided."""
    return Refusal(
        Why.NOT_LATEST,
        say("This donor has a newer screening, {newest}.", newest=newest),
        say("Open {newest} and decide there; results of earlier screenings count in it.", newest=newest),
    )


def record_changed() -> Refusal:
    """What was shown is no longer what is there."""
    return Refusal(
        Why.RECORD_CHANGED,
        say("The record changed since you opened this page. Nothing was signed."),
        say("Read the page again, then sign."),
    )


def already_deferred(someone: Donor) -> Refusal | None:
    """Deferral is final."""
    if someone.state is not DonorState.DEFERRED:
        return None
    return Refusal(
        Why.DONOR_CLOSED,
        say("Donor {code} is already deferred.", code=someone.code),
        say("Nothing more is needed; the donor's page shows the hold."),
    )


def donor_closed(code: str, state: DonorState) -> Refusal | None:
    """Is there anything left to screen or decide for this donor?"""
    if state not in CLOSED_STATES:
        return None
    return Refusal(
        Why.DONOR_CLOSED,
        say("Donor {code} is {state}; that is final.", code=code, state=state.value),
        say("Do not screen or use this donor again. Ask the quality unit if you think it is wrong."),
    )


def bad_typing(faults: Iterable[BadName]) -> Refusal:
    """Names that cannot be kept, each with its own words."""
    told = list(faults)
    sentence = " ".join(fault.sentence for fault in told[:5])
    return Refusal(Why.BAD_TYPING, sentence, told[0].next_step)


def entered_by_decider(decider_id: int | None, entered_by: Iterable[int | None]) -> Refusal | None:
    """Did somebody else enter the results? The person who did it does not check it."""
    if decider_id is None or decider_id not in set(entered_by):
        return None
    return Refusal(
        Why.ENTERED_BY_DECIDER,
        say("You entered results of this donor, so you cannot decide on them."),
        say("Ask another person of the quality unit to decide."),
    )


def too_lenient(judged: Judgement, decided: Verdict) -> Refusal | None:
    """Is the decision at least as strict as the rules, or a risk assessment of a complete screening?"""
    if GRAVITY[decided] >= GRAVITY[judged.verdict]:
        return None
    assessed = judged.verdict is Verdict.RISK_ASSESSMENT and decided is Verdict.ELIGIBLE
    if assessed and not judged.missing:
        return None
    lines = "; ".join(_bare(line) for line in judged.missing) if assessed else _bare(_gravest(judged))
    return Refusal(
        Why.TOO_LENIENT,
        say(
            "The rules answer {verdict}, so {decided} cannot be decided: {lines}.",
            verdict=_words(judged.verdict),
            decided=_words(decided),
            lines=lines,
        ),
        say("Record what is missing, or decide as the rules answer or stricter."),
    )


def _gravest(judged: Judgement) -> Line:
    return next(line for line in judged.lines if line.answer is judged.verdict)


def _bare(line: Line) -> str:
    return line.sentence.rstrip(".")


def _words(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ")


def decision_lacks_reason(judged: Verdict, decided: Verdict, reason: str) -> Refusal | None:
    """Whoever decides otherwise than the rules, or on a risk assessment, says why."""
    if reason.strip() or (decided is judged and decided is not Verdict.RISK_ASSESSMENT):
        return None
    return Refusal(
        Why.NO_DECISION_REASON,
        say(
            "The rules answer {judged}: the decision {decided} needs a reason.",
            judged=_words(judged),
            decided=_words(decided),
        ),
        say("Write the reason, such as the findings of the risk assessment."),
    )


def state_after(state: DonorState, decided: Verdict) -> DonorState:
    """Where the decision takes the donor; an eligible donor who turns out ineligible is deferred."""
    if state is DonorState.ELIGIBLE and decided is Verdict.INELIGIBLE:
        return DonorState.DEFERRED
    return DonorState(decided.value)


def no_such_move(code: str, state: DonorState, decided: Verdict) -> Refusal | None:
    """Can a donor of this state be decided so?"""
    after = state_after(state, decided)
    if after is state or after in MOVES[state]:
        return None
    return Refusal(
        Why.NO_SUCH_MOVE,
        say(
            "Donor {code} is {state} and cannot become {decided}.",
            code=code,
            state=word(state),
            decided=_words(decided),
        ),
        say("Decide eligible or ineligible, or leave the screening open until it can be decided."),
    )
