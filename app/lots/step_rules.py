"""Steps: may these units become those, by this person, with these figures?"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.kernel.refusals import Refusal
from app.kernel.units import cells, number
from app.lots import rules
from app.lots.models import FATES, LotKind, LotState, StepKind, UnitKind, UnitState
from app.lots.process_limits import Limits
from app.lots.reckoning import Input, Reckoned
from app.lots.rules import Why
from app.lots.stepform import StepForm

_K, _U = StepKind, UnitKind
_KEPT = frozenset({_U.QC_SAMPLE, _U.RETAINED})
_SUSPENDED = frozenset({_U.FLASK}) | _KEPT
_FILLED = frozenset({_U.BAG, _U.VIAL}) | _KEPT

#: What each kind of step may take.
TAKES: dict[StepKind, frozenset[UnitKind]] = {
    _K.SEED: frozenset({_U.TISSUE, _U.FLASK}),
    _K.HARVEST: frozenset({_U.FLASK}),
    _K.SPLIT: frozenset({_U.TISSUE, _U.FLASK}),
    _K.POOL: frozenset({_U.TISSUE, _U.FLASK}),
    _K.FILL: frozenset({_U.FLASK}),
    _K.FREEZE: frozenset({_U.FLASK}),
    _K.THAW: frozenset({_U.VIAL, _U.BAG, _U.RETAINED}),
    _K.SAMPLE: frozenset({_U.TISSUE, _U.FLASK, _U.VIAL, _U.BAG, _U.RETAINED}),
}
#: What each kind of step may yield.
GIVES: dict[StepKind, frozenset[UnitKind]] = {
    _K.SEED: frozenset({_U.FLASK}),
    _K.HARVEST: _SUSPENDED | _FILLED,
    _K.SPLIT: _SUSPENDED,
    _K.POOL: _SUSPENDED,
    _K.FILL: _FILLED,
    _K.FREEZE: _FILLED,
    _K.THAW: _SUSPENDED,
    _K.SAMPLE: _KEPT,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known when a step is told."""

    form: StepForm
    at: datetime
    lot_id: int
    lot_kind: LotKind
    lot_state: LotState
    inputs: tuple[Input, ...]
    #: States of the lots the inputs come from.
    lot_states: dict[int, LotState]
    lot_kinds: dict[int, LotKind]
    #: Holds that reach an input, or lie on a material or device, as (what, code of the hold).
    holds: tuple[tuple[str, str], ...]
    limits: Limits
    reckoned: Reckoned


def in_future(s: Situation) -> Refusal | None:
    """Is the step over?"""
    return rules.in_future("The end of this step", s.form.ended_at, s.at)


def end_before_start(s: Situation) -> Refusal | None:
    """Did it end after it began?"""
    return rules.end_before_start(s.form.started_at, s.form.ended_at)


def lot_open(s: Situation) -> Refusal | None:
    """Is the lot being made; or is this a sample of a finished lot, for testing or to be kept?"""
    only_samples = s.form.kind in (_K.THAW, _K.SAMPLE) and all(one.kind in _KEPT for one in s.form.yields)
    if s.lot_state is LotState.IN_PROCESS or (only_samples and all(i.lot_id == s.lot_id for i in s.inputs)):
        return None
    return Refusal(
        Why.LOT_CLOSED,
        f"Lot {s.form.lot} is {s.lot_state.value.replace('_', ' ')}: its making is finished.",
        "Take samples of it, or open a new lot for new cells.",
    )


def input_twice(s: Situation) -> Refusal | None:
    """Was each unit named once?"""
    twice = [code for code, times in Counter(s.form.inputs).items() if times > 1]
    if not twice:
        return None
    return Refusal(Why.INPUT_TWICE, f"Unit {twice[0]} was named twice.", "Name each unit once.")


def input_gone(s: Situation) -> Refusal | None:
    """Is every unit still there?"""
    gone = next((unit for unit in s.inputs if unit.state in FATES), None)
    if gone is None:
        return None
    return Refusal(
        Why.INPUT_GONE,
        f"Unit {gone.code} is {gone.state.value}: nothing is left of it.",
        "Check the code on the label.",
    )


