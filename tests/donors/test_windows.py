"""Windows about to close: the last day counted ahead is the last day on which the rules still agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from app.access.models import Role
from app.donors.forms import WithdrawalForm
from app.donors.judgement import Facts, judge
from app.donors.models import GRAVITY, Marker, Outcome, Tissue, Verdict, Withdrawn
from app.donors.operations import withdraw_consent
from app.donors.ruleset import rule_set
from app.donors.windows import HORIZON, DonorWindow, closing, donor_windows, opening
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.cases import CLEAN, EU, ON, SETS, US, any_facts, facts, results_of
from tests.donors.factories import SCREENED_AT, decide, eligible_donor, screened_donor, technologist
from tests.factories import act
from tests.webapp import client_of, web

TODAY = SCREENED_AT.date()


def windows(site: Site, today: date = TODAY) -> list[DonorWindow]:
    with site.db.reading() as db:
        return donor_windows(db, today)


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=60, deadline=None)
@given(any_facts)
def test_the_last_day_agrees_with_asking_every_day_ahead(name: str, known: Facts) -> None:
    rules = rule_set(name)
    now = GRAVITY[judge(rules, known, ON).verdict]
    ahead = (ON + timedelta(days=day) for day in range(1, 60))
    worse = next((day for day in ahead if GRAVITY[judge(rules, known, day).verdict] > now), None)
    found = closing(rules, known, ON)
    if worse is not None:
        assert found is not None
        assert found[0] == worse - timedelta(days=1)
    else:
        assert found is None or found[0] >= ON + timedelta(days=59)


def test_a_season_that_begins_closes_a_window() -> None:
    may = date(2025, 5, 20)
    known = facts(results_of({**CLEAN, Marker.NAT_WNV: None}, may))
    found = closing(rule_set(US), known, may)
    assert found is not None
    assert found[0] == date(2025, 5, 31)
    assert "West Nile" in next(x.sentence for x in found[1].lines if x.answer is not Verdict.ELIGIBLE)


def test_a_window_opens_with_the_last_sample_it_needs() -> None:
    known = facts(results_of(CLEAN))
    assert opening(rule_set(EU), known, ON + timedelta(days=10)) == ON
    assert opening(rule_set(EU), facts(()), ON) is None
    assert closing(rule_set(EU), facts(()), ON) is None
    assert HORIZON > 366


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, "may_give"), (22, "may_give"), (23, "closing"), (30, "closing"), (31, "new_sample")],
)
def test_an_eligible_donor_may_give_or_needs_a_new_sample(site: Site, days: int, word: str) -> None:
    eligible_donor(site, code="D-0007")
    today = TODAY + timedelta(days=days)
    (one,) = windows(site, today)
    assert one.standing(today) == word
    if word != "new_sample":
        assert one.closes_on == TODAY + timedelta(days=30)
        assert one.then == "Anti-HIV-1,2 and 4 more on a new sample"


def test_a_donor_nobody_decided_on_has_no_window_to_close(site: Site) -> None:
    screened_donor(site, code="D-0001")
    (one,) = windows(site)
    assert (one.standing(TODAY), one.consent, one.retest_from) == ("none", "in force", None)


def test_a_consent_taken_back_is_told(site: Site) -> None:
    code = eligible_donor(site).code
    form = WithdrawalForm(scope=Withdrawn.EVERYTHING, withdrawn_on=TODAY, reason="Wishes to leave.")
    with act(site, technologist(site), SCREENED_AT) as work:
        withdraw_consent(work, code, form)
    (one,) = windows(site)
    assert (one.consent, one.standing(TODAY), one.held) == ("taken back", "new_sample", True)


def test_the_page_and_its_csv_tell_the_windows(site: Site) -> None:
    today = clock.now()
    eligible_donor(site, code="D-0007", at=today - timedelta(days=25))
    eligible_donor(site, code="D-0008", at=today)
    eligible_donor(site, code="D-0009", at=today - timedelta(days=60))
    client = client_of(site, web(site), Role.AUDITOR)
    page = client.get("/donors/windows").get_data(as_text=True)
    assert "no more donation is possible without a new sample: D-0007." in page
    for word in ("MAY GIVE", "CLOSING", "NEW SAMPLE", "a new sample is needed", "<svg"):
        assert word in page
    lines = client.get("/donors/windows.csv").get_data(as_text=True).splitlines()
    assert [line.split(",")[5] for line in lines[1:]] == ["closing", "may_give", "new_sample"]


def test_a_site_without_donors_says_so(site: Site) -> None:
    page = client_of(site, web(site), Role.AUDITOR).get("/donors/windows").get_data(as_text=True)
    assert "No donor is listed here." in page
    assert '<svg class="drawn"' not in page


def test_a_repeat_sample_is_asked_for_180_days_after_the_day_decided_for(site: Site) -> None:
    """Of adipose tissue, where the donation sample lacks a concluded NAT."""
    screening = screened_donor(site, tissue=Tissue.ADIPOSE, outcomes={Marker.NAT_HIV: Outcome.INDETERMINATE})
    assert windows(site)[0].retest_from is None
    assert not isinstance(decide(site, screening, Verdict.INCOMPLETE), Refusal)
    assert windows(site)[0].retest_from == TODAY + timedelta(days=180)
