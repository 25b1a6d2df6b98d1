"""Times, volumes and cells of an infusion, and what was delivered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bedside.infusion_rules import BEGINNING, ENDING, Beginning, Ending, delivered_viable_cells
from app.bedside.limits import limits
from app.bedside.situation import Why

NOW = datetime(2025, 5, 6, 10, 14, 20, tzinfo=UTC)
BEGIN = Beginning(
    at=NOW,
    limits=limits(),
    thawed_at=NOW.replace(minute=2, second=0),
    started_at=NOW.replace(second=0),
    confirmed_at=NOW.replace(second=10),
    overridden=False,
    dmso_g=Decimal("2.2"),
    dmso_limit_g=Decimal(60),
    volume_ml=Decimal("20"),
    viable_cells=90_000_000,
    viability_percent=Decimal("91"),
    filled_volume_ml=Decimal("20"),
    lowest_viable_cells=72_000_000,
    highest_viable_cells=108_000_000,
)
END = Ending(
    at=NOW + timedelta(minutes=21),
    limits=limits(),
    started_at=NOW,
    ended_at=NOW + timedelta(minutes=20),
    volume_ml=Decimal("20"),
    residual_ml=Decimal("0.4"),
    flush_ml=Decimal("10"),
    stopped_early_because="",
)


def said(begin: Beginning) -> list[str]:
    return [str(no.reason) for question in BEGINNING if (no := question(begin)) is not None]


def said_at_end(end: Ending) -> list[str]:
    return [str(no.reason) for question in ENDING if (no := question(end)) is not None]


def test_the_worked_example_begins_and_ends() -> None:
    assert said(BEGIN) == []
    assert said_at_end(END) == []


SPOILED: list[tuple[Why, Beginning]] = [
    (Why.THAWED_TOO_LONG, replace(BEGIN, thawed_at=NOW - timedelta(minutes=118))),
    (Why.CELLS_TEN_TIMES_OFF, replace(BEGIN, viable_cells=900_000_000)),
    (Why.CELLS_TEN_TIMES_OFF, replace(BEGIN, viable_cells=9_000_000)),
    (Why.CELLS_TEN_TIMES_OFF, replace(BEGIN, viable_cells=90_000)),
    (Why.CELLS_OUTSIDE_WINDOW, replace(BEGIN, viable_cells=71_999_999)),
    (Why.START_BEFORE_CHECK, replace(BEGIN, confirmed_at=NOW + timedelta(minutes=1))),
    (Why.START_BEFORE_THAW, replace(BEGIN, thawed_at=NOW + timedelta(minutes=1))),
    (Why.TOO_MUCH_DMSO, replace(BEGIN, dmso_g=Decimal("60.1"))),
    (Why.TIME_IN_FUTURE, replace(BEGIN, started_at=NOW + timedelta(minutes=3))),
    (Why.VIABILITY_IMPOSSIBLE, replace(BEGIN, viability_percent=Decimal("100.1"))),
    (Why.VIABILITY_IMPOSSIBLE, replace(BEGIN, viability_percent=Decimal(0))),
    (Why.VOLUME_IMPOSSIBLE, replace(BEGIN, volume_ml=Decimal(200))),
    (Why.VOLUME_IMPOSSIBLE, replace(BEGIN, volume_ml=Decimal(2))),
    (Why.VOLUME_IMPOSSIBLE, replace(BEGIN, volume_ml=Decimal(0))),
]


@pytest.mark.parametrize(("why", "begin"), SPOILED, ids=[f"{n}-{w}" for n, (w, _) in enumerate(SPOILED)])
def test_an_impossible_start_is_refused_for_its_reason(why: Why, begin: Beginning) -> None:
    assert said(begin) == [why]


def test_ninety_minutes_after_thaw_are_still_allowed() -> None:
    early = replace(BEGIN, thawed_at=BEGIN.started_at - timedelta(minutes=90))
    assert said(early) == []
    late = replace(early, started_at=early.started_at + timedelta(minutes=1))
    assert said(late) == [Why.THAWED_TOO_LONG]
    assert said(replace(late, overridden=True)) == []


SPOILED_ENDS: list[tuple[Why, Ending]] = [
    (Why.END_BEFORE_START, replace(END, ended_at=NOW - timedelta(seconds=1))),
    (Why.TIME_IN_FUTURE, replace(END, ended_at=NOW + timedelta(hours=1))),
    (Why.RESIDUAL_IMPOSSIBLE, replace(END, residual_ml=Decimal("20.01"), stopped_early_because="x")),
    (Why.RESIDUAL_IMPOSSIBLE, replace(END, residual_ml=Decimal("-0.01"))),
    (Why.STOPPED_EARLY_NEEDS_REASON, replace(END, residual_ml=Decimal("2.01"))),
    (Why.FLUSH_IMPOSSIBLE, replace(END, flush_ml=Decimal("-1"))),
    (Why.FLUSH_IMPOSSIBLE, replace(END, flush_ml=Decimal(501))),
]


@pytest.mark.parametrize(
    ("why", "end"), SPOILED_ENDS, ids=[f"{n}-{w}" for n, (w, _) in enumerate(SPOILED_ENDS)]
)
def test_an_impossible_end_is_refused_for_its_reason(why: Why, end: Ending) -> None:
    assert said_at_end(end) == [why]


def test_a_tenth_of_the_bag_may_be_left_and_more_with_a_reason() -> None:
    assert said_at_end(replace(END, residual_ml=Decimal(2))) == []
    assert said_at_end(replace(END, residual_ml=Decimal(9), stopped_early_because="chills")) == []


def test_the_worked_example_delivers_88_2_million_viable_cells() -> None:
    assert delivered_viable_cells(90_000_000, Decimal(20), Decimal("0.4")) == 88_200_000


def test_part_of_a_cell_is_not_delivered() -> None:
    assert delivered_viable_cells(100, Decimal(3), Decimal(1)) == 66


@given(
    viable=st.integers(0, 10**12),
    volume=st.integers(1, 10**6),
    residual=st.integers(0, 10**6),
)
def test_delivered_never_exceeds_what_was_in_the_bag_and_is_exact(
    viable: int, volume: int, residual: int
) -> None:
    residual = min(residual, volume)
    given = delivered_viable_cells(viable, Decimal(volume) / 100, Decimal(residual) / 100)
    assert 0 <= given <= viable
    assert given * volume <= viable * (volume - residual) < (given + 1) * volume
