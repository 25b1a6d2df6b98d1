"""Steps: may these units become those, by this person, with these figures?"""

from collections import Counter

from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.lots import rules
from app.lots.count_rules import (
    implausible,
    loss_unexplained,
    one_unit_to_sample,
    too_many_doublings,
    too_many_passages,
    unexplained,
)
from app.lots.models import FATES, LotKind, LotState, StepKind, UnitKind, UnitState
from app.lots.rules import Why
from app.lots.situation import Situation

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


def in_future(s: Situation) -> Refusal | None:
    """Is the step over?"""
    return rules.in_future(say("The end of this step"), s.form.ended_at, s.at)


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
        say("Lot {lot} is {lot_state}: its making is finished.", lot=s.form.lot, lot_state=word(s.lot_state)),
        say("Take samples of it, or open a new lot for new cells."),
    )


def input_twice(s: Situation) -> Refusal | None:
    """Was each unit named once?"""
    twice = [code for code, times in Counter(s.form.inputs).items() if times > 1]
    if not twice:
        return None
    return Refusal(
        Why.INPUT_TWICE, say("Unit {twice} was named twice.", twice=twice[0]), say("Name each unit once.")
    )


def input_gone(s: Situation) -> Refusal | None:
    """Is every unit still there?"""
    gone = next((unit for unit in s.inputs if unit.state in FATES), None)
    if gone is None:
        return None
    return Refusal(
        Why.INPUT_GONE,
        say("Unit {code} is {state}: nothing is left of it.", code=gone.code, state=word(gone.state)),
        say("Check the code on the label."),
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
            say(
                "Unit {code} is {state} in a lot that is {lot}.",
                code=unit.code,
                state=word(unit.state),
                lot=word(lot),
            )
            if lot
            else say("Unit {code} is {state}.", code=unit.code, state=word(unit.state)),
            say("Use units of this lot, or of a bank that quality released."),
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
                say(
                    "Unit {code} belongs to a {tier}; lot {lot} is a {lot_kind}.",
                    code=unit.code,
                    tier=_tier(tier),
                    lot=s.form.lot,
                    lot_kind=_tier(s.lot_kind),
                ),
                say("Use tissue, or units of an earlier tier; or open a lot of a later one."),
            )
    return None


def input_too_young(s: Situation) -> Refusal | None:
    """Did every unit exist when the step began?"""
    young = next((unit for unit in s.inputs if unit.made_at > s.form.started_at), None)
    if young is None:
        return None
    return Refusal(
        Why.INPUT_TOO_YOUNG,
        say(
            "Unit {code} was made at {made_at:%Y-%m-%d %H:%M} UTC, after this step began.",
            code=young.code,
            made_at=young.made_at,
        ),
        say("Check the start of this step, and the code on the label."),
    )


def input_expired(s: Situation) -> Refusal | None:
    """Was every unit within its date?"""
    old = next((u for u in s.inputs if u.expires_at is not None and u.expires_at < s.form.started_at), None)
    if old is None:
        return None
    return Refusal(
        Why.INPUT_EXPIRED,
        say("Unit {code} expired on {expires_at:%Y-%m-%d}.", code=old.code, expires_at=old.expires_at),
        say("Take a unit that is within its date; put this one aside."),
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
        say("Unit {what} is stopped by hold {hold}.", what=what, hold=hold),
        say("Do not use it. Ask the quality unit."),
    )


def tool_on_hold(code: str, hold: str) -> Refusal:
    """A material, a device or the lot itself is stopped."""
    return Refusal(
        Why.TOOL_ON_HOLD,
        say("{code} is stopped by hold {hold}.", code=code, hold=hold),
        say("Do not use it. Ask the quality unit."),
    )