def input_not_released(s: Situation) -> Refusal | None:
    """Was everything that comes from a finished lot released for use?"""
    for unit in s.inputs:
        free = unit.state in (UnitState.IN_PROCESS, UnitState.AVAILABLE)
        own = unit.lot_id == s.lot_id and unit.state is UnitState.IN_QUARANTINE
        lot = s.lot_states.get(unit.lot_id) if unit.lot_id is not None else None
        if own or (free and (lot is None or unit.state is UnitState.IN_PROCESS or lot is LotState.RELEASED)):
            continue
        return Refusal(
            Why.INPUT_NOT_RELEASED,
            f"Unit {unit.code} is {unit.state.value.replace('_', ' ')}"
            + (f" in a lot that is {lot.value.replace('_', ' ')}." if lot else "."),
            "Use units of this lot, or of a bank that quality released.",
        )
    return None


def wrong_tier(s: Situation) -> Refusal | None:
    """Do cells only go on: from a master to a working cell bank, from a bank to a product?"""
    order = list(LotKind)
    for unit in s.inputs:
        tier = s.lot_kinds.get(unit.lot_id) if unit.lot_id is not None else None
        if tier is not None and order.index(tier) > order.index(s.lot_kind):
            return Refusal(
                Why.WRONG_TIER,
                f"Unit {unit.code} belongs to a {_tier(tier)}; lot {s.form.lot} is a {_tier(s.lot_kind)}.",
                "Use tissue, or units of an earlier tier; or open a lot of a later one.",
            )
    return None


def input_too_young(s: Situation) -> Refusal | None:
    """Did every unit exist when the step began?"""
    young = next((unit for unit in s.inputs if unit.made_at > s.form.started_at), None)
    if young is None:
        return None
    return Refusal(
        Why.INPUT_TOO_YOUNG,
        f"Unit {young.code} was made at {young.made_at:%Y-%m-%d %H:%M} UTC, after this step began.",
        "Check the start of this step, and the code on the label.",
    )


def input_expired(s: Situation) -> Refusal | None:
    """Was every unit within its date?"""
    old = next((u for u in s.inputs if u.expires_at is not None and u.expires_at < s.form.started_at), None)
    if old is None:
        return None
    return Refusal(
        Why.INPUT_EXPIRED,
        f"Unit {old.code} expired on {old.expires_at:%Y-%m-%d}.",
        "Take a unit that is within its date; put this one aside.",
    )


def on_hold(s: Situation) -> Refusal | None:
    """Is everything free of holds?"""
    if not s.holds:
        return None
    what, hold = s.holds[0]
    if what not in s.form.inputs:
        return tool_on_hold(what, hold)
    return Refusal(
        Why.INPUT_ON_HOLD,
        f"Unit {what} is stopped by hold {hold}.",
        "Do not use it. Ask the quality unit.",
    )


def tool_on_hold(code: str, hold: str) -> Refusal:
    """A material, a device or the lot itself is stopped."""
    return Refusal(
        Why.TOOL_ON_HOLD, f"{code} is stopped by hold {hold}.", "Do not use it. Ask the quality unit."
    )


def wrong_input(s: Situation) -> Refusal | None:
    """Does this kind of step take such units?"""
    wrong = next((unit for unit in s.inputs if unit.kind not in TAKES[s.form.kind]), None)
    if wrong is None:
        return None
    takes = " or ".join(_words(kind) for kind in UnitKind if kind in TAKES[s.form.kind])
    return Refusal(
        Why.WRONG_INPUT,
        f"Unit {wrong.code} is a {_words(wrong.kind)}; the step {s.form.kind.value} takes {takes}.",
        "Check the code, or choose another kind of step.",
    )


