"""The questions about the bag: is it for this patient, good to give, and where it should be?"""

from datetime import datetime

from app.bedside.limits import Limits
from app.bedside.models import CheckState, Overridable
from app.bedside.situation import CALL, START_AGAIN, Situation, Stage, Why
from app.kernel.refusals import Refusal
from app.labeling.models import LabelState
from app.lots.models import UnitState
from app.orders.allocation_rules import USABLE_LOTS
from app.orders.models import OrderState


def wrong_patient(s: Situation) -> Refusal | None:
    """Is this bag for the patient whose wristband was read?"""
    if s.bag is None or s.check is None or s.bag.allocated_to in (None, s.check.recipient):
        return None
    return Refusal(
        Why.WRONG_PATIENT,
        f"This bag is for {s.bag.allocated_to}. The wristband is of {s.check.recipient}.",
        CALL,
    )


def other_bag_than_first(s: Situation) -> Refusal | None:
    """Did both people read the same bag?"""
    if not s.second or s.bag is None or s.check is None or s.bag.unit == s.check.unit:
        return None
    return Refusal(
        Why.OTHER_BAG_THAN_FIRST,
        "The two of you read labels of different bags.",
        "Give nothing. Keep both bags apart and call the cell laboratory.",
    )


def already_infused(s: Situation) -> Refusal | None:
    """Has this bag been given?"""
    if s.bag is None or not s.bag.infused:
        return None
    return Refusal(Why.ALREADY_INFUSED, f"Bag {s.bag.unit} has already been given.", CALL)


def infusion_runs(s: Situation) -> Refusal | None:
    """Is this bag being given right now?"""
    if s.bag is None or not s.bag.infusion_runs:
        return None
    return Refusal(
        Why.INFUSION_RUNS,
        f"The infusion of bag {s.bag.unit} is already running.",
        "Do not start it again. Record its end on the infusion's page.",
    )


def on_hold(s: Situation) -> Refusal | None:
    """Does a stop reach this bag?"""
    if s.bag is None or not s.bag.holds:
        return None
    return Refusal(Why.ON_HOLD, f"Bag {s.bag.unit} is on hold: {'; '.join(s.bag.holds)[:300]}.", CALL)


def not_released(s: Situation) -> Refusal | None:
    """Has the lot been released?"""
    if s.bag is None or s.bag.lot_state in USABLE_LOTS:
        return None
    state = s.bag.lot_state.value.replace("_", " ") if s.bag.lot_state else "no lot"
    return Refusal(Why.NOT_RELEASED, f"Lot {s.bag.lot} of this bag is not released ({state}).", CALL)


def release_void(s: Situation) -> Refusal | None:
    """Does the release stand as it was signed?"""
    if s.bag is None or s.bag.release_stands or s.bag.lot_state not in USABLE_LOTS:
        return None
    return Refusal(
        Why.RELEASE_VOID, f"The release of lot {s.bag.lot} is void: its record changed after signing.", CALL
    )


def expired(s: Situation) -> Refusal | None:
    """Is the bag still good?"""
    if s.bag is None or (s.bag.expires_at is not None and s.bag.expires_at > s.at):
        return None
    if s.bag.expires_at is None:
        return Refusal(Why.EXPIRED, "This bag has no expiry date.", CALL)
    when = f"{s.bag.expires_at:%Y-%m-%d %H:%M} UTC"
    return Refusal(Why.EXPIRED, f"This bag expired at {when}.", "Do not infuse. Return the bag.")


def label_void(s: Situation) -> Refusal | None:
    """Is this piece of paper the one that counts?"""
    if s.bag is None or s.bag.label_state in (LabelState.APPLIED, LabelState.PRINTED):
        return None
    return Refusal(
        Why.LABEL_VOID,
        f"VOID label: this label of {s.bag.unit} is {s.bag.label_state.value}.",
        "Do not give this bag. Look for another label on it, and call the cell laboratory.",
    )


def label_not_applied(s: Situation) -> Refusal | None:
    """Was the label ever scanned back onto its bag?"""
    if s.bag is None or s.bag.label_state is not LabelState.PRINTED:
        return None
    return Refusal(
        Why.LABEL_NOT_APPLIED, f"VOID label: it was printed for {s.bag.unit} and never put on it.", CALL
    )


def not_allocated(s: Situation) -> Refusal | None:
    """Is this bag meant for anybody?"""
    if s.bag is None or s.bag.allocated_to is not None:
        return None
    return Refusal(Why.NOT_ALLOCATED, f"Bag {s.bag.unit} is allocated to no patient.", CALL)


