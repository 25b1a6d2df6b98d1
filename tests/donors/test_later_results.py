"""A later result is judged by the rules in the same act; what came from the donor is held at once."""

from datetime import timedelta

import pytest

from app.concerns.models import Ends, Hold, SubjectKind
from app.concerns.operations import lift_hold
from app.concerns.queries import holds_on
from app.concerns.rules import Why
from app.donors.forms import SupersedingForm, WithdrawalForm
from app.donors.models import DonorState, Marker, Outcome, Screening, Verdict, Withdrawn
from app.donors.operations import (
    defer_donor,
    open_screening,
    record_marker,
    supersede_marker,
    withdraw_consent,
)
from app.donors.queries import results_of
from app.evidence.queries import entries_of
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.factories import (
    SCREENED_AT,
    decide,
    decider,
    donor_of,
    marker_form,
    screened_donor,
    screening_form,
    technologist,
)
from tests.factories import act, proof

LATER = SCREENED_AT + timedelta(days=90)


def decided(site: Site, outcomes: dict[Marker, Outcome] | None = None, reason: str = "") -> Screening:
    screening = screened_donor(site, outcomes=outcomes)
    assert not isinstance(decide(site, screening, reason=reason), Refusal)
    return screening


def add(site: Site, screening: Screening, marker: Marker, outcome: Outcome) -> None:
    """A result that arrives 90 days later, on the sample of the screening."""
    with act(site, technologist(site), LATER) as work:
        assert not isinstance(
            record_marker(work, screening.code, marker_form(marker, outcome, SCREENED_AT)), Refusal
        )


def holds(site: Site, screening: Screening) -> list[Hold]:
    with site.db.reading() as db:
        return holds_on(db, [(SubjectKind.DONOR, donor_of(site, screening).code)])


@pytest.mark.parametrize(
    "marker", [Marker.ANTI_HIV_1_2, Marker.HBSAG, Marker.ANTI_HCV, Marker.ANTI_HTLV_I_II, Marker.NAT_HBV]
)
def test_a_disqualifying_later_result_defers_the_donor_and_places_a_hold(site: Site, marker: Marker) -> None:
    screening = decided(site)
    add(site, screening, marker, Outcome.REACTIVE)
    assert donor_of(site, screening).state is DonorState.DEFERRED
    (hold,) = holds(site, screening)
    assert (hold.ends, hold.placed_at) == (Ends.BY_HAND, LATER)
    assert "reactive" in hold.why


def test_a_superseded_result_is_judged_again_too(site: Site) -> None:
    screening = decided(site)
    with site.db.reading() as db:
        rows = results_of(db, screening.donor_id)
    old = next(row.result.id or 0 for row in rows if row.result.marker is Marker.HBSAG)
    form = marker_form(Marker.HBSAG).model_dump(exclude={"marker", "outcome"})
    with act(site, technologist(site), LATER) as work:
        supersede_marker(
            work, old, SupersedingForm(**form, outcome=Outcome.REACTIVE, reason="Samples were swapped")
        )
    assert donor_of(site, screening).state is DonorState.DEFERRED


@pytest.mark.parametrize(
    ("marker", "outcome"),
    [
        (Marker.ANTI_HBC, Outcome.REACTIVE),
        (Marker.SYPHILIS_SPECIFIC, Outcome.REACTIVE),
        (Marker.ANTI_HCV, Outcome.INDETERMINATE),
    ],
)
def test_a_result_to_assess_holds_until_a_signed_decision(
    site: Site, marker: Marker, outcome: Outcome
) -> None:
    screening = decided(site)
    add(site, screening, marker, outcome)
    assert donor_of(site, screening).state is DonorState.ELIGIBLE
    assert [hold.ends for hold in holds(site, screening)] == [Ends.BY_RISK_ASSESSMENT]


def test_the_signed_risk_assessment_lifts_the_hold_and_nothing_else_does(site: Site) -> None:
    screening = decided(site)
    add(site, screening, Marker.ANTI_HBC, Outcome.REACTIVE)
    (hold,) = holds(site, screening)
    signer = decider(site)
    with act(site, signer, LATER) as work:
        by_hand = lift_hold(work, hold.code, "Looks harmless.", proof(signer))
    assert isinstance(by_hand, Refusal)
    assert by_hand.reason is Why.WAITS_FOR_DECISION
    at = SCREENED_AT + timedelta(days=1)
    assert not isinstance(decide(site, screening, reason="Anti-HBs 340 IU/L.", at=at), Refusal)
    assert holds(site, screening) == []


def test_a_risk_assessment_that_ends_ineligible_defers(site: Site) -> None:
    screening = decided(site)
    add(site, screening, Marker.ANTI_HBC, Outcome.REACTIVE)
    assert not isinstance(decide(site, screening, Verdict.INELIGIBLE, "HBV DNA found.", LATER), Refusal)
    assert donor_of(site, screening).state is DonorState.DEFERRED
    (hold,) = holds(site, screening)
    assert (hold.ends, hold.placed_at) == (Ends.BY_HAND, LATER)
    assert hold.why.startswith("Donor deferred.")


