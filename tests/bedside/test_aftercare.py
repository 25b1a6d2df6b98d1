"""Vital signs at their times, reactions with grade and outcome, and what must be told to quality."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.bedside.aftercare import end_reaction, record_reaction, record_vitals
from app.bedside.aftercare_rules import Standing, standing
from app.bedside.forms import ReactionForm, ReactionOverForm, VitalsForm
from app.bedside.limits import limits
from app.bedside.models import OUTCOME_MOVES, Outcome, ReactionKind, VitalsPoint
from app.bedside.overview import vitals_schedule
from app.bedside.queries import infusion_by_code, reaction_by_code
from app.bedside.situation import Why
from app.concerns.models import SubjectKind
from app.concerns.queries import deviations_on
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from tests.bedside.factories import START_AT, Story, started
from tests.bedside.situations import NOW
from tests.factories import act

NEXT_DAY = START_AT + timedelta(hours=25)


def vitals_form(point: str = "start", minutes: int = 0, **more: object) -> VitalsForm:
    """Vital signs of a calm patient so many minutes after the start."""
    measured: dict[str, object] = {
        "point": point,
        "measured_at": START_AT + timedelta(minutes=minutes),
        "celsius": Decimal("36.8"),
        "pulse_per_min": 76,
        "systolic_mmhg": 124,
        "diastolic_mmhg": 80,
        "breaths_per_min": 16,
        "oxygen_percent": 98,
    }
    return VitalsForm.model_validate(measured | more)


def reaction_form(**more: object) -> ReactionForm:
    """The fever of the worked example: 37.9 °C at four hours, grade 1."""
    told: dict[str, object] = {
        "kind": ReactionKind.FEVER,
        "told": "37.9 °C",
        "grade": 1,
        "onset_at": START_AT + timedelta(hours=4),
        "outcome": Outcome.NOT_RESOLVED,
    }
    return ReactionForm.model_validate(told | more)


def vitals_refused(story: Story, code: str, form: VitalsForm) -> object:
    with act(story.site, story.first, NEXT_DAY) as work:
        answer = record_vitals(work, code, form)
    return answer.reason if isinstance(answer, Refusal) else None


def reaction_refused(story: Story, code: str, **more: object) -> object:
    with act(story.site, story.first, NEXT_DAY) as work:
        answer = record_reaction(work, code, reaction_form(**more))
    return answer.reason if isinstance(answer, Refusal) else None


def words(story: Story, code: str, at: datetime) -> list[Standing]:
    with story.site.db.reading() as db:
        infusion = infusion_by_code(db, code)
        assert infusion is not None
        return [line.standing for line in vitals_schedule(db, infusion, at)]


def test_vital_signs_are_due_at_six_points_and_missing_ones_are_said(story: Story) -> None:
    code = started(story).code
    assert list(limits().vitals) == list(VitalsPoint)
    assert [due.after.total_seconds() / 60 for due in limits().vitals.values()] == [0, 15, 30, 60, 240, 1440]
    assert vitals_refused(story, code, vitals_form("start")) is None
    assert vitals_refused(story, code, vitals_form("minutes_30", 44)) is None
    early = words(story, code, START_AT + timedelta(minutes=12))
    assert early == ["on_time", "due", "late", "planned", "planned", "planned"]
    later = words(story, code, START_AT + timedelta(hours=5))
    assert later == ["on_time", "missing", "late", "missing", "missing", "planned"]
    with story.site.db.reading() as db:
        assert verify(db).ok


@given(after=st.integers(0, 3000), measured=st.none() | st.integers(0, 3000))
def test_a_measured_point_keeps_its_word_and_a_missing_one_stays_missing(
    after: int, measured: int | None
) -> None:
    due = limits().vitals[VitalsPoint.MINUTES_60]
    measured_at = None if measured is None else NOW + timedelta(minutes=measured)
    early = standing(due, NOW, measured_at, NOW + timedelta(minutes=after))
    late = standing(due, NOW, measured_at, NOW + timedelta(minutes=after, days=9))
    if measured is None:
        assert (early is Standing.MISSING) is (after > 70)
        assert late is Standing.MISSING
    else:
        assert early is late
        assert (early is Standing.ON_TIME) is (50 <= measured <= 70)


def test_a_correction_needs_a_reason_and_the_entry_before_stays(story: Story) -> None:
    code = started(story).code
    assert vitals_refused(story, code, vitals_form(celsius=Decimal("38.6"))) is None
    assert vitals_refused(story, code, vitals_form()) == Why.CORRECTION_NEEDS_REASON
    assert vitals_refused(story, code, vitals_form(reason="read from another patient's chart")) is None
    with story.site.db.reading() as db:
        infusion = infusion_by_code(db, code)
        assert infusion is not None
        line = vitals_schedule(db, infusion, NEXT_DAY)[0]
    assert line.entry is not None and line.entry.celsius == Decimal("36.8")
    assert [old.celsius for old in line.former] == [Decimal("38.6")]
    with pytest.raises(DBAPIError), story.site.db.writer.begin() as connection:
        connection.execute(text("UPDATE vitals SET celsius = 370"))


@pytest.mark.parametrize(
    ("why", "form"),
    [
        (Why.NOT_MEASURABLE, vitals_form(celsius=Decimal("368"))),
        (Why.NOT_MEASURABLE, vitals_form(celsius=Decimal("3.7"))),
        (Why.NOT_MEASURABLE, vitals_form(pulse_per_min=760)),
        (Why.NOT_MEASURABLE, vitals_form(oxygen_percent=101)),
        (Why.NOT_MEASURABLE, vitals_form(breaths_per_min=0)),
        (Why.PRESSURES_SWAPPED, vitals_form(systolic_mmhg=80, diastolic_mmhg=124)),
        (Why.PRESSURES_SWAPPED, vitals_form(systolic_mmhg=80, diastolic_mmhg=80)),
        (Why.MEASURED_BEFORE, vitals_form(minutes=-31)),
        (Why.TIME_IN_FUTURE, vitals_form("hours_24", 60 * 26)),
    ],
)
def test_impossible_vital_signs_are_refused(story: Story, why: Why, form: VitalsForm) -> None:
    assert vitals_refused(story, started(story).code, form) == why


def test_of_an_infusion_that_is_not_there_nothing_is_kept(story: Story) -> None:
    assert vitals_refused(story, "INF-25-999", vitals_form()) == Why.INFUSION_UNKNOWN
    assert reaction_refused(story, "INF-25-999") == Why.INFUSION_UNKNOWN
    over = ReactionOverForm(outcome=Outcome.RESOLVED, over_at=NEXT_DAY)
    with act(story.site, story.first, NEXT_DAY) as work:
        answer = end_reaction(work, "RCT-25-999", over)
    assert isinstance(answer, Refusal) and answer.reason == Why.REACTION_UNKNOWN


def ended(story: Story, code: str, outcome: Outcome, hours: int) -> object:
    over = ReactionOverForm(outcome=outcome, over_at=START_AT + timedelta(hours=hours))
    with act(story.site, story.second, NEXT_DAY) as work:
        answer = end_reaction(work, code, over)
    return answer.reason if isinstance(answer, Refusal) else None


def test_a_fever_of_grade_1_resolves(story: Story) -> None:
    assert reaction_refused(story, started(story).code) is None
    assert ended(story, "RCT-25-001", Outcome.RESOLVED, 3) == Why.OVER_BEFORE_ONSET
    assert ended(story, "RCT-25-001", Outcome.NOT_RESOLVED, 14) == Why.OUTCOME_INCOMPLETE
    assert ended(story, "RCT-25-001", Outcome.RESOLVED, 14) is None
    assert ended(story, "RCT-25-001", Outcome.RESOLVED, 14) == Why.REACTION_OVER
    with story.site.db.reading() as db:
        kept = reaction_by_code(db, "RCT-25-001")
        assert kept is not None and (kept.outcome, kept.grade) == (Outcome.RESOLVED, 1)
        assert verify(db).ok


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Why.REACTION_UNTOLD, {"kind": ReactionKind.OTHER, "told": ""}),
        (Why.ONSET_BEFORE_START, {"onset_at": START_AT - timedelta(minutes=1)}),
        (Why.TIME_IN_FUTURE, {"onset_at": NEXT_DAY + timedelta(hours=1)}),
        (Why.GRADE_AND_OUTCOME, {"grade": 5}),
        (Why.GRADE_AND_OUTCOME, {"outcome": Outcome.FATAL, "over_at": NEXT_DAY}),
        (Why.OUTCOME_INCOMPLETE, {"outcome": Outcome.RESOLVED}),
        (Why.OUTCOME_INCOMPLETE, {"over_at": NEXT_DAY}),
        (Why.OVER_BEFORE_ONSET, {"outcome": Outcome.RESOLVED, "over_at": START_AT}),
    ],
)
def test_a_reaction_that_does_not_hold_together_is_refused(
    story: Story, why: Why, told: dict[str, object]
) -> None:
    assert reaction_refused(story, started(story).code, **told) == why


@pytest.mark.parametrize(("grade", "severity"), [(1, None), (2, None), (3, "major"), (4, "critical")])
def test_a_severe_reaction_opens_a_deviation_on_the_bag(
    story: Story, grade: int, severity: str | None
) -> None:
    assert reaction_refused(story, started(story).code, grade=grade) is None
    with story.site.db.reading() as db:
        found = deviations_on(db, [(SubjectKind.UNIT, story.case.unit)])
    assert [one.severity.value for one in found] == ([] if severity is None else [severity])


def test_a_reaction_that_ends_in_death_is_of_grade_5_and_quality_hears_of_it(story: Story) -> None:
    reaction_refused(story, started(story).code, grade=2)
    assert ended(story, "RCT-25-001", Outcome.FATAL, 20) is None
    with story.site.db.reading() as db:
        kept = reaction_by_code(db, "RCT-25-001")
        assert kept is not None and kept.grade == 5
        assert [one.severity.value for one in deviations_on(db, [(SubjectKind.UNIT, story.case.unit)])] == [
            "critical"
        ]


def test_raw_sql_keeps_no_death_of_another_grade(story: Story) -> None:
    reaction_refused(story, started(story).code)
    for change in ("grade = 5", "grade = 6", "outcome = 'fatal', over_at = onset_at", "over_at = onset_at"):
        with pytest.raises(DBAPIError), story.site.db.writer.begin() as connection:
            connection.execute(text(f"UPDATE reaction SET {change}"))  # noqa: S608  texts of this test


def test_every_outcome_has_its_moves() -> None:
    assert set(OUTCOME_MOVES) == set(Outcome)