def other_order(s: Situation) -> Refusal | None:
    """Is it the bag of the order that is being checked?"""
    if s.bag is None or s.check is None or s.check.order is None or s.bag.order in (None, s.check.order):
        return None
    if s.bag.allocated_to != s.check.recipient:
        return None
    return Refusal(
        Why.OTHER_ORDER,
        f"This bag belongs to order {s.bag.order}, the check is for {s.check.order}.",
        START_AGAIN,
    )


def no_consent(s: Situation) -> Refusal | None:
    """Did the patient sign, and not take it back?"""
    if s.bag is None or s.bag.consent_stands or s.bag.allocated_to is None:
        return None
    return Refusal(
        Why.NO_CONSENT,
        f"No signed consent of {s.bag.allocated_to} stands.",
        "Give nothing. Call the physician.",
    )


def too_long_thawed(s: Situation) -> Refusal | None:
    """Are the cells still fresh from the thaw? At the start the entered time is judged, not this moment."""
    if s.bag is None or s.bag.thawed_at is None or s.stage in (Stage.START, Stage.THAW):
        return None
    if s.bag.infused or s.bag.infusion_runs:
        return None
    return thawed_too_long(s.bag.thawed_at, s.at, s.limits)


def thawed_too_long(thawed_at: datetime, at: datetime, known: Limits) -> Refusal | None:
    """The refusal of a bag that lies thawed for longer than the limit; the limit itself is still allowed."""
    waited = at - thawed_at
    if waited <= known.thaw_to_infusion:
        return None
    minutes, limit = int(waited.total_seconds() // 60), int(known.thaw_to_infusion.total_seconds() // 60)
    next_step = "Do not infuse. Call the cell laboratory."
    if Overridable.THAWED_TOO_LONG in known.overridable:
        next_step = "Do not infuse. Call the physician, who alone may override this, and the cell laboratory."
    return Refusal(
        Why.THAWED_TOO_LONG,
        f"TOO LONG THAWED: {minutes} minutes since the thaw; the limit is {limit} minutes.",
        next_step,
    )


def already_thawed(s: Situation) -> Refusal | None:
    """Does its clock run already?"""
    if s.bag is None or s.bag.thawed_at is None or s.stage is not Stage.THAW:
        return None
    return Refusal(
        Why.ALREADY_THAWED,
        f"The clock of {s.bag.unit} runs since {s.bag.thawed_at:%H:%M} UTC.",
        "Go on with the check.",
    )


def custody_gap(s: Situation) -> Refusal | None:
    """Is it known where the bag was, all the time?"""
    if s.bag is None or not s.bag.custody_gaps:
        return None
    return Refusal(Why.CUSTODY_GAP, f"Custody is broken: {s.bag.custody_gaps[0][:300]}", CALL)


def not_at_ward(s: Situation) -> Refusal | None:
    """Has the ward received the bag?"""
    if s.bag is None or s.bag.at_ward:
        return None
    return Refusal(
        Why.NOT_AT_WARD,
        f"Bag {s.bag.unit} was not received at a ward.",
        "Record its receipt at the ward, then start again.",
    )


def unit_not_ready(s: Situation) -> Refusal | None:
    """Is the bag in the state in which it is given?"""
    if s.bag is None or s.bag.infused or s.bag.infusion_runs or s.bag.state is UnitState.RECEIVED:
        return None
    if s.bag.state is UnitState.THAWED and s.bag.thawed_at is not None:
        return None
    return Refusal(
        Why.UNIT_NOT_READY, f"Bag {s.bag.unit} is {s.bag.state.value.replace('_', ' ')}, not received.", CALL
    )


def order_not_ready(s: Situation) -> Refusal | None:
    """Does the order wait for this very step?"""
    if s.bag is None or s.bag.order is None or s.bag.infusion_runs or s.bag.infused:
        return None
    if s.stage is Stage.START and s.check is not None and s.check.state is not CheckState.CONFIRMED:
        return None
    due = OrderState.CHECKED if s.stage is Stage.START else OrderState.READY
    if s.bag.order_state is due or (s.stage is Stage.THAW and s.bag.order_state is OrderState.CHECKED):
        return None
    state = s.bag.order_state.value.replace("_", " ") if s.bag.order_state else "unknown"
    return Refusal(
        Why.ORDER_NOT_READY,
        f"Order {s.bag.order} is {state}, not {due.value}.",
        "Open the order and see what is missing. " + START_AGAIN,
    )
