"""Donors: what may be recorded, and what is refused."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.access.models import Role
from app.donors.forms import (
    ConsentForm,
    HistoryForm,
    ScreeningForm,
    SupersedingForm,
    TypingForm,
    WithdrawalForm,
)
from app.donors.models import (
    Consent,
    ConsentScope,
    Donor,
    DonorIdentity,
    DonorState,
    DonorTyping,
    EligibilityDecision,
    Marker,
    Outcome,
    Screening,
    Sex,
    Tissue,
    Verdict,
    Withdrawn,
)
from app.donors.operations import (
    complete_history,
    decide_eligibility,
    defer_donor,
    open_screening,
    read_identity,
    record_consent,
    record_marker,
    record_typing,
    register_donor,
    supersede_marker,
    withdraw_consent,
)
from app.donors.queries import (
    decision_stands,
    latest_decision,
    record_of_decision,
    results_of,
    standing_consent,
    standing_decision,
    typing_of,
)
from app.donors.rules import Why
from app.evidence.canonical import sha256_of
from app.evidence.models import LedgerEntry, Signature
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.factories import (
    PANEL,
    SCREENED_AT,
    decide,
    decider,
    donor_of,
    eligible_donor,
    identity,
    marker_form,
    screened_donor,
    screening_form,
    technologist,
    typing_form,
)
from tests.factories import act, person, proof

TODAY = SCREENED_AT.date()
TOMORROW = TODAY + timedelta(days=1)
LATER = SCREENED_AT + timedelta(days=1)


def refused(answer: object, why: Why) -> None:
    """The answer is a refusal for this reason, with a sentence and a next step."""
    assert isinstance(answer, Refusal), answer
    assert answer.reason is why
    assert answer.sentence.endswith(".")
    assert answer.next_step.endswith(".")


def new_donor(site: Site) -> Donor:
    with act(site, technologist(site), SCREENED_AT) as work:
        donor = register_donor(work, identity=identity())
    assert isinstance(donor, Donor)
    return donor


# --- registration and identity


def test_a_donor_gets_the_next_code(site: Site) -> None:
    assert [new_donor(site).code, new_donor(site).code] == ["D-0001", "D-0002"]


def test_a_code_is_never_used_twice(site: Site) -> None:
    code = new_donor(site).code
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(register_donor(work, identity=identity(), code=code), Why.CODE_TAKEN)


@pytest.mark.parametrize("code", ["d-7", "D7", "D-7\n", "D-" + "7" * 30, "D 7"])
def test_a_code_that_nobody_can_say_is_refused(site: Site, code: str) -> None:
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(register_donor(work, identity=identity(), code=code), Why.BAD_CODE)


def test_the_same_person_is_not_registered_under_a_second_code(site: Site) -> None:
    """A second code would part the donor from an earlier deferral; the first code is not told."""
    who = identity()
    with act(site, technologist(site), SCREENED_AT) as work:
        assert isinstance(register_donor(work, identity=who, code="D-0006"), Donor)
        by_number = who.model_copy(update={"family_name": "Other"})
        by_name = who.model_copy(update={"record_number": "X", "family_name": who.family_name.upper()})
        for again in (by_number, by_name):
            answer = register_donor(work, identity=again)
            refused(answer, Why.KNOWN_PERSON)
            assert "D-0006" not in str(answer)


def test_reading_the_identity_needs_a_reason_and_leaves_an_event_without_it(site: Site) -> None:
    donor = new_donor(site)
    with act(site, decider(site), LATER) as work:
        who = read_identity(work, donor.code, "Donor to be called back")
        assert isinstance(who, DonorIdentity)
    with site.db.reading() as db:
        entry = db.exec(select(LedgerEntry).where(LedgerEntry.kind == "donors.identity_read")).one()
    assert entry.actor == "donor-decider"
    assert b"called back" in bytes(entry.body)


def test_reading_the_identity_without_a_reason_or_donor_is_refused(site: Site) -> None:
    donor = new_donor(site)
    with act(site, decider(site), LATER) as work:
        assert isinstance(read_identity(work, donor.code, "  "), Refusal)
        refused(read_identity(work, "D-9999", "why"), Why.NO_SUCH_DONOR)


@pytest.mark.req("D11")
def test_no_personal_fact_is_in_the_ledger_or_a_signature(site: Site) -> None:
    eligible_donor(site)
    with act(site, decider(site), LATER) as work:
        who = read_identity(work, "D-0001", "Donor to be called back")
        assert isinstance(who, DonorIdentity)
    with site.db.reading() as db:
        texts = [bytes(body) for body in db.exec(select(LedgerEntry.body)).all()]
        texts += [record.encode() for record in db.exec(select(Signature.record)).all()]
    for fact in (who.family_name, who.given_name, who.record_number, who.contact, str(who.born_on)):
        assert not any(fact.encode() in text for text in texts), fact


# --- consent


def consent_form(scope: ConsentScope = ConsentScope.TREATMENT_AND_RESEARCH) -> ConsentForm:
    return ConsentForm(form_version="CF-3", scope=scope, signed_on=TODAY)


def taking_back(scope: Withdrawn) -> WithdrawalForm:
    return WithdrawalForm(scope=scope, withdrawn_on=TODAY, reason="Said so on the telephone.")


def test_a_consent_signed_tomorrow_is_refused(site: Site) -> None:
    donor = new_donor(site)
    form = consent_form().model_copy(update={"signed_on": TOMORROW})
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(record_consent(work, donor.code, form), Why.IN_FUTURE)
        refused(record_consent(work, "D-9999", form), Why.NO_SUCH_DONOR)


def test_taking_back_research_alone_leaves_treatment_in_force(site: Site) -> None:
    donor = eligible_donor(site)
    with act(site, technologist(site), LATER) as work:
        assert not isinstance(withdraw_consent(work, donor.code, taking_back(Withdrawn.RESEARCH)), Refusal)
    with site.db.reading() as db:
        assert standing_consent(db, donor.id or 0) is not None


def test_research_cannot_be_taken_back_twice(site: Site) -> None:
    donor = eligible_donor(site)
    with act(site, technologist(site), LATER) as work:
        withdraw_consent(work, donor.code, taking_back(Withdrawn.RESEARCH))
        refused(withdraw_consent(work, donor.code, taking_back(Withdrawn.RESEARCH)), Why.ALREADY_WITHDRAWN)


def test_a_withdrawal_needs_a_consent_a_reason_and_a_possible_day(site: Site) -> None:
    bare, donor = new_donor(site), eligible_donor(site)
    form = taking_back(Withdrawn.EVERYTHING)
    with act(site, technologist(site), LATER) as work:
        refused(withdraw_consent(work, bare.code, form), Why.NO_SUCH_CONSENT)
        refused(withdraw_consent(work, "D-9999", form), Why.NO_SUCH_DONOR)
        early = form.model_copy(update={"withdrawn_on": TODAY - timedelta(days=1)})
        refused(withdraw_consent(work, donor.code, early), Why.WITHDRAWN_BEFORE_SIGNED)
        late = form.model_copy(update={"withdrawn_on": TODAY + timedelta(days=9)})
        refused(withdraw_consent(work, donor.code, late), Why.IN_FUTURE)
        assert isinstance(
            withdraw_consent(work, donor.code, form.model_copy(update={"reason": " "})), Refusal
        )


# --- screening


def test_a_screening_of_an_unknown_donor_or_with_a_taken_code_is_refused(site: Site) -> None:
    screening = screened_donor(site)
    code = donor_of(site, screening).code
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(open_screening(work, "D-9999", screening_form()), Why.NO_SUCH_DONOR)
        refused(open_screening(work, code, screening_form(), screening.code), Why.CODE_TAKEN)
        refused(open_screening(work, code, screening_form(LATER)), Why.IN_FUTURE)


def bare_screening(site: Site) -> Screening:
    form = ScreeningForm(tissue=Tissue.BONE_MARROW, sex=Sex.FEMALE, age_years=31)
    with act(site, technologist(site), SCREENED_AT) as work:
        donor = register_donor(work, identity=identity())
        assert isinstance(donor, Donor)
        screening = open_screening(work, donor.code, form)
    assert isinstance(screening, Screening)
    return screening


def test_interview_and_examination_can_follow_once_and_are_never_edited(site: Site) -> None:
    screening = bare_screening(site)
    interview = HistoryForm(interviewed_on=TODAY, interview_clear=True, htlv_risk_area=True)
    with act(site, technologist(site), SCREENED_AT) as work:
        kept = complete_history(work, screening.code, interview)
        assert isinstance(kept, Screening)
        assert kept.htlv_risk_area
        refused(complete_history(work, screening.code, interview), Why.ALREADY_RECORDED)
        refused(complete_history(work, screening.code, HistoryForm()), Why.NOTHING_GIVEN)
        examination = HistoryForm(examined_on=TODAY, examination_clear=False)
        assert isinstance(complete_history(work, screening.code, examination), Screening)
        refused(complete_history(work, "SCR-99", examination), Why.NO_SUCH_SCREENING)


def test_a_future_interview_is_refused(site: Site) -> None:
    screening = bare_screening(site)
    form = HistoryForm(interviewed_on=TOMORROW, interview_clear=True)
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(complete_history(work, screening.code, form), Why.IN_FUTURE)


# --- results


def test_a_future_result_and_a_sample_after_its_result_are_refused(site: Site) -> None:
    screening = bare_screening(site)
    form = marker_form(Marker.HBSAG)
    with act(site, technologist(site), SCREENED_AT) as work:
        future = form.model_copy(update={"resulted_at": SCREENED_AT + timedelta(minutes=3)})
        refused(record_marker(work, screening.code, future), Why.IN_FUTURE)
        backwards = form.model_copy(update={"sampled_at": SCREENED_AT + timedelta(minutes=1)})
        refused(record_marker(work, screening.code, backwards), Why.SAMPLE_AFTER_RESULT)
        refused(record_marker(work, "SCR-99", form), Why.NO_SUCH_SCREENING)


def superseding(outcome: Outcome, reason: str = "Confirmed by the reference laboratory") -> SupersedingForm:
    form = marker_form(Marker.HBSAG, outcome)
    return SupersedingForm(**form.model_dump(exclude={"marker", "outcome"}), outcome=outcome, reason=reason)


def result_id(site: Site, screening: Screening, marker: Marker) -> int:
    with site.db.reading() as db:
        rows = results_of(db, screening.donor_id)
    return next(r.result.id or 0 for r in rows if r.result.marker is marker and not r.superseded)


def test_a_result_is_superseded_once_with_a_reason_and_stays_visible(site: Site) -> None:
    screening = screened_donor(site, outcomes={Marker.HBSAG: Outcome.INDETERMINATE})
    first = result_id(site, screening, Marker.HBSAG)
    with act(site, technologist(site), LATER) as work:
        assert isinstance(supersede_marker(work, first, superseding(Outcome.NON_REACTIVE, " ")), Refusal)
        assert not isinstance(supersede_marker(work, first, superseding(Outcome.NON_REACTIVE)), Refusal)
        refused(supersede_marker(work, first, superseding(Outcome.REACTIVE)), Why.ALREADY_SUPERSEDED)
        refused(supersede_marker(work, 9999, superseding(Outcome.REACTIVE)), Why.NO_SUCH_RESULT)
    with site.db.reading() as db:
        both = [row for row in results_of(db, screening.donor_id) if row.result.marker is Marker.HBSAG]
    assert [(row.result.outcome, row.superseded) for row in both] == [
        (Outcome.INDETERMINATE, True),
        (Outcome.NON_REACTIVE, False),
    ]


# --- typing


def test_a_typing_keeps_the_names_as_the_nomenclature_spells_them(site: Site) -> None:
    donor = eligible_donor(site)
    with site.db.reading() as db:
        typing = typing_of(db, donor.id or 0)
    assert typing is not None
    assert typing.alleles.split()[:2] == ["A*02:01", "A*24:02"]


@pytest.mark.parametrize("alleles", ["A*0201", "A*02:01 A*24:02 A*01:01", "Z*01:01", "A*02:01,A*24:02"])
def test_names_that_are_no_hla_names_are_refused(site: Site, alleles: str) -> None:
    donor = new_donor(site)
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(record_typing(work, donor.code, typing_form(alleles)), Why.BAD_TYPING)


def test_a_second_typing_needs_a_reason_and_takes_the_firsts_place(site: Site) -> None:
    donor = eligible_donor(site)
    better = typing_form("A*02:01:01:01 A*24:02")
    with act(site, technologist(site), LATER) as work:
        refused(record_typing(work, donor.code, better), Why.NO_TYPING_REASON)
        refused(record_typing(work, "D-9999", better), Why.NO_SUCH_DONOR)
        form: TypingForm = better.model_copy(update={"reason": "Typed again at higher resolution"})
        kept = record_typing(work, donor.code, form)
    assert isinstance(kept, DonorTyping)
    with site.db.reading() as db:
        assert (typing_of(db, donor.id or 0) or kept).id == kept.id


def test_a_typing_of_tomorrow_is_refused(site: Site) -> None:
    donor = new_donor(site)
    with act(site, technologist(site), SCREENED_AT) as work:
        refused(record_typing(work, donor.code, typing_form(at=LATER)), Why.IN_FUTURE)


# --- decisions


def test_the_story_of_d_0007_eligible_under_the_eu_rules(site: Site) -> None:
    screening = screened_donor(site, code="D-0007")
    decision = decide(site, screening)
    assert isinstance(decision, EligibilityDecision)
    assert (decision.judged, decision.decided) == (Verdict.ELIGIBLE, Verdict.ELIGIBLE)
    assert (decision.rule_set, decision.rule_set_version) == ("eu-2006-17", "2012-39.2")
    assert donor_of(site, screening).state is DonorState.ELIGIBLE


def test_the_story_of_d_0006_assessed_and_decided_ineligible(site: Site) -> None:
    """Anti-HBc reactive with HBsAg negative: a risk assessment, decided ineligible by signature."""
    screening = screened_donor(site, code="D-0006", outcomes={Marker.ANTI_HBC: Outcome.REACTIVE})
    decision = decide(site, screening, Verdict.INELIGIBLE, "Anti-HBs below 100 IU/L.")
    assert isinstance(decision, EligibilityDecision)
    assert (decision.judged, decision.decided) == (Verdict.RISK_ASSESSMENT, Verdict.INELIGIBLE)
    assert donor_of(site, screening).state is DonorState.INELIGIBLE


def test_a_risk_assessment_may_end_eligible_with_its_reason(site: Site) -> None:
    screening = screened_donor(site, outcomes={Marker.ANTI_HBC: Outcome.REACTIVE})
    refused(decide(site, screening, Verdict.ELIGIBLE), Why.NO_DECISION_REASON)
    assert isinstance(decide(site, screening, Verdict.ELIGIBLE, "Anti-HBs 340 IU/L."), EligibilityDecision)


def test_a_risk_assessment_with_a_test_missing_cannot_end_eligible(site: Site) -> None:
    outcomes = {Marker.ANTI_HBC: Outcome.REACTIVE, Marker.ANTI_HCV: Outcome.INDETERMINATE}
    screening = screened_donor(site, outcomes=outcomes)
    refused(decide(site, screening, Verdict.ELIGIBLE, "Anti-HBs 340 IU/L."), Why.TOO_LENIENT)


@pytest.mark.parametrize("decided", [Verdict.ELIGIBLE, Verdict.INCOMPLETE, Verdict.RISK_ASSESSMENT])
def test_a_decision_is_never_more_lenient_than_ineligible(site: Site, decided: Verdict) -> None:
    screening = screened_donor(site, outcomes={Marker.HBSAG: Outcome.REACTIVE})
    refused(decide(site, screening, decided, "No reason is good enough."), Why.TOO_LENIENT)


def test_a_stricter_decision_needs_a_reason(site: Site) -> None:
    screening = screened_donor(site)
    refused(decide(site, screening, Verdict.INELIGIBLE), Why.NO_DECISION_REASON)
    assert not isinstance(decide(site, screening, Verdict.INELIGIBLE, "Recent tattoo."), Refusal)


@pytest.mark.req("A11-5/6")
def test_who_entered_a_result_does_not_decide_on_it(site: Site) -> None:
    screening = screened_donor(site)
    quality = person(site, Role.QUALITY, "enters")
    with act(site, quality, SCREENED_AT) as work:
        record_marker(work, screening.code, marker_form(Marker.ANTI_CMV))
    refused(decide(site, screening, by=quality), Why.ENTERED_BY_DECIDER)


def test_a_technologist_cannot_decide_nor_sign_for_somebody_else(site: Site) -> None:
    screening = screened_donor(site)
    refused_by_role = decide(site, screening, by=person(site, Role.TECHNOLOGIST, "bench"))
    borrowed = proof(person(site, Role.RELEASER, "qp"))
    with act(site, decider(site), SCREENED_AT) as work:
        refused_by_hand = decide_eligibility(work, screening.code, Verdict.ELIGIBLE, "", borrowed)
    assert isinstance(refused_by_role, Refusal)
    assert isinstance(refused_by_hand, Refusal)
    assert (refused_by_role.reason, refused_by_hand.reason) == ("may_not_sign", "not_your_signature")


def test_only_the_newest_screening_of_an_open_donor_is_decided(site: Site) -> None:
    first = screened_donor(site)
    code = donor_of(site, first).code
    with act(site, technologist(site), SCREENED_AT) as work:
        second = open_screening(work, code, screening_form())
    assert isinstance(second, Screening)
    refused(decide(site, first), Why.NOT_LATEST)
    with act(site, decider(site), SCREENED_AT) as work:
        answer = decide_eligibility(work, "SCR-99", Verdict.ELIGIBLE, "", proof(decider(site)))
        refused(answer, Why.NO_SUCH_SCREENING)


def test_an_ineligible_donor_stays_so(site: Site) -> None:
    screening = screened_donor(site, outcomes={Marker.HBSAG: Outcome.REACTIVE})
    assert not isinstance(decide(site, screening, Verdict.INELIGIBLE), Refusal)
    refused(decide(site, screening, Verdict.INELIGIBLE), Why.DONOR_CLOSED)
    code = donor_of(site, screening).code
    with act(site, technologist(site), LATER) as work:
        refused(open_screening(work, code, screening_form()), Why.DONOR_CLOSED)


def test_an_eligible_donor_does_not_become_incomplete(site: Site) -> None:
    screening = screened_donor(site)
    decide(site, screening)
    refused(decide(site, screening, Verdict.INCOMPLETE, "A form is lost."), Why.NO_SUCH_MOVE)


def test_an_eligible_donor_decided_ineligible_is_deferred(site: Site) -> None:
    screening = screened_donor(site)
    decide(site, screening)
    assert not isinstance(decide(site, screening, Verdict.INELIGIBLE, "Donor tells of a risk."), Refusal)
    assert donor_of(site, screening).state is DonorState.DEFERRED


def test_a_page_that_is_out_of_date_signs_nothing(site: Site) -> None:
    screening = screened_donor(site)
    signer = decider(site)
    with act(site, signer, SCREENED_AT) as work:
        answer = decide_eligibility(
            work, screening.code, Verdict.ELIGIBLE, "", proof(signer), sha256_of({"other": "page"})
        )
        refused(answer, Why.RECORD_CHANGED)
        assert work.db.exec(select(Signature)).all() == []


def test_the_signature_covers_what_was_shown_and_stands_when_results_are_added(site: Site) -> None:
    screening = screened_donor(site)
    decide(site, screening)
    with act(site, technologist(site), LATER) as work:
        record_marker(work, screening.code, marker_form(Marker.ANTI_CMV, Outcome.REACTIVE))
    with site.db.reading() as db:
        decision = latest_decision(db, screening.donor_id)
        assert decision is not None
        signature = db.get_one(Signature, decision.signature_id)
        assert signature.record_sha256 == sha256_of(record_of_decision(db, decision))
        assert decision_stands(db, decision)
        assert standing_decision(db, screening.donor_id) is not None


def test_a_deferral_by_hand_is_signed_final_and_reasoned(site: Site) -> None:
    donor = eligible_donor(site)
    signer = decider(site)
    with act(site, signer, LATER) as work:
        assert isinstance(defer_donor(work, donor.code, " ", proof(signer)), Refusal)
        refused(defer_donor(work, "D-9999", "why", proof(signer)), Why.NO_SUCH_DONOR)
        assert isinstance(defer_donor(work, donor.code, "Donor tells of a risk.", proof(signer)), Donor)
        refused(defer_donor(work, donor.code, "Again.", proof(signer)), Why.DONOR_CLOSED)
    with site.db.reading() as db:
        assert standing_decision(db, donor.id or 0) is None


def test_everything_done_so_far_verifies(site: Site) -> None:
    eligible_donor(site)
    with act(site, technologist(site), LATER) as work:
        assert not isinstance(withdraw_consent(work, "D-0001", taking_back(Withdrawn.EVERYTHING)), Refusal)
    with site.db.reading() as db:
        assert verify(db).ok
        assert db.exec(select(Consent)).all()
        assert len(results_of(db, 1)) == len(PANEL)
