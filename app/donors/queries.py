"""Reads of donors: what is known, what it is judged to mean, and which decision stands."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.concerns.models import SubjectKind
from app.concerns.queries import holds_on
from app.donors.judgement import Facts, Judgement, Line, Result, judge
from app.donors.models import (
    Consent,
    ConsentWithdrawal,
    Donor,
    DonorState,
    DonorTyping,
    EligibilityDecision,
    MarkerResult,
    Screening,
    Verdict,
    Withdrawn,
)
from app.donors.ruleset import IN_FORCE, RuleSet, rule_set
from app.evidence.models import Signature
from app.evidence.signatures import stands

#: Donors on one page of the list.
PAGE = 50


class DonorRow(NamedTuple):
    """One line of the list of donors."""

    id: int
    code: str
    state: DonorState
    registered_at: datetime
    screenings: int


class ConsentRow(NamedTuple):
    """A consent and what of it was taken back."""

    consent: Consent
    withdrawals: tuple[ConsentWithdrawal, ...]

    @property
    def in_force(self) -> bool:
        """Whether treatment is still consented to."""
        return all(one.scope is not Withdrawn.EVERYTHING for one in self.withdrawals)


class ResultRow(NamedTuple):
    """A marker result with its screening's code, who entered it, and what superseded it."""

    result: MarkerResult
    screening: str
    entered_by: str | None
    superseded: bool


def rules_of_site(db: Session) -> RuleSet:
    """The rule set that this site judges donors by."""
    return rule_set(db.info.get("donor_rules", IN_FORCE))


def site_day(db: Session, at: datetime) -> date:
    """The calendar day of a moment at the site, which rule sets count in."""
    return at.astimezone(ZoneInfo(db.info.get("zone", "UTC"))).date()


def donor(db: Session, code: str) -> Donor | None:
    """The donor with this code."""
    return db.exec(select(Donor).where(Donor.code == code)).one_or_none()


def list_donors(db: Session, after: str = "") -> list[DonorRow]:
    """A page of donors by code, and one more when there are others behind."""
    rows = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Donor.id, Donor.code, Donor.state, Donor.registered_at, func.count(col(Screening.id))
        )
        .outerjoin(Screening, col(Screening.donor_id) == col(Donor.id))
        .where(col(Donor.code) > after)
        .group_by(col(Donor.id), col(Donor.code), col(Donor.state), col(Donor.registered_at))
        .order_by(col(Donor.code))
        .limit(PAGE + 1)
    )
    return [DonorRow._make(row) for row in db.exec(rows).all()]


def held_donors(db: Session, codes: Iterable[str]) -> set[str]:
    """Which of these donors a hold in force lies on."""
    return {hold.subject_code for hold in holds_on(db, ((SubjectKind.DONOR, code) for code in codes))}


def consents_of(db: Session, donor_id: int) -> list[ConsentRow]:
    """All consents of a donor, newest first."""
    consents = db.exec(
        select(Consent).where(Consent.donor_id == donor_id).order_by(col(Consent.id).desc())
    ).all()
    ids = [consent.id for consent in consents]
    taken = db.exec(
        select(ConsentWithdrawal)
        .where(col(ConsentWithdrawal.consent_id).in_(ids))
        .order_by(col(ConsentWithdrawal.id))
    ).all()
    return [ConsentRow(one, tuple(w for w in taken if w.consent_id == one.id)) for one in consents]


def standing_consent(db: Session, donor_id: int) -> Consent | None:
    """The newest consent that still allows treatment."""
    return next((row.consent for row in consents_of(db, donor_id) if row.in_force), None)


def screening_by_code(db: Session, code: str) -> Screening | None:
    """The screening with this code."""
    return db.exec(select(Screening).where(Screening.code == code)).one_or_none()


def donor_of_screening(db: Session, code: str) -> Donor | None:
    """The donor whose screening has this code."""
    found = select(Donor).join(Screening, col(Screening.donor_id) == col(Donor.id))
    return db.exec(found.where(Screening.code == code)).one_or_none()


def screenings_of(db: Session, donor_id: int) -> list[Screening]:
    """All screenings of a donor, newest first."""
    found = select(Screening).where(Screening.donor_id == donor_id).order_by(col(Screening.id).desc())
    return list(db.exec(found).all())


def results_of(db: Session, donor_id: int, up_to: int | None = None) -> list[ResultRow]:
    """Every marker result of a donor, superseded ones too, in order of entry; ``up_to`` a result's key."""
    found = (
        select(MarkerResult, Screening.code, Person.sign_in)
        .join(Screening, col(Screening.id) == col(MarkerResult.screening_id))
        .outerjoin(Person, col(Person.id) == col(MarkerResult.entered_by_id))
        .where(Screening.donor_id == donor_id)
        .order_by(col(MarkerResult.id))
    )
    if up_to is not None:
        found = found.where(col(MarkerResult.id) <= up_to)
    rows = db.exec(found).all()
    replaced = {result.supersedes_id for result, _, _ in rows}
    return [ResultRow(result, code, sign_in, result.id in replaced) for result, code, sign_in in rows]


def standing_results(rows: Iterable[ResultRow]) -> list[MarkerResult]:
    """The results that no later one took the place of."""
    return [row.result for row in rows if not row.superseded]


def typings_of(db: Session, donor_id: int) -> list[DonorTyping]:
    """All HLA typings of a donor, newest first."""
    found = select(DonorTyping).where(DonorTyping.donor_id == donor_id)
    return list(db.exec(found.order_by(col(DonorTyping.id).desc())).all())


