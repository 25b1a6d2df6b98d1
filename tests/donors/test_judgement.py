"""Both rule sets against a second reading of the law, on all combinations and at every boundary."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.donors.judgement import Facts, Result, judge
from app.donors.models import GRAVITY, BloodOf, Marker, Outcome, Tissue, Verdict
from app.donors.queries import site_day
from app.donors.ruleset import rule_set
from tests.donors.cases import (
    CLEAN,
    DONATIONS,
    EU,
    ON,
    SETS,
    SUMMER,
    US,
    Status,
    any_facts,
    both,
    crossing,
    facts,
    one_result,
    pairs,
    results_of,
)

#: Ages of a sample in days on both sides of every boundary; minus is after the donation.
AGES = (60, 31, 30, 8, 7, 1, 0, -1, -7, -8, -179, -180)


@pytest.mark.req("D7")
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("tissue", [Tissue.BONE_MARROW, Tissue.ADIPOSE])
@pytest.mark.parametrize("risk_area", [True, False])
@pytest.mark.parametrize("table", [pairs, crossing])
def test_the_whole_decision_table_agrees_with_the_second_reading(
    name: str, tissue: Tissue, risk_area: bool, table: Callable[[], Iterator[dict[Marker, Status]]]
) -> None:
    for statuses in table():
        ours, theirs = both(facts(results_of(statuses), tissue, risk_area=risk_area), name=name)
        assert ours == theirs, statuses


@pytest.mark.req("D7")
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("tissue", list(Tissue))
@pytest.mark.parametrize("on", [ON, SUMMER])
def test_every_agent_outcome_timing_and_donor_agrees_with_the_second_reading(
    name: str, tissue: Tissue, on: date
) -> None:
    """Each marker with each outcome at each age, of each blood, in each kind of donor, all others clean."""
    for marker, outcome, age, whose, area in product(Marker, Outcome, AGES, BloodOf, (True, False)):
        others = results_of({**CLEAN, marker: None}, on)
        this = Result(marker, outcome, on - timedelta(days=age), whose)
        known = facts((*others, this), tissue, risk_area=area)
        ours, theirs = both(known, on, name)
        assert ours == theirs, this


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=150, deadline=None)
@given(any_facts, one_result)
def test_a_result_changes_no_line_but_its_own_and_the_repeat(name: str, known: Facts, extra: Result) -> None:
    """Why every combination of agents follows from every combination within one line."""
    rules = rule_set(name)
    more = facts((*known.results, extra), known.tissue, risk_area=known.htlv_risk_area)
    own = {extra.marker.value, "repeat_sample"}
    own |= {two.id for two in rules.two_step if extra.marker in (two.screen, two.confirm)}
    before = judge(rules, facts(known.results, known.tissue, risk_area=known.htlv_risk_area), ON)
    waits = {line.answer for line in before.lines if line.rule == "repeat_sample"}
    after = judge(rules, more, ON)
    repeated = waits != {line.answer for line in after.lines if line.rule == "repeat_sample"}
    changed = {a.rule for a, b in zip(after.lines, before.lines, strict=True) if a.answer != b.answer}
    assert changed <= own or repeated


@pytest.mark.parametrize("name", SETS)
def test_consent_interview_and_examination_agree_with_the_second_reading(name: str) -> None:
    for consent, interview, examination in product([True, False], [True, False, None], [True, False, None]):
        known = facts(results_of(CLEAN), consent=consent, interview=interview, examination=examination)
        ours, theirs = both(known, name=name)
        assert ours == theirs, (consent, interview, examination)


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=400, deadline=None)
@given(any_facts, st.sampled_from([ON, *DONATIONS]))
def test_any_facts_agree_with_the_second_reading(name: str, known: Facts, on: date) -> None:
    ours, theirs = both(known, on, name)
    assert ours == theirs


def worse(known: Facts, extra: Result, outcome: Outcome) -> Facts:
    """The same donor with one more result of this outcome."""
    return facts(
        (*known.results, Result(extra.marker, outcome, extra.sampled_on, extra.blood_of)),
        known.tissue,
        risk_area=known.htlv_risk_area,
        consent=known.consent,
        interview=known.interview_clear,
        examination=known.examination_clear,
    )


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=400, deadline=None)
@given(any_facts, one_result)
def test_adding_a_reactive_result_never_improves_the_verdict(name: str, known: Facts, extra: Result) -> None:
    """But that a disclosed test, once asked for, is done whatever it found: no better than non-reactive."""
    rules = rule_set(name)
    after = GRAVITY[judge(rules, worse(known, extra, Outcome.REACTIVE), ON).verdict]
    disclosed = {rule.marker for rule in rules.marker if rule.disclosed}
    if extra.marker not in disclosed or name == EU:
        assert after >= GRAVITY[judge(rules, known, ON).verdict]
    assert after >= GRAVITY[judge(rules, worse(known, extra, Outcome.NON_REACTIVE), ON).verdict]


WINDOWS = [
    (EU, Tissue.BONE_MARROW, {31: "incomplete", 30: "eligible", 0: "eligible", -1: "incomplete"}),
    (EU, Tissue.ADIPOSE, {1: "incomplete", 0: "eligible", -7: "eligible", -8: "incomplete"}),
    (US, Tissue.BONE_MARROW, {31: "incomplete", 30: "eligible", -7: "eligible", -8: "incomplete"}),
    (US, Tissue.ADIPOSE, {8: "incomplete", 7: "eligible", -7: "eligible", -8: "incomplete"}),
    (US, Tissue.WHARTONS_JELLY, {8: "incomplete", 7: "eligible", -7: "eligible", -8: "incomplete"}),
]


@pytest.mark.parametrize("on", DONATIONS)
@pytest.mark.parametrize(("name", "tissue", "days"), WINDOWS)
def test_a_sample_counts_to_the_last_day_of_its_window(
    on: date, name: str, tissue: Tissue, days: dict[int, str]
) -> None:
    """Across leap days, the year's end and both changes of the clock."""
    for age, verdict in days.items():
        statuses = dict.fromkeys(Marker, (Outcome.NON_REACTIVE, age))
        assert both(facts(results_of(statuses, on), tissue), on, name) == (verdict, verdict), age


