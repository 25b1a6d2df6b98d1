"""A result means what its limit says; a lot is decided by somebody else, complete, and for a reason."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusals import Refusal, first_of
from app.lots.models import LotState
from app.quality.forms import SpecificationForm, shipped
from app.quality.models import Comparator, Decision, Flag, Retest, Weight
from app.quality.reading import read_specification
from app.quality.rules import (
    AGAINST,
    QUESTIONS,
    Desk,
    Limit,
    Value,
    Why,
    flag_of,
    read_value,
    times_in_order,
    which_counts,
)
from tests.factories import AT

CD34 = Limit("cd34", "CD34", Comparator.AT_MOST, Decimal(5), None, "%", Weight.RELEASE, Retest.WORST)
CD73 = Limit("cd73", "CD73", Comparator.AT_LEAST, Decimal(95), None, "%", Weight.RELEASE, Retest.WORST)
STERILITY = Limit(
    "sterility", "Sterility", Comparator.EXACTLY, None, "no growth", "", Weight.RELEASE, Retest.NONE
)
HLA_DR = Limit(
    "hla_dr", "HLA-DR", Comparator.AT_MOST, Decimal(20), None, "%", Weight.INFORMATIVE, Retest.LATEST
)

READY = Desk(
    lot="MSC-25-001",
    state=LotState.QUARANTINE,
    decision=Decision.RELEASED,
    failing=(),
    pending=(),
    named_pending=(),
    holds=(),
    critical=(),
    makers=frozenset({1, 2}),
    signer=3,
    reason="",
    has_expiry=True,
    void=False,
)


def flag(text: str, limit: Limit) -> Flag:
    value = read_value(text, limit)
    assert isinstance(value, Value)
    return flag_of(value, limit)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("6.8", CD34, Flag.FAIL),
        ("5", CD34, Flag.PASS),
        ("0.4", CD34, Flag.PASS),
        ("<0.5", CD34, Flag.PASS),
        ("94.96", CD73, Flag.FAIL),
        ("95", CD73, Flag.PASS),
        ("<99", CD73, Flag.FAIL),
        ("no growth", STERILITY, Flag.PASS),
        ("No  Growth", STERILITY, Flag.PASS),
        ("growth", STERILITY, Flag.FAIL),
        ("35", HLA_DR, Flag.INFORMATIVE),
    ],
)
def test_a_flag_is_computed_unrounded(text: str, limit: Limit, expected: Flag) -> None:
    assert flag(text, limit) is expected


@pytest.mark.parametrize(
    "text", ["98,4", "ninety", ".5", "1e2", "+3", "-1", "120", "98.45678", "NaN", "Infinity", "<"]
)
def test_a_number_that_is_not_plain_is_refused(text: str) -> None:
    answer = read_value(text, CD73)
    assert isinstance(answer, Refusal) and answer.reason is Why.NOT_A_NUMBER


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_a_higher_cd73_never_turns_a_pass_into_a_fail(low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))
    assert (flag(str(low), CD73), flag(str(high), CD73)) != (Flag.PASS, Flag.FAIL)


def test_a_complete_lot_may_be_released() -> None:
    assert first_of(QUESTIONS, READY) is None


@pytest.mark.parametrize(
    ("desk", "why"),
    [
        (replace(READY, state=LotState.IN_PROCESS), Why.NOT_IN_QUARANTINE),
        (replace(READY, state=LotState.RELEASED), Why.NOT_IN_QUARANTINE),
        (replace(READY, signer=2), Why.DECIDED_BY_MAKER),
        (replace(READY, holds=("HLD-25-001",)), Why.ON_HOLD),
        (replace(READY, critical=("DEV-25-001",)), Why.CRITICAL_DEVIATION),
        (replace(READY, failing=("CD34",)), Why.TESTS_FAIL),
        (replace(READY, pending=("sterility",)), Why.TESTS_PENDING),
        (replace(READY, decision=Decision.CONDITIONALLY_RELEASED), Why.NOTHING_PENDING),
        (
            replace(
                READY, decision=Decision.CONDITIONALLY_RELEASED, pending=("sterility",), reason="urgent order"
            ),
            Why.NOT_PENDING,
        ),
        (replace(READY, decision=Decision.REJECTED), Why.REASON_NEEDED),
        (replace(READY, decision=Decision.RECALLED, reason="growth in a bag"), Why.NOT_IN_QUARANTINE),
        (replace(READY, state=LotState.RELEASED, decision=Decision.RECALLED), Why.REASON_NEEDED),
        (replace(READY, has_expiry=False), Why.NO_EXPIRY),
    ],
)
def test_a_lot_that_is_not_ready_is_refused(desk: Desk, why: Why) -> None:
    refusal = first_of(QUESTIONS, desk)
    assert refusal is not None and refusal.reason is why


@pytest.mark.parametrize("decision", sorted(AGAINST))
def test_a_failing_lot_on_hold_may_be_taken_out_of_use_with_a_reason(decision: Decision) -> None:
    desk = replace(
        READY,
        state=LotState.CONDITIONALLY_RELEASED,
        decision=decision,
        failing=("CD34",),
        holds=("HLD-25-001",),
        critical=("DEV-25-001",),
        reason="CD34 above its limit",
    )
    assert first_of(QUESTIONS, desk) is None


@given(st.lists(st.sampled_from([Flag.PASS, Flag.FAIL]), min_size=1), st.sampled_from(Retest))
def test_no_retest_averages_a_failing_result_away(flags: list[Flag], rule: Retest) -> None:
    """Only a rule that says so lets a later result count in place of a failing one."""
    counts = flags[which_counts(flags, rule)]
    if rule is Retest.LATEST:
        assert counts is flags[-1]
    else:
        assert (counts is Flag.FAIL) == (Flag.FAIL in flags)


def test_a_void_release_may_be_signed_again() -> None:
    assert first_of(QUESTIONS, replace(READY, state=LotState.RELEASED, void=True)) is None


def test_a_result_lies_between_its_sample_and_now() -> None:
    hour = timedelta(hours=1)
    assert times_in_order(AT - hour, AT, AT) is None
    for sampled, resulted in ((AT, AT - hour), (AT, AT + hour)):
        refusal = times_in_order(sampled, resulted, AT)
        assert refusal is not None and refusal.reason is Why.TIME_WRONG


def test_the_shipped_specification_is_sound() -> None:
    form = shipped("msc-dp-1")
    assert isinstance(form, SpecificationForm)
    assert len(form.tests) == 15


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"code = ",
        b"code = 'X'\nversion = 1",
        b"x" * 300_000,
        b"code='SPEC-A'\nversion=1\nproduct='p'\nlot_kind='drug_product'\n"
        b"[[tests]]\ntest='a1'\nname='A'\ncomparator='exactly'\nlimit='5'\nmethod='m'\nweight='release'\n",
    ],
)
def test_a_broken_specification_file_is_refused_with_its_place(text: bytes) -> None:
    answer = read_specification(text)
    assert isinstance(answer, Refusal) and answer.reason is Why.BAD_FILE
