"""Doses that are meant, and bags that may be promised."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusals import first_of
from app.lots.models import LotState, UnitKind, UnitState
from app.orders.allocation_rules import QUESTIONS, Match
from app.orders.doses import dose_rules
from app.orders.models import MOVES, DoseBasis, OrderState
from app.orders.rules import (
    Why,
    dose_not_usual,
    dose_per_kg_not_usual,
    meant_instead,
    planned_in_the_past,
    weight_far_from_the_last,
    weight_not_usable,
)
from tests.orders.factories import prescription

NOW = datetime(2025, 4, 28, 9, 0, tzinfo=UTC)
RULES = dose_rules()
PRODUCT = RULES.products[0]
MATCH = Match(
    at=NOW,
    order_state=OrderState.PRESCRIBED,
    order_product=PRODUCT.product,
    recipient="LN-01",
    consent_stands=True,
    lowest_viable_cells=72_000_000,
    highest_viable_cells=108_000_000,
    weight_kg=Decimal(60),
    planned_on=date(2025, 5, 6),
    unit_code="MSC-25-001-B01",
    unit_kind=UnitKind.BAG,
    unit_state=UnitState.AVAILABLE,
    viable_cells=100_000_000,
    lot_code="MSC-25-001",
    lot_product=PRODUCT.product,
    lot_state=LotState.RELEASED,
    release_stands=True,
    expires_at=datetime(2027, 3, 22, tzinfo=UTC),
    holds=(),
    label_applied=True,
    dmso_g=Decimal("2.2"),
    dmso_limit_g_per_kg=Decimal(1),
)

SPOILED: list[tuple[Why, Match]] = [
    (Why.ORDER_NOT_OPEN, replace(MATCH, order_state=OrderState.ALLOCATED)),
    (Why.NO_CONSENT, replace(MATCH, consent_stands=False)),
    (Why.NOT_A_BAG, replace(MATCH, unit_kind=UnitKind.VIAL)),
    (Why.NOT_A_BAG, replace(MATCH, lot_code=None)),
    (Why.ON_HOLD, replace(MATCH, holds=("donor deferred",))),
    (Why.LOT_NOT_RELEASED, replace(MATCH, lot_state=LotState.QUARANTINE)),
    (Why.LOT_NOT_RELEASED, replace(MATCH, lot_state=LotState.REJECTED)),
    (Why.LOT_NOT_RELEASED, replace(MATCH, lot_state=LotState.RECALLED)),
    (Why.RELEASE_VOID, replace(MATCH, release_stands=False)),
    (Why.EXPIRED, replace(MATCH, expires_at=None)),
    (Why.EXPIRED, replace(MATCH, expires_at=datetime(2025, 5, 5, 23, 59, tzinfo=UTC))),
    (Why.EXPIRED, replace(MATCH, expires_at=NOW)),
    (Why.UNIT_NOT_AVAILABLE, replace(MATCH, unit_state=UnitState.ALLOCATED)),
    (Why.UNIT_NOT_AVAILABLE, replace(MATCH, unit_state=UnitState.INFUSED)),
    (Why.ANOTHER_PRODUCT, replace(MATCH, lot_product="Adipose MSC")),
    (Why.NO_LABEL, replace(MATCH, label_applied=False)),
    (Why.OUTSIDE_WINDOW, replace(MATCH, viable_cells=71_999_999)),
    (Why.OUTSIDE_WINDOW, replace(MATCH, viable_cells=108_000_001)),
    (Why.TOO_MUCH_DMSO, replace(MATCH, dmso_g=Decimal("60.1"))),
]


def test_a_released_labelled_bag_inside_the_window_may_be_promised() -> None:
    assert first_of(QUESTIONS, MATCH) is None


@pytest.mark.parametrize(("why", "match"), SPOILED, ids=[f"{n}-{w}" for n, (w, _) in enumerate(SPOILED)])
def test_one_wrong_fact_refuses_the_bag_for_its_reason(why: Why, match: Match) -> None:
    refusal = first_of(QUESTIONS, match)
    assert refusal is not None and refusal.reason == why
    assert refusal.next_step.endswith(".")


def test_every_question_on_a_bag_is_provoked() -> None:
    silent = [q.__name__ for q in QUESTIONS if not any(q(match) for _, match in SPOILED)]
    assert silent == []


def test_a_dose_inside_the_range_is_taken() -> None:
    assert dose_not_usual(90_000_000, PRODUCT) is None
    assert dose_not_usual(50_000_000, PRODUCT) is None
    assert dose_not_usual(200_000_000, PRODUCT) is None


def test_a_dose_ten_times_off_is_stopped_with_both_doses_in_words() -> None:
    refusal = dose_not_usual(900_000_000, PRODUCT)
    assert refusal is not None and refusal.reason == Why.DOSE_TEN_TIMES_OFF
    assert "nine hundred million" in refusal.sentence
    assert "10 times ninety million" in refusal.sentence


@pytest.mark.parametrize("slip", [9_000_000, 900_000, 90_000, 9_000_000_000, 90_000_000_000])
def test_lost_and_added_zeros_are_recognised(slip: int) -> None:
    assert meant_instead(slip, 50_000_000, 200_000_000) == 90_000_000
    refusal = dose_not_usual(slip, PRODUCT)
    assert refusal is not None and refusal.reason == Why.DOSE_TEN_TIMES_OFF


def test_a_dose_outside_the_range_is_stopped_even_when_no_zero_explains_it() -> None:
    refusal = dose_not_usual(333_333_333, PRODUCT)
    assert refusal is not None and refusal.reason == Why.DOSE_OUTSIDE_RANGE


def test_the_window_is_twenty_percent_each_way() -> None:
    assert RULES.window(90_000_000) == (72_000_000, 108_000_000)


def test_a_weight_is_a_persons_and_no_older_than_thirty_days() -> None:
    today = NOW.date()
    cases = [
        (Decimal(60), today, None),
        (Decimal(60), today - timedelta(days=30), None),
        (Decimal(60), today - timedelta(days=31), Why.WEIGHT_TOO_OLD),
        (Decimal(60), today + timedelta(days=1), Why.WEIGHED_IN_FUTURE),
        (Decimal(600), today, Why.WEIGHT_IMPLAUSIBLE),
        (Decimal("0.6"), today, Why.WEIGHT_IMPLAUSIBLE),
    ]
    for weight, weighed_on, why in cases:
        refusal = weight_not_usable(weight, weighed_on, NOW, RULES)
        assert (None if refusal is None else refusal.reason) == why


def test_a_day_that_is_over_cannot_be_planned() -> None:
    assert planned_in_the_past(date(2025, 4, 26), NOW) is not None
    assert planned_in_the_past(date(2025, 4, 28), NOW) is None


def test_every_state_of_an_order_has_its_moves() -> None:
    assert set(MOVES) == set(OrderState)


@pytest.mark.parametrize(
    ("million", "weight", "why"),
    [
        (90, "60", None),
        (90, "18", None),
        (90, "225", None),
        (90, "17.9", Why.WEIGHT_TEN_TIMES_OFF),
        (90, "6", Why.WEIGHT_TEN_TIMES_OFF),
        (90, "226", Why.WEIGHT_TEN_TIMES_OFF),
        (200, "36", Why.DOSE_PER_KG_OUTSIDE_RANGE),
    ],
)
def test_dose_and_weight_must_fit_each_other(million: int, weight: str, why: Why | None) -> None:
    kg, cells = Decimal(weight), million * 10**6
    refusal = dose_per_kg_not_usual(int(cells / kg), cells, kg, PRODUCT)
    assert (refusal.reason if refusal else None) == why


def test_a_weight_ten_times_the_one_before_is_asked_for_again() -> None:
    former = (Decimal(60), NOW.date())
    assert weight_far_from_the_last(Decimal(60), None, RULES) is None
    for weight, refused in (
        ("60", False),
        ("12.1", False),
        ("12", True),
        ("6", True),
        ("299", False),
        ("300", True),
    ):
        refusal = weight_far_from_the_last(Decimal(weight), former, RULES)
        assert (refusal is not None) is refused, weight
        assert refusal is None or refusal.reason == Why.WEIGHT_TEN_TIMES_OFF


def test_a_weight_ten_years_old_is_not_taken() -> None:
    refusal = weight_not_usable(Decimal(60), NOW.date() - timedelta(days=3653), NOW, RULES)
    assert refusal is not None and refusal.reason == Why.WEIGHT_TOO_OLD


@given(million=st.integers(50, 200), weight=st.decimals("20", "150", places=1))
def test_a_dose_said_per_kg_and_the_same_dose_in_cells_are_one_dose(million: int, weight: Decimal) -> None:
    whole = prescription(dose_million=Decimal(million), weight_kg=weight)
    per_kg = Decimal(whole.dose_cells_per_kg) / 10**6
    again = prescription(dose_million=per_kg, weight_kg=weight, dose_basis=DoseBasis.CELLS_PER_KG)
    assert again.dose_cells_per_kg == whole.dose_cells_per_kg
    assert 0 <= whole.dose_viable_cells - again.dose_viable_cells <= weight + 1


def test_dmso_is_volume_times_percent_times_density() -> None:
    assert PRODUCT.dmso_g(Decimal(20)) == Decimal("2.2")
    assert RULES.dmso_limit_g_per_kg == 1