@pytest.mark.parametrize("on", DONATIONS)
@pytest.mark.parametrize(
    ("repeat_after", "sampled", "verdict"),
    [(179, 0, "incomplete"), (180, 0, "eligible"), (180, 30, "eligible"), (180, 31, "incomplete")],
)
def test_without_nat_the_eu_asks_for_a_repeat_after_180_days(
    on: date, repeat_after: int, sampled: int, verdict: str
) -> None:
    """With the repeat, the donation sample may be up to 30 days old."""
    serology = [m for m in Marker if not m.value.startswith("nat_")]
    first = results_of(dict.fromkeys(serology, (Outcome.NON_REACTIVE, sampled)), on)
    again = results_of(dict.fromkeys(serology, (Outcome.NON_REACTIVE, -repeat_after)), on)
    known = facts((*first, *again), Tissue.ADIPOSE)
    assert both(known, on) == (verdict, verdict)


@pytest.mark.parametrize("missing", [Marker.NAT_HIV, Marker.NAT_HBV, Marker.NAT_HCV])
def test_all_three_nat_are_needed_to_waive_the_repeat(missing: Marker) -> None:
    known = facts(results_of({**CLEAN, missing: None}), Tissue.WHARTONS_JELLY)
    assert judge(rule_set(EU), known, ON).verdict is Verdict.INCOMPLETE


SEASON = [("2025-05-31", "eligible"), ("2025-06-01", "incomplete"), ("2025-10-31", "incomplete"),
          ("2025-11-01", "eligible"), ("2024-02-29", "eligible")]  # fmt: skip


@pytest.mark.parametrize(("day", "verdict"), SEASON)
def test_the_us_asks_for_west_nile_nat_from_june_to_october(day: str, verdict: str) -> None:
    on = date.fromisoformat(day)
    known = facts(results_of({**CLEAN, Marker.NAT_WNV: None}, on))
    assert both(known, on, US) == (verdict, verdict)
    assert both(known, on, EU) == ("eligible", "eligible")


