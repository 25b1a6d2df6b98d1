"""The EU rules against a second reading of the directive, at every boundary."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.donors.judgement import Facts, Result, judge
from app.donors.models import GRAVITY, Marker, Outcome, Tissue, Verdict
from app.donors.queries import site_day
from app.donors.ruleset import rule_set
from tests.donors.second_opinion import Case, second_opinion

ON = date(2025, 1, 13)
NOT_DONE = None
#: Days before the donation on which a sample was drawn; minus is after it.
FRESH, STALE = 0, 31
#: Everything that can be known of one marker.
STATUSES: tuple[tuple[Outcome, int] | None, ...] = (
    NOT_DONE,
    (Outcome.NON_REACTIVE, FRESH),
    (Outcome.NON_REACTIVE, STALE),
    (Outcome.REACTIVE, FRESH),
    (Outcome.INDETERMINATE, FRESH),
)
CLEAN = dict.fromkeys(Marker, (Outcome.NON_REACTIVE, FRESH))


def facts(
    results: tuple[Result, ...],
    tissue: Tissue = Tissue.BONE_MARROW,
    *,
    risk_area: bool = True,
    consent: bool = True,
    interview: bool | None = True,
    examination: bool | None = True,
) -> Facts:
    def seen(clear: bool | None) -> date | None:
        return None if clear is None else ON

    return Facts(
        tissue, consent, seen(interview), interview, seen(examination), examination, risk_area, results
    )


def results_of(statuses: Mapping[Marker, tuple[Outcome, int] | None], on: date = ON) -> tuple[Result, ...]:
    return tuple(
        Result(marker, status[0], on - timedelta(days=status[1]))
        for marker, status in statuses.items()
        if status
    )


def both(known: Facts, on: date = ON) -> tuple[str, str]:
    """What Hilo answers and what the second reading answers."""
    case = Case(
        known.tissue.value,
        known.consent,
        known.interview_clear,
        known.examination_clear,
        known.htlv_risk_area,
        tuple((r.marker.value, r.outcome.value, r.sampled_on) for r in known.results),
        on,
    )
    return judge(rule_set(), known, on).verdict.value, second_opinion(case)


def pairs() -> Iterator[dict[Marker, tuple[Outcome, int] | None]]:
    """Every status of every two markers, the others clean."""
    for one, other in combinations(Marker, 2):
        for first, second in product(STATUSES, STATUSES):
            yield {**CLEAN, one: first, other: second}


def crossing() -> Iterator[dict[Marker, tuple[Outcome, int] | None]]:
    """Every status of the markers whose rules look at one another or at the donor."""
    together = (
        Marker.HBSAG,
        Marker.ANTI_HBC,
        Marker.SYPHILIS_SPECIFIC,
        Marker.SYPHILIS_NON_SPECIFIC,
        Marker.ANTI_HTLV_I_II,
    )
    for statuses in product(STATUSES, repeat=len(together)):
        yield {**CLEAN, **dict(zip(together, statuses, strict=True))}


@pytest.mark.req("D7")
@pytest.mark.parametrize("tissue", [Tissue.BONE_MARROW, Tissue.ADIPOSE])
@pytest.mark.parametrize("risk_area", [True, False])
@pytest.mark.parametrize("table", [pairs, crossing])
def test_the_whole_decision_table_agrees_with_the_second_reading(
    tissue: Tissue, risk_area: bool, table: Callable[[], Iterator[dict[Marker, tuple[Outcome, int] | None]]]
) -> None:
    for statuses in table():
        ours, theirs = both(facts(results_of(statuses), tissue, risk_area=risk_area))
        assert ours == theirs, statuses


def test_consent_interview_and_examination_agree_with_the_second_reading() -> None:
    for consent, interview, examination in product([True, False], [True, False, None], [True, False, None]):
        known = facts(results_of(CLEAN), consent=consent, interview=interview, examination=examination)
        ours, theirs = both(known)
        assert ours == theirs, (consent, interview, examination)


one_result = st.builds(
    Result,
    st.sampled_from(list(Marker)),
    st.sampled_from(list(Outcome)),
    st.integers(-200, 40).map(lambda days: ON - timedelta(days=days)),
)
any_facts = st.builds(
    facts,
    st.lists(one_result, max_size=24).map(tuple),
    st.sampled_from(list(Tissue)),
    risk_area=st.booleans(),
    consent=st.booleans(),
    interview=st.sampled_from([True, False, None]),
    examination=st.sampled_from([True, False, None]),
)


@settings(max_examples=400, deadline=None)
@given(any_facts)
def test_any_facts_agree_with_the_second_reading(known: Facts) -> None:
    ours, theirs = both(known)
    assert ours == theirs


@settings(max_examples=400, deadline=None)
@given(any_facts, one_result)
def test_adding_a_reactive_result_never_improves_the_verdict(known: Facts, extra: Result) -> None:
    reactive = Result(extra.marker, Outcome.REACTIVE, extra.sampled_on)
    worse = facts(
        (*known.results, reactive),
        known.tissue,
        risk_area=known.htlv_risk_area,
        consent=known.consent,
        interview=known.interview_clear,
        examination=known.examination_clear,
    )
    before, after = judge(rule_set(), known, ON), judge(rule_set(), worse, ON)
    assert GRAVITY[after.verdict] >= GRAVITY[before.verdict]


#: Donation days whose windows cross a leap day, a year's end, and both changes of the clock in Europe.
DONATIONS = (
    date(2024, 3, 1),
    date(2025, 3, 1),
    date(2024, 3, 28),
    date(2025, 1, 13),
    date(2025, 4, 2),
    date(2025, 11, 3),
)


@pytest.mark.parametrize("on", DONATIONS)
@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "eligible"), (30, "eligible"), (31, "incomplete"), (-1, "incomplete")]
)
def test_marrow_needs_a_sample_of_at_most_30_days_before(on: date, days: int, verdict: str) -> None:
    known = facts(results_of(dict.fromkeys(Marker, (Outcome.NON_REACTIVE, days)), on))
    assert both(known, on) == (verdict, verdict)


@pytest.mark.parametrize("on", DONATIONS)
@pytest.mark.parametrize(
    ("days", "verdict"), [(-7, "eligible"), (-8, "incomplete"), (0, "eligible"), (1, "incomplete")]
)
def test_other_tissue_needs_a_sample_at_donation_or_7_days_after(on: date, days: int, verdict: str) -> None:
    known = facts(results_of(dict.fromkeys(Marker, (Outcome.NON_REACTIVE, days)), on), Tissue.ADIPOSE)
    assert both(known, on) == (verdict, verdict)


@pytest.mark.parametrize("on", DONATIONS)
@pytest.mark.parametrize(
    ("repeat_after", "sampled", "verdict"),
    [(179, 0, "incomplete"), (180, 0, "eligible"), (180, 30, "eligible"), (180, 31, "incomplete")],
)
def test_without_nat_a_repeat_after_180_days_is_needed(
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
    assert judge(rule_set(), known, ON).verdict is Verdict.INCOMPLETE


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


def test_anti_hbc_reactive_with_hbsag_non_reactive_asks_for_a_risk_assessment() -> None:
    judged = judge(rule_set(), facts(results_of({**CLEAN, Marker.ANTI_HBC: (Outcome.REACTIVE, 5)})), ON)
    assert judged.verdict is Verdict.RISK_ASSESSMENT
    line = next(line for line in judged.lines if line.rule == Marker.ANTI_HBC)
    assert line.sentence == (
        "Anti-HBc: reactive, sample of 2025-01-08, 5 days before 2025-01-13."
        " A signed risk assessment is needed."
    )


def test_cmv_is_disclosed_and_excludes_nobody() -> None:
    judged = judge(rule_set(), facts(results_of({**CLEAN, Marker.ANTI_CMV: (Outcome.REACTIVE, 0)})), ON)
    assert judged.verdict is Verdict.ELIGIBLE
    assert any("disclosed" in line.sentence for line in judged.lines)


def test_every_line_is_explained_in_a_sentence() -> None:
    for statuses in pairs():
        for line in judge(rule_set(), facts(results_of(statuses)), ON).lines:
            assert line.sentence[0].isupper()
            assert line.sentence.endswith(".")
