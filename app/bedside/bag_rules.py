"""The questions about the bag: is it for this patient, good to give, and where it should be?"""

from datetime import datetime

from app.bedside.limits import Limits
from app.bedside.models import CheckState, Overridable
from app.bedside.situation import CALL, START_AGAIN, Situation, Stage, Why
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
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
        say(
            "This bag is for {allocated_to}. The wristband is of {recipient}.",
            allocated_to=s.bag.allocated_to,
            recipient=s.check.recipient,
        ),
        CALL,
    )


def other_bag_than_first(s: Situation) -> Refusal | None:
    """Did both people read the same bag?"""
    if not s.second or s.bag is None or s.check is None or s.bag.unit == s.check.unit:
        return None
    return Refusal(
        Why.OTHER_BAG_THAN_FIRST,
        say("The two of you read labels of different bags."),
        say("Give nothing. Keep both bags apart and call the cell laboratory."),
    )


def already_infused(s: Situation) -> Refusal | None:
    """Has this bag been given?"""
    if s.bag is None or not s.bag.infused:
        return None
    return Refusal(Why.ALREADY_INFUSED, say("Bag {unit} has already been given.", unit=s.bag.unit), CALL)


def infusion_runs(s: Situation) -> Refusal | None:
    """Is this bag being given right now?"""
    if s.bag is None or not s.bag.infusion_runs:
        return None
    return Refusal(
        Why.INFUSION_RUNS,
        say("The infusion of bag {unit} is already running.", unit=s.bag.unit),
        say("Do not start it again. Record its end on the infusion's page."),
    )


def on_hold(s: Situation) -> Refusal | None:
    """Does a stop reach this bag?"""
    if s.bag is None or not s.bag.holds:
        return None
    return Refusal(
        Why.ON_HOLD,
        say("Bag {unit} is on hold: {holds}.", unit=s.bag.unit, holds="; ".join(s.bag.holds)[:300]),
        CALL,
    )


def not_released(s: Situation) -> Refusal | None:
    """Has the lot been released?"""
    if s.bag is None or s.bag.lot_state in USABLE_LOTS:
        return None
    state = word(s.bag.lot_state) if s.bag.lot_state else say("no lot")
    return Refusal(
        Why.NOT_RELEASED,
        say("Lot {lot} of this bag is not released ({state}).", lot=s.bag.lot, state=state),
        CALL,
    )


def release_void(s: Situation) -> Refusal | None:
    """Does the release stand as it was signed?"""
    if s.bag is None or s.bag.release_stands or s.bag.lot_state not in USABLE_LOTS:
        return None
    return Refusal(
        Why.RELEASE_VOID,
        say("The release of lot {lot} is void: its record changed after signing.", lot=s.bag.lot),
        CALL,
    )


def expired(s: Situation) -> Refusal | None:
    """Is the bag still good?"""
    if s.bag is None or (s.bag.expires_at is not None and s.bag.expires_at > s.at):
        return None
    if s.bag.expires_at is None:
        return Refusal(Why.EXPIRED, say("This bag has no expiry date."), CALL)
    when = f"{s.bag.expires_at:%Y-%m-%d %H:%M} UTC"
    return Refusal(
        Why.EXPIRED, say("This bag expired at {when}.", when=when), say("Do not infuse. Return the bag.")
    )


def label_void(s: Situation) -> Refusal | None:
    """Is this piece of paper the one that counts?"""
    if s.bag is None or s.bag.label_state in (LabelState.APPLIED, LabelState.PRINTED):
        return None
    return Refusal(
        Why.LABEL_VOID,
        say(
            "VOID label: this label of {unit} is {label_state}.",
            unit=s.bag.unit,
            label_state=s.bag.label_state.value,
        ),
        say("Do not give this bag. Look for another label on it, and call the cell laboratory."),
    )