def wrong_input(s: Situation) -> Refusal | None:
    """Does this kind of step take such units?"""
    wrong = next((unit for unit in s.inputs if unit.kind not in TAKES[s.form.kind]), None)
    if wrong is None:
        return None
    takes = " or ".join(_words(kind) for kind in UnitKind if kind in TAKES[s.form.kind])
    return Refusal(
        Why.WRONG_INPUT,
        say(
            "Unit {code} is a {kind}; the step {kind2} takes {takes}.",
            code=wrong.code,
            kind=_words(wrong.kind),
            kind2=word(s.form.kind),
            takes=takes,
        ),
        say("Check the code, or choose another kind of step."),
    )


def growing(s: Situation) -> Refusal | None:
    """Are cells in culture harvested first, and only cells in culture harvested?"""
    for unit in s.inputs:
        if s.form.kind is _K.HARVEST and not unit.growing:
            return Refusal(
                Why.NOT_GROWING,
                say("Unit {code} was not seeded: there is nothing to harvest.", code=unit.code),
                say("Record the seeding first."),
            )
        if unit.growing and s.form.kind not in (_K.HARVEST, _K.SAMPLE):
            return Refusal(
                Why.STILL_GROWING,
                say("The cells in {code} are in culture and not counted.", code=unit.code),
                say("Record the harvest first."),
            )
    return None


def wrong_yield(s: Situation) -> Refusal | None:
    """Does this kind of step give such units?"""
    if not s.form.yields:
        return Refusal(
            Why.NO_YIELD, say("Nothing came out of this step."), say("Enter what the cells were put into.")
        )
    wrong = next((one.kind for one in s.form.yields if one.kind not in GIVES[s.form.kind]), None)
    if wrong is None:
        return None
    gives = " or ".join(_words(kind) for kind in UnitKind if kind in GIVES[s.form.kind])
    return Refusal(
        Why.WRONG_YIELD,
        say(
            "The step {kind} gives {gives}, not a {wrong}.",
            kind=word(s.form.kind),
            gives=gives,
            wrong=_words(wrong),
        ),
        say("Choose another container, or another kind of step."),
    )


def no_vessel(s: Situation) -> Refusal | None:
    """Is it known what the cells grow in?"""
    if s.form.kind is not _K.SEED or (s.form.vessel and s.form.area_cm2 is not None):
        return None
    return Refusal(
        Why.NO_VESSEL,
        say("The vessel or its growth area is missing."),
        say("Enter both, such as 20 x T-75 and 1500 cm2."),
    )


def harvest_counted(s: Situation) -> Refusal | None:
    """Was the harvest counted, and nothing else counted anew?"""
    counted = s.form.cells_harvested is not None
    if s.form.kind is not _K.HARVEST:
        if not counted:
            return None
        return Refusal(
            Why.COUNT_NOT_ASKED,
            say("The step {kind} makes no new cells, so none are harvested.", kind=word(s.form.kind)),
            say("Leave the harvest empty; enter cells that are missing as lost, with a note."),
        )
    if counted and s.form.cells_harvested and s.form.viability_percent is not None:
        return None
    return Refusal(
        Why.NO_COUNT,
        say("The harvested viable cells or their viability are missing."),
        say("Count the harvest, and enter both figures."),
    )


def founders_known(s: Situation) -> Refusal | None:
    """Is it known from how many cells passage 0 grew?"""
    if s.form.kind is not _K.HARVEST or s.reckoned.passage > 0:
        return None
    if s.reckoned.founders:
        return None
    return Refusal(
        Why.NO_FOUNDERS,
        say("Passage 0 grows from the few colony-forming cells of the tissue; their share is missing."),
        say("Enter the CFU-F per million nucleated cells."),
    )


def _tier(kind: LotKind) -> str:
    return word(kind)


def _words(kind: UnitKind) -> str:
    return say("QC sample") if kind is UnitKind.QC_SAMPLE else word(kind)


#: Asked in this order; the first no is the answer.
QUESTIONS = (
    in_future, end_before_start, lot_open, input_twice, input_gone, wrong_input, wrong_tier,
    input_not_released, input_too_young, input_expired, on_hold, growing, wrong_yield, no_vessel,
    harvest_counted, founders_known, too_many_passages, one_unit_to_sample, implausible, too_many_doublings,
    unexplained, loss_unexplained,
)  # fmt: skip