def typing_of(db: Session, donor_id: int) -> DonorTyping | None:
    """The HLA typing in force, or None when the donor was never typed."""
    return next(iter(typings_of(db, donor_id)), None)


def facts_of(db: Session, screening: Screening, results: Iterable[MarkerResult]) -> Facts:
    """What the rules judge: this screening's history, and these results."""
    return Facts(
        tissue=screening.tissue,
        consent=standing_consent(db, screening.donor_id) is not None,
        interviewed_on=screening.interviewed_on,
        interview_clear=screening.interview_clear,
        examined_on=screening.examined_on,
        examination_clear=screening.examination_clear,
        htlv_risk_area=screening.htlv_risk_area,
        results=tuple(Result(r.marker, r.outcome, site_day(db, r.sampled_at), r.blood_of) for r in results),
    )


def eligibility(db: Session, screening: Screening, at: datetime) -> Judgement:
    """What the rules say of this donor for a donation on the day of ``at``, line by line.

    Results of all the donor's screenings count: a reactive result stays one in the next screening.
    """
    results = standing_results(results_of(db, screening.donor_id))
    return judge(rules_of_site(db), facts_of(db, screening, results), site_day(db, at))


def lines_of(decision: EligibilityDecision) -> tuple[Line, ...]:
    """The explanation that was stored with a decision."""
    told = json.loads(decision.explanation)
    return tuple(Line(line["rule"], Verdict(line["answer"]), line["sentence"]) for line in told)


def spelled_lines(lines: Iterable[Line]) -> list[dict[str, str]]:
    """Lines of an explanation as they are stored and signed."""
    return [{"rule": x.rule, "answer": x.answer.value, "sentence": x.sentence} for x in lines]


def record_of_eligibility(db: Session, screening: Screening, at: datetime) -> dict[str, object]:
    """What the decision page shows and a decision signs, without the decision itself."""
    judged = eligibility(db, screening, at)
    rows = results_of(db, screening.donor_id)
    return _record(db, screening, standing_consent(db, screening.donor_id), rows, judged)


def record_of_decision(db: Session, decision: EligibilityDecision) -> dict[str, object]:
    """The record a decision signed, as the tables tell it now; another digest makes the signature void."""
    screening = db.get_one(Screening, decision.screening_id)
    consent = None if decision.consent_id is None else db.get_one(Consent, decision.consent_id)
    up_to = 0 if decision.up_to_result_id is None else decision.up_to_result_id
    rows = results_of(db, screening.donor_id, up_to)
    judged = Judgement(
        decision.rule_set,
        decision.rule_set_version,
        decision.judged_on,
        decision.judged,
        lines_of(decision),
    )
    shown = _record(db, screening, consent, rows, judged)
    return {**shown, "decided": decision.decided, "reason": decision.reason}


def _record(
    db: Session, screening: Screening, consent: Consent | None, rows: list[ResultRow], judged: Judgement
) -> dict[str, object]:
    agreed = consent and {
        "form_version": consent.form_version,
        "scope": consent.scope,
        "signed_on": consent.signed_on,
    }
    return {
        "donor": db.get_one(Donor, screening.donor_id).code,
        "screening": screening.code,
        "tissue": screening.tissue,
        "sex": screening.sex,
        "age_years": screening.age_years,
        "consent": agreed,
        "interviewed_on": screening.interviewed_on,
        "interview_clear": screening.interview_clear,
        "htlv_risk_area": screening.htlv_risk_area,
        "examined_on": screening.examined_on,
        "examination_clear": screening.examination_clear,
        "results": [_spelled(row) for row in rows],
        "rule_set": judged.rule_set,
        "rule_set_version": judged.version,
        "judged_on": judged.on,
        "judged": judged.verdict,
        "lines": spelled_lines(judged.lines),
    }


def _spelled(row: ResultRow) -> dict[str, Any]:
    result = row.result
    return {
        "screening": row.screening,
        "marker": result.marker,
        "outcome": result.outcome,
        "blood_of": result.blood_of,
        "sampled_at": result.sampled_at,
        "resulted_at": result.resulted_at,
        "laboratory": result.laboratory,
        "kit": result.kit,
        "entered_by": row.entered_by,
        "superseded": row.superseded,
        "reason": result.reason,
    }


def decisions_of(db: Session, donor_id: int) -> list[EligibilityDecision]:
    """All decisions on a donor, newest first."""
    found = (
        select(EligibilityDecision)
        .join(Screening, col(Screening.id) == col(EligibilityDecision.screening_id))
        .where(Screening.donor_id == donor_id)
        .order_by(col(EligibilityDecision.id).desc())
    )
    return list(db.exec(found).all())


def latest_decision(db: Session, donor_id: int) -> EligibilityDecision | None:
    """The newest decision on a donor, whatever it says."""
    return next(iter(decisions_of(db, donor_id)), None)


def decision_stands(db: Session, decision: EligibilityDecision) -> bool:
    """Whether the signature still covers what the tables tell."""
    return stands(db.get_one(Signature, decision.signature_id), record_of_decision(db, decision))


def standing_decision(db: Session, donor_id: int) -> EligibilityDecision | None:
    """The decision under which this donor may give: the newest one, if it says eligible and stands.

    None as well when the donor was deferred since. Windows and holds are asked by `may_donate`.
    """
    decision = latest_decision(db, donor_id)
    if decision is None or decision.decided is not Verdict.ELIGIBLE:
        return None
    if db.get_one(Donor, donor_id).state is not DonorState.ELIGIBLE or not decision_stands(db, decision):
        return None
    return decision
