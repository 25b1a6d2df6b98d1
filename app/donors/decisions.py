"""Deciding on a donor: by signature, and again at once when a later result says otherwise."""

from datetime import date
from typing import NamedTuple, TypeVar

from app.access.permissions import Permission
from app.concerns.models import Ends, SubjectKind
from app.concerns.operations import lift_hold, place_hold
from app.concerns.queries import holds_on
from app.concerns.rules import lacks_reason, unsigned
from app.donors import events, rules
from app.donors.judgement import Judgement, Line, alarming, judge
from app.donors.models import (
    Donor,
    DonorState,
    EligibilityDecision,
    MarkerResult,
    Screening,
    Verdict,
    Withdrawn,
)
from app.donors.queries import (
    decisions_of,
    donor,
    eligibility,
    facts_of,
    record_of_eligibility,
    results_of,
    rules_of_site,
    screening_by_code,
    screenings_of,
    site_day,
    spelled_lines,
    standing_consent,
    standing_results,
)
from app.donors.rules import Why
from app.evidence.canonical import canonical, sha256_of
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning, Signature
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.work import Work

T = TypeVar("T")


class Consequence(NamedTuple):
    """What follows at once from something learnt after a decision was signed, in words."""

    happens: str
    ends: str


#: What `judge_again` does for each answer of a line that a later result makes graver, or newly reactive.
CONSEQUENCES_OF_RESULTS: dict[Verdict, Consequence] = {
    Verdict.INELIGIBLE: Consequence(
        say(
            "The donor is deferred for good, and a hold reaches everything that came from "
            "them, also bags shipped or infused; whoever holds one is told."
        ),
        say("A person of the quality unit lifts the hold with a reason and a signature; the deferral stays."),
    ),
    Verdict.RISK_ASSESSMENT: Consequence(
        say("A hold reaches everything that came from the donor."),
        say(
            "A signed risk assessment: decided eligible lifts the hold; decided ineligible "
            "defers the donor, and the hold of the deferral takes its place."
        ),
    ),
    Verdict.INCOMPLETE: Consequence(
        say("A hold reaches everything that came from the donor."),
        say("The laboratory concludes the result, and the eligibility is decided again by signature."),
    ),
    Verdict.ELIGIBLE: Consequence(
        say("Nothing is held; a disclosed result, such as anti-CMV, is told to whoever uses the cells."), "–"
    ),
}

#: What taking a consent back does, by what was taken back.
CONSEQUENCES_OF_WITHDRAWALS: dict[Withdrawn, Consequence] = {
    Withdrawn.EVERYTHING: Consequence(
        say("A hold reaches everything that came from the donor, and the donor gives no more."),
        say("A person of the quality unit lifts the hold with a reason and a signature."),
    ),
    Withdrawn.RESEARCH: Consequence(
        say("The scope of the consent shrinks to treatment; nothing made for treatment is held."), "–"
    ),
}


def done(answer: T | Refusal) -> T:
    """The result of an operation that cannot be refused here. Raises RuntimeError when it was: a bug."""
    if isinstance(answer, Refusal):
        raise RuntimeError(str(answer))
    return answer


def decide_eligibility(
    work: Work,
    screening_code: str,
    decided: Verdict,
    reason: str,
    proof: Proof,
    shown_sha256: str | None = None,
) -> EligibilityDecision | Refusal:
    """A responsible person decides on the donor, under the rule set of today, and signs what was shown.

    As the rules answer or stricter; a risk assessment either way, with its reason. The decider entered none
    of the donor's results. ``shown_sha256`` is the digest of the record on the page, which must still hold.
    An eligible decision lifts holds that wait for it; an ineligible one on an eligible donor defers.
    """
    screening = screening_by_code(work.db, screening_code)
    if screening is None:
        return rules.no_such(Why.NO_SUCH_SCREENING, "screening", screening_code)
    someone = work.db.get_one(Donor, screening.donor_id)
    judged = eligibility(work.db, screening, work.at)
    shown = record_of_eligibility(work.db, screening, work.at)
    refusal = first(
        unsigned(work.actor, proof, Permission.DONOR_DECIDE),
        rules.donor_closed(someone.code, someone.state),
        _refuses_decider(work, someone, screening, proof),
        rules.record_changed() if shown_sha256 not in (None, sha256_of(shown)) else None,
        rules.too_lenient(judged, decided),
        rules.decision_lacks_reason(judged.verdict, decided, reason),
        rules.no_such_move(someone.code, someone.state, decided),
    )
    if refusal is not None:
        return refusal
    return _decide(work, someone, screening, judged, decided, reason.strip(), proof, shown)


def _refuses_decider(work: Work, someone: Donor, screening: Screening, proof: Proof) -> Refusal | None:
    assert someone.id is not None
    newest = screenings_of(work.db, someone.id)[0]
    if newest.id != screening.id:
        return rules.not_latest(newest.code)
    entered_by = [row.result.entered_by_id for row in results_of(work.db, someone.id)]
    return rules.entered_by_decider(proof.person_id, entered_by)


def _decide(
    work: Work,
    someone: Donor,
    screening: Screening,
    judged: Judgement,
    decided: Verdict,
    reason: str,
    proof: Proof,
    shown: dict[str, object],
) -> EligibilityDecision:
    subject = Subject(SubjectKind.DONOR, someone.code)
    signature = sign(work, proof, Meaning.DECIDED, subject, {**shown, "decided": decided, "reason": reason})
    decision = _row(work, someone, screening, judged, decided, reason, signature)
    work.db.add(decision)
    after = rules.state_after(someone.state, decided)
    defers = after is DonorState.DEFERRED
    if not defers and after is not someone.state:
        _move(work, someone, after)
    record(
        work,
        events.DECIDED,
        subject,
        reason=reason or None,
        screening=screening.code,
        judged=judged.verdict,
        rule_set=judged.rule_set,
        version=judged.version,
        decided=decided,
        signature=signature.id,
    )
    if defers:
        _defer(work, someone, say("Decided ineligible on screening {code}.", code=screening.code))
    if defers or decided is Verdict.ELIGIBLE:
        words = reason or say(
            "Decided {decided} on screening {code}.", decided=decided.value, code=screening.code
        )
        _lift_waiting(work, someone, words, proof)
    return decision