def label_not_applied(s: Situation) -> Refusal | None:
    """Was the label ever scanned back onto its bag?"""
    if s.bag is None or s.bag.label_state is not LabelState.PRINTED:
        return None
    return Refusal(
        Why.LABEL_NOT_APPLIED,
        say("VOID label: it was printed for {unit} and never put on it.", unit=s.bag.unit),
        CALL,
    )


def not_allocated(s: Situation) -> Refusal | None:
    """Is this bag meant for anybody?"""
    if s.bag is None or s.bag.allocated_to is not None:
        return None
    return Refusal(Why.NOT_ALLOCATED, say("Bag {unit} is allocated to no patient.", unit=s.bag.unit), CALL)


def other_order(s: Situation) -> Refusal | None:
    """Is it the bag of the order that is being checked?"""
    if s.bag is None or s.check is None or s.check.order is None or s.bag.order in (None, s.check.order):
        return None
    if s.bag.allocated_to != s.check.recipient:
        return None
    return Refusal(
        Why.OTHER_ORDER,
        say(
            "This bag belongs to order {order}, the check is for {order2}.",
            order=s.bag.order,
            order2=s.check.order,
        ),
        START_AGAIN,
    )


def no_consent(s: Situation) -> Refusal | None:
    """Did the patient sign, and not take it back?"""
    if s.bag is None or s.bag.consent_stands or s.bag.allocated_to is None:
        return None
    return Refusal(
        Why.NO_CONSENT,
        say("No signed consent of {allocated_to} stands.", allocated_to=s.bag.allocated_to),
        say("Give nothing. Call the physician."),
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
    next_step = say("Do not infuse. Call the cell laboratory.")
    if Overridable.THAWED_TOO_LONG in known.overridable:
        next_step = say(
            "Do not infuse. Call the physician, who alone may override this, and the cell laboratory."
        )
    return Refusal(
        Why.THAWED_TOO_LONG,
        say(
            "TOO LONG THAWED: {minutes} minutes since the thaw; the limit is {limit} minutes.",
            minutes=minutes,
            limit=limit,
        ),
        next_step,
    )


def already_thawed(s: Situation) -> Refusal | None:
    """Does its clock run already?"""
    if s.bag is None or s.bag.thawed_at is None or s.stage is not Stage.THAW:
        return None
    return Refusal(
        Why.ALREADY_THAWED,
        say(
            "The clock of {unit} runs since {thawed_at:%H:%M} UTC.",
            unit=s.bag.unit,
            thawed_at=s.bag.thawed_at,
        ),
        say("Go on with the check."),
    )


def custody_gap(s: Situation) -> Refusal | None:
    """Is it known where the bag was, all the time?"""
    if s.bag is None or not s.bag.custody_gaps:
        return None
    return Refusal(
        Why.CUSTODY_GAP,
        say("Custody is broken: {custody_gaps}", custody_gaps=s.bag.custody_gaps[0][:300]),
        CALL,
    )


def not_at_ward(s: Situation) -> Refusal | None:
    """Has the ward received the bag?"""
    if s.bag is None or s.bag.at_ward:
        return None
    return Refusal(
        Why.NOT_AT_WARD,
        say("Bag {unit} was not received at a ward.", unit=s.bag.unit),
        say("Record its receipt at the ward, then start again."),
    )


def unit_not_ready(s: Situation) -> Refusal | None:
    """Is the bag in the state in which it is given?"""
    if s.bag is None or s.bag.infused or s.bag.infusion_runs or s.bag.state is UnitState.RECEIVED:
        return None
    if s.bag.state is UnitState.THAWED and s.bag.thawed_at is not None:
        return None
    return Refusal(
        Why.UNIT_NOT_READY,
        say("Bag {unit} is {state}, not received.", unit=s.bag.unit, state=word(s.bag.state)),
        CALL,
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
    state = word(s.bag.order_state) if s.bag.order_state else say("unknown")
    return Refusal(
        Why.ORDER_NOT_READY,
        say("Order {order} is {state}, not {due}.", order=s.bag.order, state=state, due=word(due)),
        say("Open the order and see what is missing. ") + START_AGAIN,
    )