def growing(s: Situation) -> Refusal | None:
    """Are cells in culture harvested first, and only cells in culture harvested?"""
    for unit in s.inputs:
        if s.form.kind is _K.HARVEST and not unit.growing:
            return Refusal(
                Why.NOT_GROWING,
                f"Unit {unit.code} was not seeded: there is nothing to harvest.",
                "Record the seeding first.",
            )
        if unit.growing and s.form.kind not in (_K.HARVEST, _K.SAMPLE):
            return Refusal(
                Why.STILL_GROWING,
                f"The cells in {unit.code} are in culture and not counted.",
                "Record the harvest first.",
            )
    return None


def wrong_yield(s: Situation) -> Refusal | None:
    """Does this kind of step give such units?"""
    if not s.form.yields:
        return Refusal(Why.NO_YIELD, "Nothing came out of this step.", "Enter what the cells were put into.")
    wrong = next((one.kind for one in s.form.yields if one.kind not in GIVES[s.form.kind]), None)
    if wrong is None:
        return None
    gives = " or ".join(_words(kind) for kind in UnitKind if kind in GIVES[s.form.kind])
    return Refusal(
        Why.WRONG_YIELD,
        f"The step {s.form.kind.value} gives {gives}, not a {_words(wrong)}.",
        "Choose another container, or another kind of step.",
    )


def no_vessel(s: Situation) -> Refusal | None:
    """Is it known what the cells grow in?"""
    if s.form.kind is not _K.SEED or (s.form.vessel and s.form.area_cm2 is not None):
        return None
    return Refusal(
        Why.NO_VESSEL,
        "The vessel or its growth area is missing.",
        "Enter both, such as 20 x T-75 and 1500 cm2.",
    )


def harvest_counted(s: Situation) -> Refusal | None:
    """Was the harvest counted, and nothing else counted anew?"""
    counted = s.form.cells_harvested is not None
    if s.form.kind is not _K.HARVEST:
        if not counted:
            return None
        return Refusal(
            Why.COUNT_NOT_ASKED,
            f"The step {s.form.kind.value} makes no new cells, so none are harvested.",
            "Leave the harvest empty; enter cells that are missing as lost, with a note.",
        )
    if counted and s.form.cells_harvested and s.form.viability_percent is not None:
        return None
    return Refusal(
        Why.NO_COUNT,
        "The harvested viable cells or their viability are missing.",
        "Count the harvest, and enter both figures.",
    )


def founders_known(s: Situation) -> Refusal | None:
    """Is it known from how many cells passage 0 grew?"""
    if s.form.kind is not _K.HARVEST or s.reckoned.passage > 0:
        return None
    if s.reckoned.founders:
        return None
    return Refusal(
        Why.NO_FOUNDERS,
        "Passage 0 grows from the few colony-forming cells of the tissue; their share is missing.",
        "Enter the CFU-F per million nucleated cells.",
    )


def too_many_passages(s: Situation) -> Refusal | None:
    """Is the passage within its limit?"""
    highest = s.limits.passage.highest
    if s.reckoned.passage <= highest:
        return None
    return Refusal(
        Why.TOO_MANY_PASSAGES,
        f"This would be passage {s.reckoned.passage}; the limit is {highest}.",
        "Do not expand these cells further.",
    )


def too_many_doublings(s: Situation) -> Refusal | None:
    """Are the cumulative population doublings within their limit?"""
    highest = Decimal(str(s.limits.cumulative_doublings.highest))
    if s.reckoned.cumulative <= highest:
        return None
    return Refusal(
        Why.TOO_MANY_DOUBLINGS,
        f"Cells would have doubled {number(s.reckoned.cumulative)} times; the limit is {number(highest)}.",
        "Check the count. If it is right, these cells may not become a product: destroy them.",
    )


def one_unit_to_sample(s: Situation) -> Refusal | None:
    """Is it one unit that the sample was taken from, and did it hold that much?"""
    if s.form.kind is not _K.SAMPLE:
        return None
    if len(s.inputs) != 1:
        return Refusal(
            Why.ONE_UNIT_TO_SAMPLE, "A sample is taken from one unit.", "Record one step for each unit."
        )
    unit = s.inputs[0]
    taken = s.reckoned.cells_qc + s.reckoned.cells_retained + s.form.cells_lost
    volume = sum((one.count * one.volume_ml for one in s.form.yields), Decimal(0))
    if taken <= unit.viable_cells and volume <= unit.volume_ml:
        return None
    return Refusal(
        Why.MORE_THAN_THERE,
        f"The sample holds {cells(taken)} cells in {number(volume)} mL; unit {unit.code} held"
        f" {cells(unit.viable_cells)} in {number(unit.volume_ml)} mL.",
        "Check cells and volume of the sample.",
    )


