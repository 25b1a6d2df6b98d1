"""Every reason not to infuse, asked of a situation in which all else is right."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from app.bedside.models import CheckState, EntrySource
from app.bedside.rules import QUESTIONS, ends_the_check, refusals
from app.bedside.situation import SLIPS, Situation, Why
from app.kernel.refusals import Refusal
from app.labeling.models import LabelState
from app.lots.models import LotState, UnitState
from app.orders.models import OrderState
from app.recipients.models import WristbandState
from labels.payload import Kind
from labels.payload import Why as Fault
from tests.bedside.situations import (
    ALL,
    FIRST,
    LABEL,
    NOW,
    SECOND_LABEL,
    SECOND_SIGN,
    SECOND_WRISTBAND,
    SIGN,
    START,
    THAW,
    THIRD,
    WRISTBAND,
    with_bag,
    with_band,
    with_check,
    with_reading,
)

OLD = NOW - timedelta(minutes=10, seconds=1)
LONG_AGO = NOW - timedelta(minutes=91)
NOISE = Refusal(Fault.OTHER_BARCODE, "This is another product's barcode.", "Scan the other code.")

#: One fact spoiled: what must be said, and in which situation.
SPOILED: list[tuple[Why, Situation]] = [
    (Why.WRONG_PATIENT, with_bag(LABEL, allocated_to="LN-02")),
    (Why.WRONG_PATIENT, with_bag(SECOND_LABEL, allocated_to="LN-02")),
    (Why.WRONG_PATIENT, with_bag(START, allocated_to="LN-02")),
    (Why.OTHER_PATIENT_THAN_FIRST, with_band(SECOND_WRISTBAND, recipient="LN-02")),
    (Why.OTHER_BAG_THAN_FIRST, with_bag(SECOND_LABEL, unit="MSC-25-001-B02")),
    (Why.ALREADY_INFUSED, with_bag(LABEL, infused=True, state=UnitState.INFUSED)),
    (Why.INFUSION_RUNS, with_bag(LABEL, infusion_runs=True, state=UnitState.THAWED)),
    (Why.ON_HOLD, with_bag(LABEL, holds=("donor deferred",))),
    (Why.ON_HOLD, with_bag(START, holds=("donor deferred",))),
    (Why.NOT_RELEASED, with_bag(LABEL, lot_state=LotState.QUARANTINE)),
    (Why.NOT_RELEASED, with_bag(LABEL, lot_state=LotState.REJECTED)),
    (Why.NOT_RELEASED, with_bag(START, lot_state=LotState.RECALLED)),
    (Why.NOT_RELEASED, with_bag(LABEL, lot_state=None)),
    (Why.RELEASE_VOID, with_bag(LABEL, release_stands=False)),
    (Why.EXPIRED, with_bag(LABEL, expires_at=NOW)),
    (Why.EXPIRED, with_bag(START, expires_at=NOW - timedelta(minutes=1))),
    (Why.EXPIRED, with_bag(LABEL, expires_at=None)),
    (Why.LABEL_VOID, with_bag(LABEL, label_state=LabelState.SUPERSEDED)),
    (Why.LABEL_VOID, with_bag(LABEL, label_state=LabelState.SPOILED)),
    (Why.LABEL_VOID, with_bag(LABEL, label_state=LabelState.DESTROYED)),
    (Why.LABEL_VOID, with_bag(LABEL, label_state=LabelState.SPECIMEN)),
    (Why.LABEL_NOT_APPLIED, with_bag(LABEL, label_state=LabelState.PRINTED)),
    (Why.NOT_ALLOCATED, with_bag(LABEL, allocated_to=None, order=None, order_state=None)),
    (Why.OTHER_ORDER, with_check(LABEL, order="ORD-25-002")),
    (Why.CUSTODY_GAP, with_bag(LABEL, custody_gaps=("nobody gave it to the courier.",))),
    (Why.NO_CONSENT, with_bag(LABEL, consent_stands=False)),
    (Why.NO_CONSENT, with_bag(START, consent_stands=False)),
    (Why.THAWED_TOO_LONG, with_bag(LABEL, thawed_at=LONG_AGO, state=UnitState.THAWED)),
    (Why.THAWED_TOO_LONG, with_bag(SECOND_SIGN, thawed_at=LONG_AGO, state=UnitState.THAWED)),
    (Why.ALREADY_THAWED, with_bag(THAW, thawed_at=NOW, state=UnitState.THAWED)),
    (Why.LABEL_DUE, replace(with_reading(THAW, kind=Kind.WRISTBAND), bag=None)),
    (Why.UNKNOWN_LABEL, replace(THAW, bag=None)),
    (Why.NOT_AT_WARD, with_bag(LABEL, at_ward=False)),
    (Why.UNIT_NOT_READY, with_bag(LABEL, state=UnitState.ISSUED)),
    (Why.UNIT_NOT_READY, with_bag(LABEL, state=UnitState.RETURNED)),
    (Why.UNIT_NOT_READY, with_bag(LABEL, state=UnitState.DESTROYED)),
    (Why.UNIT_NOT_READY, with_bag(LABEL, state=UnitState.THAWED)),
    (Why.ORDER_NOT_READY, with_bag(LABEL, order_state=OrderState.ALLOCATED)),
    (Why.ORDER_NOT_READY, with_bag(START, order_state=OrderState.READY)),
    (Why.NO_ORDER, with_band(WRISTBAND, ready_orders=())),
    (Why.WRISTBAND_VOID, with_band(WRISTBAND, state=WristbandState.VOID)),
    (Why.WRISTBAND_VOID, with_band(SECOND_WRISTBAND, state=WristbandState.VOID)),
    (Why.WRISTBAND_NOT_APPLIED, with_band(WRISTBAND, state=WristbandState.PRINTED)),
    (Why.SAME_PERSON, replace(SECOND_WRISTBAND, actor_id=FIRST)),
    (Why.CHECK_UNKNOWN, replace(WRISTBAND, check_unknown=True)),
    (Why.CHECK_OVER, with_check(LABEL, state=CheckState.ENDED)),
    (Why.CHECK_OVER, with_check(START, state=CheckState.ENDED)),
    (Why.NOT_YET_SIGNED, with_check(START, state=CheckState.FIRST_GO)),
    (Why.CHECK_USED, with_check(START, state=CheckState.USED)),
    (Why.CHECK_EXPIRED, with_check(LABEL, started_at=OLD)),
    (Why.CHECK_EXPIRED, with_check(SIGN, started_at=OLD)),
    (Why.CHECK_EXPIRED, with_check(SECOND_WRISTBAND, started_at=OLD)),
    (Why.CHECK_EXPIRED, with_check(START, started_at=OLD)),
    (Why.CHECK_OF_ANOTHER, replace(LABEL, actor_id=THIRD)),
    (Why.CHECK_OF_ANOTHER, replace(START, actor_id=THIRD)),
    (Why.WRISTBAND_FIRST, with_check(SECOND_LABEL, wristband_read=False)),
    (Why.NOT_YET_SCANNED, with_check(SIGN, label_read=False)),
    (Why.NOT_YET_SCANNED, with_check(SECOND_SIGN, label_read=False)),
    (Why.LABEL_DUE, replace(with_reading(LABEL, kind=Kind.WRISTBAND), bag=None)),
    (Why.WRISTBAND_DUE, replace(with_reading(WRISTBAND, kind=Kind.CONTAINER), band=None)),
    (Why.NOT_A_BAG_OR_BAND, replace(with_reading(LABEL, kind=Kind.STAFF), bag=None)),
    (Why.UNKNOWN_WRISTBAND, replace(WRISTBAND, band=None)),
    (Why.UNKNOWN_LABEL, replace(LABEL, bag=None)),
    (Why.TYPED_ALONE, with_reading(LABEL, source=EntrySource.TYPED)),
    (Why.TYPED_ALONE, with_reading(LABEL, source=EntrySource.TYPED, typed_second_id=THIRD)),
    (Why.TYPED_ALONE, with_reading(LABEL, source=EntrySource.TYPED, typed_reason="torn")),
    (
        Why.TYPED_ALONE,
        with_reading(LABEL, source=EntrySource.TYPED, typed_reason="torn", typed_second_id=FIRST),
    ),
]


@pytest.mark.parametrize("situation", ALL, ids=lambda s: f"{s.stage}-{'second' if s.second else 'first'}")
def test_nothing_speaks_against_a_situation_in_which_all_is_right(situation: Situation) -> None:
    assert refusals(situation) == ()


@pytest.mark.parametrize(("why", "situation"), SPOILED, ids=[f"{n}-{w}" for n, (w, _) in enumerate(SPOILED)])
def test_one_wrong_fact_stops_for_that_reason_and_no_other(why: Why, situation: Situation) -> None:
    assert [no.reason for no in refusals(situation)] == [why]


@pytest.mark.parametrize(("why", "situation"), SPOILED, ids=[f"{n}-{w}" for n, (w, _) in enumerate(SPOILED)])
def test_every_reason_brings_a_sentence_and_a_next_step(why: Why, situation: Situation) -> None:
    for no in refusals(situation):
        assert no.reason == why
        assert no.sentence.endswith((".", "!")) and no.next_step.endswith(".")


def test_every_question_is_asked_for_by_a_spoiled_fact() -> None:
    """No question in the tuple that nothing provokes."""
    situations = [situation for _, situation in SPOILED]
    situations.append(replace(with_reading(LABEL, fault=NOISE, kind=None), bag=None))
    silent = [q.__name__ for q in QUESTIONS if not any(q(situation) for situation in situations)]
    assert silent == []


def test_another_products_barcode_stops_with_the_readers_own_reason() -> None:
    found = refusals(replace(with_reading(LABEL, fault=NOISE, kind=None), bag=None))
    assert [no.reason for no in found] == [Fault.OTHER_BARCODE]
    assert not ends_the_check(found)


def test_a_label_before_any_wristband_asks_for_the_wristband() -> None:
    situation = replace(with_reading(WRISTBAND, kind=Kind.CONTAINER), band=None)
    assert [no.sentence for no in refusals(situation)] == ["That is a PRODUCT label."]


def test_a_typed_code_with_a_reason_and_a_second_person_passes() -> None:
    situation = with_reading(
        LABEL, source=EntrySource.TYPED, typed_reason="symbol torn", typed_second_id=THIRD
    )
    assert refusals(situation) == ()


def test_a_conditionally_released_lot_may_be_given_while_its_signature_stands() -> None:
    assert refusals(with_bag(LABEL, lot_state=LotState.CONDITIONALLY_RELEASED)) == ()


def test_a_check_of_exactly_ten_minutes_still_stands() -> None:
    assert refusals(with_check(LABEL, started_at=NOW - timedelta(minutes=10))) == ()


def test_several_reasons_are_all_given_gravest_first() -> None:
    worst = with_bag(LABEL, allocated_to="LN-02", holds=("recall",), expires_at=NOW, at_ward=False)
    reasons = [no.reason for no in refusals(worst)]
    assert reasons == [Why.WRONG_PATIENT, Why.ON_HOLD, Why.EXPIRED, Why.NOT_AT_WARD]


BAD_FACTS: dict[str, object] = {
    "allocated_to": "LN-02",
    "infused": True,
    "holds": ("recall",),
    "lot_state": LotState.QUARANTINE,
    "expires_at": NOW,
    "label_state": LabelState.SUPERSEDED,
    "custody_gaps": ("a gap.",),
    "at_ward": False,
    "state": UnitState.ISSUED,
    "order_state": OrderState.NOT_GIVEN,
}


@pytest.mark.req("K2")
def test_no_choice_of_good_facts_outvotes_a_bad_one() -> None:
    """All 1,023 choices of bad facts: never GO, whatever else is right, at the scan and at the start."""
    for situation in (LABEL, SECOND_LABEL, START):
        for size in range(1, len(BAD_FACTS) + 1):
            for names in combinations(BAD_FACTS, size):
                spoiled = with_bag(situation, **{name: BAD_FACTS[name] for name in names})
                assert refusals(spoiled), names


def test_what_speaks_against_patient_or_bag_ends_the_check_and_a_slip_does_not() -> None:
    assert ends_the_check(refusals(with_bag(LABEL, allocated_to="LN-02")))
    assert ends_the_check(refusals(with_band(SECOND_WRISTBAND, recipient="LN-02")))
    assert not ends_the_check(refusals(replace(SECOND_WRISTBAND, actor_id=FIRST)))
    assert Why.WRONG_PATIENT not in SLIPS and Why.CHECK_EXPIRED not in SLIPS