def _row(
    work: Work,
    someone: Donor,
    screening: Screening,
    judged: Judgement,
    decided: Verdict,
    reason: str,
    signature: Signature,
) -> EligibilityDecision:
    assert someone.id is not None
    assert screening.id is not None
    assert signature.id is not None
    consent = standing_consent(work.db, someone.id)
    rows = results_of(work.db, someone.id)
    return EligibilityDecision(
        screening_id=screening.id,
        rule_set=judged.rule_set,
        rule_set_version=judged.version,
        judged=judged.verdict,
        decided=decided,
        explanation=canonical(spelled_lines(judged.lines)).decode(),
        reason=reason,
        decided_at=work.at,
        judged_on=judged.on,
        consent_id=consent.id if consent else None,
        up_to_result_id=rows[-1].result.id if rows else None,
        signature_id=signature.id,
    )


def _move(work: Work, someone: Donor, after: DonorState) -> None:
    assert someone.id is not None
    if not change_if(work.db, Donor, someone.id, {"state": someone.state}, state=after):
        raise RuntimeError(f"donor {someone.code} moved within one act")


def _lift_waiting(work: Work, someone: Donor, reason: str, proof: Proof) -> None:
    """The decision is the risk assessment that these holds waited for.

    Where it defers, the hold of the deferral stands in their place: one that waits for a decision on a
    donor who is closed could never end.
    """
    for hold in holds_on(work.db, [(SubjectKind.DONOR, someone.code)]):
        if hold.ends is Ends.BY_RISK_ASSESSMENT:
            done(lift_hold(work, hold.code, reason, proof, Ends.BY_RISK_ASSESSMENT))


def defer_donor(work: Work, donor_code: str, reason: str, proof: Proof) -> Donor | Refusal:
    """Defer a donor for good, such as for what they tell later; holds all that descends."""
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    refusal = first(
        unsigned(work.actor, proof, Permission.DONOR_DECIDE),
        lacks_reason(reason),
        rules.already_deferred(someone),
    )
    if refusal is not None:
        return refusal
    subject = Subject(SubjectKind.DONOR, someone.code)
    sign(work, proof, Meaning.DECIDED, subject, record_of_deferral(someone, reason.strip()))
    _defer(work, someone, reason.strip())
    _lift_waiting(work, someone, reason.strip(), proof)
    return someone


def record_of_deferral(someone: Donor, reason: str) -> dict[str, object]:
    """What somebody who defers a donor signs."""
    return {"donor": someone.code, "decided": DonorState.DEFERRED, "reason": reason}


def _defer(work: Work, someone: Donor, why: str) -> None:
    """Move to deferred and hold everything that came from this donor, in the act at hand."""
    _move(work, someone, DonorState.DEFERRED)
    subject = Subject(SubjectKind.DONOR, someone.code)
    record(work, events.DEFERRED, subject, donor=someone.code, why=why)
    done(place_hold(work, SubjectKind.DONOR, someone.code, say("Donor deferred. {why}", why=why)[:500]))


def judge_again(work: Work, someone: Donor, newest: MarkerResult) -> None:
    """What a result that comes after a decision does, in the same act as the result itself.

    Disqualifying: the donor is deferred and everything that came from them is held. To be assessed or
    concluded: a hold that waits for a signed decision. Otherwise it is only told.
    """
    if someone.state not in rules.DECIDED_STATES:
        return
    assert someone.id is not None
    screening = screenings_of(work.db, someone.id)[0]
    on = _reference_day(work, someone.id, screening)
    before, after = _before_and_after(work, screening, newest, on)
    subject = Subject(SubjectKind.DONOR, someone.code)
    record(
        work,
        events.JUDGED_AGAIN,
        subject,
        screening=screening.code,
        rule_set=after.rule_set,
        version=after.version,
        verdict=after.verdict,
    )
    lines = alarming(before, after, newest.outcome)
    if any(line.answer is Verdict.INELIGIBLE for line in lines):
        _defer(work, someone, _told(lines))
    elif lines:
        why = say("Later result, to be decided by signature. {why}", why=_told(lines))[:500]
        done(place_hold(work, SubjectKind.DONOR, someone.code, why, Ends.BY_RISK_ASSESSMENT))


def _told(lines: tuple[Line, ...]) -> str:
    return " ".join(line.sentence for line in lines)[:400]


def _reference_day(work: Work, donor_id: int, screening: Screening) -> date:
    """The day the newest screening was decided for; today while it is not decided."""
    decided = (d.judged_on for d in decisions_of(work.db, donor_id) if d.screening_id == screening.id)
    return next(decided, site_day(work.db, work.at))


def _before_and_after(
    work: Work, screening: Screening, newest: MarkerResult, on: date
) -> tuple[Judgement, Judgement]:
    """The judgement without the newest result, and with it."""
    work.db.flush()
    rows = results_of(work.db, screening.donor_id)
    earlier = [
        row.result
        for row in rows
        if row.result.id != newest.id and (not row.superseded or row.result.id == newest.supersedes_id)
    ]
    rules_now = rules_of_site(work.db)
    return (
        judge(rules_now, facts_of(work.db, screening, earlier), on),
        judge(rules_now, facts_of(work.db, screening, standing_results(rows)), on),
    )
