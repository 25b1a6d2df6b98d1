"""A chain is whole when each taker gives next, links count without holes, and time goes forward."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.custody.rules import (
    LEAVING,
    Leaving,
    Link,
    Why,
    carried_by_another,
    gaps,
    has_condition,
    may_store,
    void_label,
)
from app.kernel.refusals import first_of
from app.labeling.models import LabelState
from app.lots.models import FATES, LotState, UnitState
from tests.factories import AT

READY = Leaving(
    unit="MSC-25-001-B01",
    state=UnitState.ALLOCATED,
    lot_state=LotState.RELEASED,
    release_stands=True,
    holds=(),
    label_applied=True,
    expires_at=AT + timedelta(days=1),
    gaps=(),
    stored=True,
    at=AT,
)


@st.composite
def whole_chains(draw: st.DrawFn, least: int = 0) -> list[Link]:
    """A chain as the operations make it."""
    people = draw(st.lists(st.integers(1, 5), min_size=least + 1, max_size=9))
    hours = sorted(draw(st.lists(st.integers(0, 500), min_size=len(people), max_size=len(people))))
    return [
        Link(number + 1, giver, taker, AT + timedelta(hours=hours[number]))
        for number, (giver, taker) in enumerate(pairwise(people))
    ]


@given(whole_chains())
def test_a_chain_in_which_each_taker_gives_next_has_no_gap(chain: list[Link]) -> None:
    assert gaps(chain) == []


@given(whole_chains(least=2), st.data())
def test_a_stranger_as_giver_is_a_gap_at_that_link(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(chain) - 1))
    chain[at] = replace(chain[at], giver=99)
    assert gaps(chain) == [f"link {at + 1} was given by somebody who had not taken it in link {at}"]


@given(whole_chains(least=3), st.data())
def test_a_link_taken_out_is_always_missed(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 2))
    del chain[at]
    said = "the first link is missing" if at == 0 else f"link {at + 1} is missing"
    assert said in gaps(chain)


@given(whole_chains(least=2), st.data())
def test_time_that_runs_backwards_is_a_gap(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(chain) - 1))
    chain[at] = replace(chain[at], at=chain[at - 1].at - timedelta(minutes=1))
    assert f"link {at + 1} is earlier than link {at}" in gaps(chain)


def test_a_ready_unit_may_leave() -> None:
    assert first_of(LEAVING, READY) is None


@pytest.mark.parametrize(
    ("situation", "why"),
    [
        (replace(READY, state=UnitState.AVAILABLE), Why.WRONG_STATE),
        (replace(READY, lot_state=LotState.QUARANTINE), Why.NOT_RELEASED),
        (replace(READY, lot_state=None), Why.NOT_RELEASED),
        (replace(READY, release_stands=False), Why.NOT_RELEASED),
        (replace(READY, holds=("HLD-25-001",)), Why.ON_HOLD),
        (replace(READY, expires_at=AT), Why.EXPIRED),
        (replace(READY, label_applied=False), Why.NO_LABEL),
        (replace(READY, gaps=("link 2 is missing",)), Why.CUSTODY_GAP),
        (replace(READY, stored=False), Why.CUSTODY_GAP),
    ],
)
def test_a_unit_that_may_not_leave_is_refused(situation: Leaving, why: Why) -> None:
    refusal = first_of(LEAVING, situation)
    assert refusal is not None and refusal.reason is why
    assert "MSC-25-001-B01" in refusal.sentence


@pytest.mark.parametrize("state", list(UnitState))
def test_only_a_unit_that_is_here_is_stored(state: UnitState) -> None:
    away = (FATES - {UnitState.RETAINED}) | {UnitState.ISSUED, UnitState.IN_TRANSIT, UnitState.THAWED}
    assert (may_store("B01", state) is not None) == (state in away)


@pytest.mark.parametrize("state", list(LabelState))
def test_scanning_anything_but_the_applied_label_says_void(state: LabelState) -> None:
    refusal = void_label("B7K3 M9QX", "B01", state)
    assert (refusal is None) == (state is LabelState.APPLIED)
    assert refusal is None or refusal.sentence.startswith("VOID")


def test_a_condition_is_said_in_a_few_words() -> None:
    assert has_condition("intact") is None
    assert all(has_condition(words) is not None for words in ("", "  x ", "x" * 201))


def test_a_unit_is_carried_by_whom_it_was_handed_to() -> None:
    assert carried_by_another("B01", 4, "Nils", 4) is None
    refusal = carried_by_another("B01", 4, "Nils", 5)
    assert refusal is not None and "Nils" in refusal.sentence