def implausible(s: Situation) -> Refusal | None:
    """Does the harvest look like cells that grew, or like a slip of the decimal point?"""
    if s.form.kind is not _K.HARVEST or (s.form.recounted and s.form.note):
        return None
    guard, r = s.limits.plausible, s.reckoned
    fewest, most = guard.doublings_of_passage if r.passage else guard.doublings_of_passage_0
    count = f"A harvest of {cells(s.form.cells_harvested or 0)} cells"
    if r.doublings > Decimal(str(most)):
        what = (
            f"{count} is {number(r.doublings)} doublings in one passage; more than {most:g} are unheard of."
        )
    elif r.doublings < Decimal(str(fewest)):
        what = f"{count} is {number(r.doublings)} doublings in one passage; fewer than {fewest:g} are rare."
    elif r.per_cm2 is not None and r.per_cm2 > guard.cells_per_cm2:
        what = f"{count} is {number(r.per_cm2)} per cm²; no more than {number(guard.cells_per_cm2)} fit."
    else:
        return None
    return Refusal(
        Why.IMPLAUSIBLE_COUNT,
        what,
        "Check the figure: one zero too many or too few? If it is right, count again, mark it as counted"
        " twice and say so in the note.",
    )


def unexplained(s: Situation) -> Refusal | None:
    """Do the cells add up: in (or harvested) = out + QC + retained + lost; or were they counted twice?

    A slip is asked back once. Figures that were counted twice are kept, and the difference with a deviation.
    """
    if s.reckoned.unexplained == 0 or s.form.recounted:
        return None
    return Refusal(
        Why.UNEXPLAINED_CELLS,
        difference(s.form, s.reckoned),
        "Check the counts. Enter cells that were lost as lost, and say in the note how. If the counts are"
        " right, mark them as counted twice: the step is then kept and a deviation opened.",
    )


def difference(form: StepForm, r: Reckoned) -> str:
    """What of a cell balance nobody can explain, in a sentence with its figures."""
    had = r.cells_in if form.cells_harvested is None else form.cells_harvested
    said = "were harvested" if form.cells_harvested is not None else "went in"
    spent = had - r.unexplained
    if r.unexplained > 0:
        return (
            f"{cells(had)} viable cells {said}, {cells(spent)} are accounted for:"
            f" {cells(r.unexplained)} are unexplained."
        )
    return f"{cells(had)} viable cells {said}, but {cells(spent)} came out: {cells(-r.unexplained)} too many."


def loss_unexplained(s: Situation) -> Refusal | None:
    """Does the note say how cells were lost?"""
    if s.form.cells_lost == 0 or s.form.note:
        return None
    return Refusal(
        Why.LOSS_UNEXPLAINED,
        f"{cells(s.form.cells_lost)} viable cells were lost, and the note does not say how.",
        "Write in the note how they were lost, such as the recovery after thawing.",
    )


def _tier(kind: LotKind) -> str:
    return kind.value.replace("_", " ")


def _words(kind: UnitKind) -> str:
    return "QC sample" if kind is UnitKind.QC_SAMPLE else kind.value.replace("_", " ")


#: Asked in this order; the first no is the answer.
QUESTIONS = (
    in_future, end_before_start, lot_open, input_twice, input_gone, wrong_input, wrong_tier,
    input_not_released, input_too_young, input_expired, on_hold, growing, wrong_yield, no_vessel,
    harvest_counted, founders_known, too_many_passages, one_unit_to_sample, implausible, too_many_doublings,
    unexplained, loss_unexplained,
)  # fmt: skip
