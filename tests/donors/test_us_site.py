"""A site in the United States: a setting chooses the rule set, decisions keep it, labels speak its words."""

import pytest

from app.access.models import Role
from app.config import read_settings
from app.donors.judgement import Line
from app.donors.models import BloodOf, Donor, EligibilityDecision, Marker, Outcome, Screening, Tissue, Verdict
from app.donors.operations import record_marker
from app.donors.queries import eligibility, lines_of, standing_decision
from app.donors.ruleset import rule_set
from app.donors.texts import wording, wording_of
from app.kernel.refusals import Refusal
from app.site import Site
from tests.access.factories import staff
from tests.donors.cases import EU, US
from tests.donors.factories import (
    PANEL,
    SCREENED_AT,
    decide,
    donor_of,
    marker_form,
    screened_donor,
    technologist,
)
from tests.factories import act
from tests.webapp import client_of, web

#: What the US set asks a marrow donor for in winter beyond the panel of the worked example.
MORE = {Marker.ANTI_CMV: Outcome.REACTIVE}


@pytest.fixture
def american(site: Site) -> Site:
    site.db.info["donor_rules"] = US
    return site


def test_the_setting_names_the_rule_set_of_the_site() -> None:
    assert read_settings({}).donor_rules == EU
    assert read_settings({"HILO_DONOR_RULES": US}).donor_rules == US


def test_a_decision_keeps_the_rule_set_that_judged_it(american: Site) -> None:
    screening = screened_donor(american, outcomes=MORE)
    decision = decide(american, screening)
    assert isinstance(decision, EligibilityDecision), decision
    assert (decision.rule_set, decision.rule_set_version) == (US, rule_set(US).version)
    with american.db.reading() as db:
        assert standing_decision(db, screening.donor_id) is not None


def test_what_is_eligible_in_the_eu_lacks_cmv_in_the_us(american: Site) -> None:
    answer = decide(american, screened_donor(american))
    assert isinstance(answer, Refusal)
    assert "Anti-CMV, total: not done" in answer.sentence


def test_a_result_of_the_mothers_blood_is_recorded_as_hers(american: Site) -> None:
    screening = screened_donor(american, tissue=Tissue.WHARTONS_JELLY)

    def answer() -> Verdict:
        with american.db.reading() as db:
            return eligibility(db, db.get_one(Screening, screening.id), SCREENED_AT).verdict

    assert answer() is Verdict.INCOMPLETE
    with act(american, technologist(american), SCREENED_AT) as work:
        for marker in PANEL:
            hers = marker_form(marker).model_copy(update={"blood_of": BloodOf.BIRTH_MOTHER})
            assert not isinstance(record_marker(work, screening.code, hers), Refusal)
    assert answer() is Verdict.ELIGIBLE


def test_urgent_need_labels_say_that_nothing_was_evaluated() -> None:
    found = wording(rule_set(US), Verdict.INCOMPLETE, [])
    assert found is not None
    assert found.words == (
        "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
        "WARNING: Advise patient of communicable disease risks",
    )
    assert "urgent medical need" in found.allowed


@pytest.mark.parametrize("rule", ["hbsag", "syphilis"])
def test_labels_of_an_ineligible_donor_name_the_reactive_tests(rule: str) -> None:
    lines = [Line(rule, Verdict.INELIGIBLE, "x."), Line("interview", Verdict.INELIGIBLE, "x.")]
    found = wording(rule_set(US), Verdict.INELIGIBLE, lines)
    assert found is not None
    assert found.words[0] == "BIOHAZARD"
    assert found.words[-1] == f"WARNING: Reactive test results for {rule_set(US).label_of(rule)}"


def test_without_a_reactive_test_no_label_speaks_of_one() -> None:
    found = wording(rule_set(US), Verdict.INELIGIBLE, [Line("interview", Verdict.INELIGIBLE, "x.")])
    assert found is not None
    assert not any("Reactive test results" in words for words in found.words)
    assert wording(rule_set(EU), Verdict.ELIGIBLE, []) is None


def test_after_a_deferral_labels_name_the_later_reactive_test(american: Site) -> None:
    screening = screened_donor(american, outcomes=MORE)
    assert not isinstance(decide(american, screening), Refusal)
    with american.db.reading() as db:
        assert wording_of(db, db.get_one(Donor, screening.donor_id), SCREENED_AT) is None
    with act(american, technologist(american), SCREENED_AT) as work:
        record_marker(work, screening.code, marker_form(Marker.NAT_WNV, Outcome.REACTIVE))
        found = wording_of(work.db, work.db.get_one(Donor, screening.donor_id), SCREENED_AT)
    assert found is not None
    assert found.words[-1] == "WARNING: Reactive test results for West Nile virus NAT"


def test_the_donors_page_says_what_labels_must_say(american: Site) -> None:
    screening = screened_donor(american, outcomes={**MORE, Marker.HBSAG: Outcome.REACTIVE})
    decision = decide(american, screening, Verdict.INELIGIBLE)
    assert isinstance(decision, EligibilityDecision), decision
    assert any(line.answer is Verdict.INELIGIBLE for line in lines_of(decision))
    client = client_of(american, web(american), staff(american, "quinn", Role.QUALITY))
    page = client.get(f"/donors/{donor_of(american, screening).code}").get_data(as_text=True)
    assert "WARNING: Reactive test results for HBsAg" in page
    rules = client.get("/donors/rules").get_data(as_text=True)
    assert "donations from 06-01 to 10-31" in rules
    assert "birth mother" in rules