@pytest.mark.parametrize(
    ("whose", "verdict"), [(BloodOf.DONOR, "incomplete"), (BloodOf.BIRTH_MOTHER, "eligible")]
)
def test_the_us_judges_a_newborns_tissue_by_the_birth_mothers_blood(whose: BloodOf, verdict: str) -> None:
    known = facts(results_of(CLEAN, blood_of=whose), Tissue.WHARTONS_JELLY)
    assert both(known, name=US) == (verdict, verdict)
    line = next(line for line in judge(rule_set(US), known, ON).lines if line.rule == Marker.HBSAG)
    assert ("birth mother's blood" in line.sentence) is (verdict == "incomplete")


def test_a_newborns_own_reactive_result_excludes_too() -> None:
    own = Result(Marker.HBSAG, Outcome.REACTIVE, ON, BloodOf.DONOR)
    known = facts((*results_of(CLEAN), own), Tissue.WHARTONS_JELLY)
    assert both(known, name=US) == ("ineligible", "ineligible")


@pytest.mark.parametrize("tissue", [Tissue.BONE_MARROW, Tissue.ADIPOSE])
def test_the_us_asks_marrow_donors_alone_for_htlv_and_cmv(tissue: Tissue) -> None:
    known = facts(results_of({**CLEAN, Marker.ANTI_CMV: None, Marker.ANTI_HTLV_I_II: None}), tissue)
    asked = "incomplete" if tissue is Tissue.BONE_MARROW else "eligible"
    assert both(known, name=US) == (asked, asked)


@pytest.mark.parametrize(
    ("drawn", "day"),
    [
        (datetime(2025, 3, 29, 22, 59, tzinfo=UTC), date(2025, 3, 29)),
        (datetime(2025, 3, 29, 23, 0, tzinfo=UTC), date(2025, 3, 30)),
        (datetime(2025, 3, 30, 22, 0, tzinfo=UTC), date(2025, 3, 31)),
        (datetime(2025, 10, 25, 22, 0, tzinfo=UTC), date(2025, 10, 26)),
        (datetime(2025, 10, 26, 22, 30, tzinfo=UTC), date(2025, 10, 26)),
    ],
)
def test_days_are_calendar_days_at_the_site_across_clock_changes(drawn: datetime, day: date) -> None:
    assert site_day(Session(info={"zone": "Europe/Madrid"}), drawn) == day


@pytest.mark.parametrize(("name", "verdict"), [(EU, Verdict.RISK_ASSESSMENT), (US, Verdict.INELIGIBLE)])
def test_anti_hbc_reactive_with_hbsag_non_reactive_is_assessed_in_the_eu_and_excludes_in_the_us(
    name: str, verdict: Verdict
) -> None:
    judged = judge(rule_set(name), facts(results_of({**CLEAN, Marker.ANTI_HBC: (Outcome.REACTIVE, 5)})), ON)
    assert judged.verdict is verdict
    line = next(line for line in judged.lines if line.rule == Marker.ANTI_HBC)
    assert "reactive, sample of 2025-01-08, 5 days before 2025-01-13." in line.sentence


@pytest.mark.parametrize("name", SETS)
def test_cmv_is_disclosed_and_excludes_nobody(name: str) -> None:
    known = facts(results_of({**CLEAN, Marker.ANTI_CMV: (Outcome.REACTIVE, 0)}))
    judged = judge(rule_set(name), known, ON)
    assert judged.verdict is Verdict.ELIGIBLE
    assert any("disclosed" in line.sentence for line in judged.lines)


@pytest.mark.parametrize("name", SETS)
def test_every_line_is_explained_in_a_sentence(name: str) -> None:
    for statuses in pairs():
        for line in judge(rule_set(name), facts(results_of(statuses)), ON).lines:
            assert line.sentence[0].isupper()
            assert line.sentence.endswith(".")
