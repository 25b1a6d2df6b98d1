"""What no step may do: each refusal with the figure or the code that the technologist needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.kernel.refusals import Refusal, first_of
from app.lots.models import LotKind, LotState, StepKind, UnitKind, UnitState
from app.lots.process_limits import process_limits
from app.lots.reckoning import Input, reckon
from app.lots.rules import Why
from app.lots.situation import Situation
from app.lots.step_rules import GIVES, QUESTIONS, TAKES
from app.lots.stepform import StepForm, Yield

AT = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)
FLASK = Input(
    id=1, code="MSC-25-001-F03", kind=UnitKind.FLASK, state=UnitState.IN_PROCESS, lot_id=1, passage=3,
    cumulative_pd=Decimal("15.36"), viable_cells=106_200_000, viability_percent=Decimal(95),
    volume_ml=Decimal(500), made_at=AT - timedelta(days=6), expires_at=None, seeded_by=7,
    seeded_area_cm2=Decimal(37_920),
)  # fmt: skip
SUSPENSION = replace(FLASK, code="MSC-25-001-F04", seeded_by=None, seeded_area_cm2=None)
TISSUE = replace(
    SUSPENSION, code="DON-25-014", kind=UnitKind.TISSUE, lot_id=None, passage=0, cumulative_pd=Decimal(0)
)


def bags(million: float, number: int = 1, kind: UnitKind = UnitKind.BAG) -> Yield:
    cells = round(Decimal(str(million)) * 10**6)
    return Yield(kind=kind, count=number, viable_cells=cells, volume_ml=Decimal(20))


HARVEST = StepForm(
    lot="MSC-25-001", kind=StepKind.HARVEST, started_at=AT, ended_at=AT, inputs=(FLASK.code,),
    yields=(bags(100, 10), bags(10, 3, UnitKind.RETAINED), bags(31.8, 1, UnitKind.QC_SAMPLE)),
    cells_harvested=1_061_800_000, viability_percent=Decimal(95),
)  # fmt: skip
FILL = HARVEST.model_copy(
    update={
        "kind": StepKind.FILL, "inputs": (SUSPENSION.code,), "yields": (bags(106.2),),
        "cells_harvested": None,
    }
)  # fmt: skip
SEED = FILL.model_copy(
    update={
        "kind": StepKind.SEED, "yields": (bags(106.2, 1, UnitKind.FLASK),), "vessel": "CF-10",
        "area_cm2": Decimal(6320),
    }
)  # fmt: skip


def judged(form: StepForm, *inputs: Input, **other: object) -> Refusal | None:
    """What the rules say of this step on these units."""
    facts: dict[str, object] = {
        "form": form, "at": AT, "lot_id": 1, "lot_kind": LotKind.DRUG_PRODUCT,
        "lot_state": LotState.IN_PROCESS, "inputs": inputs, "lot_states": {1: LotState.IN_PROCESS},
        "lot_kinds": {1: LotKind.DRUG_PRODUCT}, "holds": (), "limits": process_limits(),
        "reckoned": reckon(form, inputs),
    }  # fmt: skip
    return first_of(QUESTIONS, Situation(**(facts | other)))  # type: ignore[arg-type]  # the fields above


def why(refusal: Refusal | None) -> Why:
    assert refusal is not None
    assert isinstance(refusal.reason, Why)
    return refusal.reason


def changed(form: StepForm, **other: object) -> StepForm:
    return form.model_copy(update=other)


def test_the_worked_example_passes() -> None:
    assert judged(HARVEST, FLASK) is None
    assert judged(FILL, SUSPENSION) is None
    assert judged(SEED, SUSPENSION) is None


def test_every_kind_of_step_says_what_it_takes_and_gives() -> None:
    assert set(TAKES) == set(GIVES) == set(StepKind)


def test_a_step_cannot_end_in_the_future() -> None:
    late = AT + timedelta(minutes=3)
    assert why(judged(changed(HARVEST, started_at=late, ended_at=late), FLASK)) is Why.IN_FUTURE
    soon = AT + timedelta(minutes=1)
    assert judged(changed(HARVEST, started_at=soon, ended_at=soon), FLASK) is None


def test_a_step_cannot_end_before_it_began() -> None:
    assert why(judged(changed(HARVEST, ended_at=AT - timedelta(hours=1)), FLASK)) is Why.END_BEFORE_START


def test_a_step_cannot_begin_before_its_units_were_made() -> None:
    young = replace(FLASK, made_at=AT + timedelta(seconds=1))
    refusal = judged(HARVEST, young)
    assert why(refusal) is Why.INPUT_TOO_YOUNG and FLASK.code in str(refusal)


def test_an_unexplained_difference_is_refused_with_its_figure() -> None:
    refusal = judged(changed(HARVEST, yields=(bags(100, 10),)), FLASK)
    assert why(refusal) is Why.UNEXPLAINED_CELLS
    assert "61.8 × 10⁶ are unexplained" in str(refusal) and "lost" in str(refusal)


def test_cells_cannot_come_from_nowhere() -> None:
    refusal = judged(changed(FILL, yields=(bags(53.2, 2),)), SUSPENSION)
    assert why(refusal) is Why.UNEXPLAINED_CELLS and "200" in str(refusal) and "too many" in str(refusal)


def test_a_loss_needs_its_explanation() -> None:
    lossy = changed(FILL, yields=(bags(100),), cells_lost=6_200_000)
    assert why(judged(lossy, SUSPENSION)) is Why.LOSS_UNEXPLAINED
    assert judged(changed(lossy, note="left in the line"), SUSPENSION) is None


@pytest.mark.parametrize("times", [Decimal("0.1"), 10])
def test_a_harvest_ten_times_off_is_stopped(times: Decimal) -> None:
    count = int(1_061_800_000 * times)
    slip = changed(HARVEST, cells_harvested=count, yields=(bags(count / 10**6),))
    refusal = judged(slip, FLASK)
    assert why(refusal) is Why.IMPLAUSIBLE_COUNT and "count again" in str(refusal)


def test_a_figure_counted_twice_with_a_note_is_believed() -> None:
    poor = changed(HARVEST, cells_harvested=100_000_000, yields=(bags(100),))
    assert why(judged(poor, FLASK)) is Why.IMPLAUSIBLE_COUNT
    assert judged(changed(poor, recounted=True, note="recounted: contaminated vessel"), FLASK) is None


def test_too_many_cells_for_the_vessel_are_a_slip() -> None:
    refusal = judged(HARVEST, replace(FLASK, seeded_area_cm2=Decimal(6320)))
    assert why(refusal) is Why.IMPLAUSIBLE_COUNT and "per cm²" in str(refusal)


def test_passage_six_is_refused() -> None:
    assert judged(SEED, replace(SUSPENSION, passage=4)) is None
    refusal = judged(SEED, replace(SUSPENSION, passage=5))
    assert why(refusal) is Why.TOO_MANY_PASSAGES and "passage 6" in str(refusal)


def test_more_than_25_cumulative_doublings_are_refused() -> None:
    assert judged(HARVEST, replace(FLASK, cumulative_pd=Decimal("21.68"))) is None
    refusal = judged(HARVEST, replace(FLASK, cumulative_pd=Decimal("21.69")))
    assert why(refusal) is Why.TOO_MANY_DOUBLINGS and "25.01" in str(refusal)


def test_passage_0_needs_its_colony_forming_cells() -> None:
    first = replace(FLASK, passage=0, viable_cells=264_000_000, cumulative_pd=Decimal(0),
                    seeded_area_cm2=Decimal(1500))  # fmt: skip
    form = changed(HARVEST, cells_harvested=9_000_000, yields=(bags(9, 1, UnitKind.FLASK),))
    assert why(judged(form, first)) is Why.NO_FOUNDERS
    assert judged(changed(form, cfu_f_per_million=Decimal(30)), first) is None


def test_a_fate_is_final() -> None:
    refusal = judged(HARVEST, replace(FLASK, state=UnitState.CONSUMED))
    assert why(refusal) is Why.INPUT_GONE and "nothing is left" in str(refusal)


def test_a_unit_is_named_once() -> None:
    assert why(judged(changed(HARVEST, inputs=(FLASK.code, FLASK.code)), FLASK)) is Why.INPUT_TWICE


def test_a_bank_must_be_released_before_it_is_used() -> None:
    vial = replace(SUSPENSION, kind=UnitKind.VIAL, lot_id=2, state=UnitState.IN_QUARANTINE)
    form = changed(FILL, kind=StepKind.THAW, yields=(bags(106.2, 1, UnitKind.FLASK),))
    waiting = {"lot_states": {2: LotState.QUARANTINE}}
    assert why(judged(form, vial, **waiting)) is Why.INPUT_NOT_RELEASED
    free = replace(vial, state=UnitState.AVAILABLE)
    assert judged(form, free, lot_states={2: LotState.RELEASED}) is None
    assert why(judged(form, free, lot_states={2: LotState.RECALLED})) is Why.INPUT_NOT_RELEASED


def test_an_expired_unit_is_not_used() -> None:
    old = replace(SUSPENSION, expires_at=AT - timedelta(minutes=1))
    assert why(judged(FILL, old)) is Why.INPUT_EXPIRED


def test_a_hold_stops_a_step_and_names_itself() -> None:
    refusal = judged(HARVEST, FLASK, holds=((FLASK.code, "HLD-25-001"),))
    assert why(refusal) is Why.INPUT_ON_HOLD and "HLD-25-001" in str(refusal)
    assert why(judged(HARVEST, FLASK, holds=(("MAT-25-001", "HLD-25-001"),))) is Why.TOOL_ON_HOLD


def test_only_what_was_seeded_is_harvested() -> None:
    assert why(judged(changed(HARVEST, inputs=(SUSPENSION.code,)), SUSPENSION)) is Why.NOT_GROWING


def test_cells_in_culture_are_harvested_before_anything_else() -> None:
    assert why(judged(changed(FILL, inputs=(FLASK.code,)), FLASK)) is Why.STILL_GROWING


def test_a_bag_cannot_be_harvested() -> None:
    refusal = judged(HARVEST, replace(FLASK, kind=UnitKind.BAG))
    assert why(refusal) is Why.WRONG_INPUT and "takes flask" in str(refusal)


def test_a_step_yields_what_its_kind_yields() -> None:
    assert why(judged(changed(SEED, yields=(bags(106.2),)), SUSPENSION)) is Why.WRONG_YIELD
    assert why(judged(changed(SEED, yields=()), SUSPENSION)) is Why.NO_YIELD


def test_seeding_names_its_vessel_and_area() -> None:
    assert why(judged(changed(SEED, area_cm2=None), SUSPENSION)) is Why.NO_VESSEL
    assert why(judged(changed(SEED, vessel=""), SUSPENSION)) is Why.NO_VESSEL


def test_a_harvest_is_counted_and_only_a_harvest() -> None:
    assert why(judged(changed(HARVEST, cells_harvested=None), FLASK)) is Why.NO_COUNT
    assert why(judged(changed(HARVEST, viability_percent=None), FLASK)) is Why.NO_COUNT
    assert why(judged(changed(FILL, cells_harvested=5), SUSPENSION)) is Why.COUNT_NOT_ASKED


def test_a_finished_lot_gives_samples_and_nothing_else() -> None:
    kept = replace(SUSPENSION, kind=UnitKind.RETAINED, state=UnitState.IN_QUARANTINE)
    thaw = changed(FILL, kind=StepKind.THAW, yields=(bags(106.2, 1, UnitKind.QC_SAMPLE),))
    assert judged(thaw, kept, lot_state=LotState.QUARANTINE) is None
    more = changed(thaw, yields=(bags(106.2, 1, UnitKind.FLASK),))
    assert why(judged(more, kept, lot_state=LotState.QUARANTINE)) is Why.LOT_CLOSED


def test_a_sample_cannot_hold_more_than_its_unit() -> None:
    sample = changed(FILL, kind=StepKind.SAMPLE, yields=(bags(5, 1, UnitKind.QC_SAMPLE),))
    assert judged(sample, SUSPENSION) is None
    greedy = changed(sample, yields=(bags(107, 1, UnitKind.QC_SAMPLE),))
    assert why(judged(greedy, SUSPENSION)) is Why.MORE_THAN_THERE
    two = changed(sample, inputs=(SUSPENSION.code, TISSUE.code))
    assert why(judged(two, SUSPENSION, TISSUE)) is Why.ONE_UNIT_TO_SAMPLE


def test_a_pool_carries_the_highest_passage_and_doublings() -> None:
    young = replace(SUSPENSION, passage=1, cumulative_pd=Decimal("12.89"))
    pool = changed(FILL, kind=StepKind.POOL, yields=(bags(212.4, 1, UnitKind.FLASK),))
    figures = reckon(pool, (young, SUSPENSION))
    assert (figures.passage, figures.cumulative, figures.unexplained) == (3, Decimal("15.36"), 0)


def test_dying_cells_take_no_doublings_back() -> None:
    poor = changed(HARVEST, cells_harvested=53_100_000, yields=(bags(53.1),))
    figures = reckon(poor, (FLASK,))
    assert (figures.doublings, figures.cumulative) == (Decimal("-1.00"), Decimal("15.36"))