def test_a_deferral_by_hand_takes_the_place_of_a_hold_that_waits(site: Site) -> None:
    screening = decided(site)
    add(site, screening, Marker.ANTI_HBC, Outcome.REACTIVE)
    signer = decider(site)
    with act(site, signer, LATER) as work:
        code = donor_of(site, screening).code
        assert not isinstance(defer_donor(work, code, "Told of hepatitis B.", proof(signer)), Refusal)
    assert [hold.ends for hold in holds(site, screening)] == [Ends.BY_HAND]


@pytest.mark.parametrize("outcome", [Outcome.REACTIVE, Outcome.INDETERMINATE, Outcome.NON_REACTIVE])
def test_a_cmv_result_is_disclosed_and_holds_nothing(site: Site, outcome: Outcome) -> None:
    screening = decided(site)
    add(site, screening, Marker.ANTI_CMV, outcome)
    assert donor_of(site, screening).state is DonorState.ELIGIBLE
    assert holds(site, screening) == []
    with site.db.reading() as db:
        told = [row["sentence"] for row in entries_of(db, "donor", donor_of(site, screening).code)]
    assert any("judged again" in sentence and sentence.endswith("eligible") for sentence in told)


def test_an_unspecific_syphilis_reaction_holds_nothing_while_the_specific_test_clears_it(site: Site) -> None:
    screening = decided(site)
    add(site, screening, Marker.SYPHILIS_NON_SPECIFIC, Outcome.REACTIVE)
    assert holds(site, screening) == []


def test_an_unspecific_syphilis_reaction_alone_holds(site: Site) -> None:
    outcomes = {Marker.SYPHILIS_NON_SPECIFIC: Outcome.NON_REACTIVE}
    screening = screened_donor(site, outcomes=outcomes)
    with site.db.reading() as db:
        rows = results_of(db, screening.donor_id)
    specific = next(row.result.id or 0 for row in rows if row.result.marker is Marker.SYPHILIS_SPECIFIC)
    form = marker_form(Marker.SYPHILIS_SPECIFIC).model_dump(exclude={"marker", "outcome"})
    form["sampled_at"] = SCREENED_AT - timedelta(days=60)
    with act(site, technologist(site), SCREENED_AT) as work:
        supersede_marker(
            work, specific, SupersedingForm(**form, outcome=Outcome.NON_REACTIVE, reason="Older sample")
        )
    assert not isinstance(decide(site, screening), Refusal)
    add(site, screening, Marker.SYPHILIS_NON_SPECIFIC, Outcome.REACTIVE)
    assert [hold.ends for hold in holds(site, screening)] == [Ends.BY_RISK_ASSESSMENT]


def test_a_reactive_result_of_a_later_screening_reaches_the_earlier_donations(site: Site) -> None:
    first = decided(site)
    with act(site, technologist(site), LATER) as work:
        again = open_screening(work, donor_of(site, first).code, screening_form(LATER))
    assert isinstance(again, Screening)
    add(site, again, Marker.ANTI_HIV_1_2, Outcome.REACTIVE)
    assert donor_of(site, first).state is DonorState.DEFERRED
    assert len(holds(site, first)) == 1


def test_results_before_a_decision_hold_nothing(site: Site) -> None:
    screening = screened_donor(site, outcomes={Marker.ANTI_HIV_1_2: Outcome.REACTIVE})
    assert donor_of(site, screening).state is DonorState.IN_SCREENING
    assert holds(site, screening) == []


def test_results_of_a_deferred_donor_are_kept_and_change_nothing(site: Site) -> None:
    screening = decided(site)
    add(site, screening, Marker.HBSAG, Outcome.REACTIVE)
    add(site, screening, Marker.ANTI_HCV, Outcome.REACTIVE)
    assert len(holds(site, screening)) == 1


def test_a_consent_taken_back_for_everything_holds_the_donor(site: Site) -> None:
    screening = decided(site)
    form = WithdrawalForm(
        scope=Withdrawn.EVERYTHING, withdrawn_on=LATER.date(), reason="Wishes to leave the programme."
    )
    with act(site, technologist(site), LATER) as work:
        withdraw_consent(work, donor_of(site, screening).code, form)
    (hold,) = holds(site, screening)
    assert hold.ends is Ends.BY_HAND


def test_a_consent_taken_back_for_research_holds_nothing(site: Site) -> None:
    screening = decided(site)
    form = WithdrawalForm(scope=Withdrawn.RESEARCH, withdrawn_on=LATER.date(), reason="Only treatment.")
    with act(site, technologist(site), LATER) as work:
        withdraw_consent(work, donor_of(site, screening).code, form)
    assert holds(site, screening) == []
