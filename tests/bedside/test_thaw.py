"""The scan at the thaw starts the clock of one bag; its states are told in words, by the server's time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from app.bedside.limits import limits
from app.bedside.models import Scan, ScanStep, Thaw, VerdictWord
from app.bedside.overview import compliance
from app.bedside.queries import thaw_of
from app.bedside.situation import Why
from app.bedside.thawing import Clock, ClockState, minutes_between, thaw
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.lots.models import UnitState
from tests.bedside.factories import CHECK_AT, THAW_AT, Story, infused, thaw_form, thawed, unit_of
from tests.bedside.situations import NOW
from tests.factories import act, proof
from tests.lots.factories import sure
from tests.recipients.factories import withdraw


def thaw_in(story: Story) -> Thaw | None:
    with story.site.db.reading() as db:
        return thaw_of(db, unit_of(story, story.case.unit).id or 0)


def why(story: Story, label: str, at: datetime = THAW_AT, **more: object) -> list[str]:
    with act(story.site, story.first, at) as work:
        answer = sure(thaw(work, thaw_form(label, **more)))
    assert answer.verdict is VerdictWord.STOP
    return [str(no.reason) for no in answer.reasons]


def test_the_label_scanned_at_the_thaw_starts_the_clock(story: Story) -> None:
    answer = thawed(story)
    kept = thaw_in(story)
    assert answer.verdict is VerdictWord.GO and kept is not None
    assert (kept.thawed_at, kept.scanned_at, kept.reason) == (THAW_AT, THAW_AT, None)
    assert unit_of(story, story.case.unit).state is UnitState.THAWED
    with story.site.db.reading() as db:
        assert verify(db).ok


def test_the_scan_at_the_thaw_is_a_row_and_counts_for_compliance(story: Story) -> None:
    thawed(story)
    with story.site.db.reading() as db:
        kept = db.exec(select(Scan).order_by(col(Scan.id).desc())).first()
        assert kept is not None and (kept.step, kept.verdict) == (ScanStep.THAW, VerdictWord.GO)
        assert compliance(db).scanned == 1


def test_a_time_that_was_typed_needs_a_reason(story: Story) -> None:
    earlier = THAW_AT - timedelta(minutes=5)
    assert why(story, story.case.label, thawed_at=earlier) == [Why.THAW_TIME_NEEDS_REASON]
    thawed(story, thawed_at=earlier, thaw_reason="scanner was flat")
    kept = thaw_in(story)
    assert kept is not None and (kept.thawed_at, kept.reason) == (earlier, "scanner was flat")


def test_a_typed_time_lies_between_receipt_and_now(story: Story) -> None:
    label = story.case.label
    said: dict[str, Any] = {"thaw_reason": "scanner was flat"}
    assert why(story, label, thawed_at=THAW_AT + timedelta(minutes=9), **said) == [Why.TIME_IN_FUTURE]
    assert why(story, label, thawed_at=CHECK_AT - timedelta(hours=5), **said) == [Why.THAW_BEFORE_RECEIPT]
    assert unit_of(story, story.case.unit).state is UnitState.RECEIVED


def test_a_bag_is_thawed_once_and_its_clock_is_never_set_back(story: Story) -> None:
    thawed(story)
    assert why(story, story.case.label, at=CHECK_AT) == [Why.ALREADY_THAWED]
    with pytest.raises(DBAPIError), story.site.db.writer.begin() as connection:
        connection.execute(text("UPDATE thaw SET thawed_at = scanned_at"))
    kept = thaw_in(story)
    assert kept is not None and kept.thawed_at == THAW_AT


def test_the_same_request_is_one_thaw_and_another_body_is_refused(story: Story) -> None:
    form = thaw_form(story.case.label)
    other = form.model_copy(update={"thawed_at": THAW_AT, "thaw_reason": "late"})
    with act(story.site, story.first, THAW_AT) as work:
        assert sure(thaw(work, form)).replayed is False
    with act(story.site, story.first, CHECK_AT) as work:
        assert sure(thaw(work, form)).replayed is True
        refused = thaw(work, other)
    assert isinstance(refused, Refusal) and refused.reason == Why.KEY_REUSED


def test_a_bag_that_may_not_be_given_is_not_thawed(story: Story) -> None:
    assert why(story, story.case.band) == [Why.LABEL_DUE]
    withdraw(story.site, story.case.recipient)
    assert why(story, story.case.label) == [Why.NO_CONSENT]
    with act(story.site, story.doctor, THAW_AT) as work:
        sure(place_hold(work, SubjectKind.UNIT, story.case.unit, "bag leaks"))
    assert why(story, story.case.label) == [Why.ON_HOLD, Why.NO_CONSENT]
    assert unit_of(story, story.case.unit).state is UnitState.RECEIVED


def test_a_given_bag_is_not_thawed_again(story: Story) -> None:
    infused(story)
    assert Why.ALREADY_INFUSED in why(story, story.case.label, at=CHECK_AT + timedelta(hours=1))


def test_a_typed_code_at_the_thaw_needs_a_second_person(story: Story) -> None:
    assert why(story, story.case.label, source="typed") == [Why.TYPED_ALONE]
    form = thaw_form(story.case.label, source="typed", typed_reason="symbol torn")
    with act(story.site, story.first, THAW_AT) as work:
        assert sure(thaw(work, form, proof(story.second))).verdict is VerdictWord.GO


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (0, ClockState.WITHIN_LIMIT),
        (74, ClockState.WITHIN_LIMIT),
        (75, ClockState.SOON_TOO_LONG),
        (90, ClockState.SOON_TOO_LONG),
        (91, ClockState.TOO_LONG),
        (118, ClockState.TOO_LONG),
    ],
)
def test_the_clock_says_in_a_word_how_the_bag_stands(minutes: int, state: ClockState) -> None:
    clock = Clock("MSC-25-001-B03", NOW - timedelta(minutes=minutes), NOW, limits())
    assert (clock.state, clock.minutes) == (state, minutes)


@given(seconds=st.integers(0, 10**6), step=st.integers(0, 10**5))
def test_the_clock_never_gets_better_with_time(seconds: int, step: int) -> None:
    order = list(ClockState)
    earlier = Clock("B", NOW, NOW + timedelta(seconds=seconds), limits())
    later = Clock("B", NOW, NOW + timedelta(seconds=seconds + step), limits())
    assert order.index(later.state) >= order.index(earlier.state)
    assert (earlier.state is ClockState.TOO_LONG) is (seconds > 90 * 60)
    assert minutes_between(NOW, earlier.now) == earlier.minutes
