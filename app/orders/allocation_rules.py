"""Allocating: may this bag be promised to this order?"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.kernel.units import cells, number
from app.lots.models import LotState, UnitKind, UnitState
from app.orders.models import OrderState
from app.orders.rules import Why
from app.orders.rules import no_consent as _no_consent

#: Lots whose bags may be promised; what is pending on a conditional release is shown with the allocation.
USABLE_LOTS = frozenset({LotState.RELEASED, LotState.CONDITIONALLY_RELEASED})


@dataclass(frozen=True, slots=True)
class Match:
    """All that is known when a bag is to be promised to an order."""

    at: datetime
    order_state: OrderState
    order_product: str
    recipient: str
    #: Whether the patient's signed consent stands today.
    consent_stands: bool
    lowest_viable_cells: int
    highest_viable_cells: int
    weight_kg: Decimal
    planned_on: date
    unit_code: str
    unit_kind: UnitKind
    unit_state: UnitState
    viable_cells: int
    lot_code: str | None
    lot_product: str
    lot_state: LotState | None
    release_stands: bool
    expires_at: datetime | None
    holds: tuple[str, ...]
    label_applied: bool
    #: DMSO in this bag and in the other bags promised or given to the patient on the planned day, g.
    dmso_g: Decimal
    dmso_limit_g_per_kg: Decimal


def order_not_open(m: Match) -> Refusal | None:
    """Does the order still wait for a bag?"""
    if m.order_state is OrderState.PRESCRIBED:
        return None
    return Refusal(
        Why.ORDER_NOT_OPEN,
        say("This order is {order_state}: it does not wait for a bag.", order_state=word(m.order_state)),
        say("Undo its allocation first, with a reason, if another bag is to be given."),
    )


def no_consent(m: Match) -> Refusal | None:
    """Did the patient sign, and not take it back?"""
    return _no_consent(m.recipient, m.consent_stands)


def not_a_bag(m: Match) -> Refusal | None:
    """Is it a bag of the drug product?"""
    if m.unit_kind is UnitKind.BAG and m.lot_code is not None:
        return None
    return Refusal(
        Why.NOT_A_BAG,
        say("{unit_code} is no bag for infusion.", unit_code=m.unit_code),
        say("Choose a bag of the drug product."),
    )


def on_hold(m: Match) -> Refusal | None:
    """Does a stop reach the bag?"""
    if not m.holds:
        return None
    return Refusal(
        Why.ON_HOLD,
        say("{unit_code} is on hold: {holds}.", unit_code=m.unit_code, holds="; ".join(m.holds)[:400]),
        say("Choose another bag, or ask quality about the hold."),
    )


def lot_not_released(m: Match) -> Refusal | None:
    """Has the lot been released?"""
    if m.lot_state in USABLE_LOTS:
        return None
    state = word(m.lot_state) if m.lot_state else say("no lot")
    return Refusal(
        Why.LOT_NOT_RELEASED,
        say("The lot of {unit_code} is not released ({state}).", unit_code=m.unit_code, state=state),
        say("Choose a bag of a released lot."),
    )


def release_void(m: Match) -> Refusal | None:
    """Does the release still stand as it was signed?"""
    if m.release_stands or m.lot_state not in USABLE_LOTS:
        return None
    return Refusal(
        Why.RELEASE_VOID,
        say(
            "The release of lot {lot_code} is void: its record changed after it was signed.",
            lot_code=m.lot_code,
        ),
        say("Call quality. The lot has to be decided again."),
    )


def expired(m: Match) -> Refusal | None:
    """Will the bag still be good on the planned day?"""
    if m.expires_at is not None and m.expires_at > m.at and m.expires_at.date() >= m.planned_on:
        return None
    when = (
        say("has no expiry date")
        if m.expires_at is None
        else say("expires on {expires_at:%Y-%m-%d}", expires_at=m.expires_at)
    )
    return Refusal(
        Why.EXPIRED,
        say(
            "{unit_code} {when}: it cannot be given on {planned_on:%Y-%m-%d}.",
            unit_code=m.unit_code,
            when=when,
            planned_on=m.planned_on,
        ),
        say("Choose another bag."),
    )


def unit_not_available(m: Match) -> Refusal | None:
    """Is the bag free?"""
    if m.unit_state is UnitState.AVAILABLE:
        return None
    return Refusal(
        Why.UNIT_NOT_AVAILABLE,
        say(
            "{unit_code} is not available: it is {unit_state}.",
            unit_code=m.unit_code,
            unit_state=word(m.unit_state),
        ),
        say("Choose a bag that is available."),
    )


def another_product(m: Match) -> Refusal | None:
    """Is it the product that was prescribed?"""
    if m.lot_product == m.order_product:
        return None
    return Refusal(
        Why.ANOTHER_PRODUCT,
        say(
            "{unit_code} is {lot_product}, the order is for {order_product}.",
            unit_code=m.unit_code,
            lot_product=m.lot_product,
            order_product=m.order_product,
        ),
        say("Choose a bag of the prescribed product."),
    )


def no_label(m: Match) -> Refusal | None:
    """Does the bag carry its label?"""
    if m.label_applied:
        return None
    return Refusal(
        Why.NO_LABEL,
        say("No label has been scanned back onto {unit_code}.", unit_code=m.unit_code),
        say("Print its label, put it on and scan it; then allocate."),
    )


def outside_window(m: Match) -> Refusal | None:
    """Does the bag hold the dose?"""
    if m.lowest_viable_cells <= m.viable_cells <= m.highest_viable_cells:
        return None
    low, high = cells(m.lowest_viable_cells), cells(m.highest_viable_cells)
    window = say("{low} to {high}", low=low, high=high)
    return Refusal(
        Why.OUTSIDE_WINDOW,
        say(
            "{unit_code} holds {viable_cells} viable cells; the order's window is {window}.",
            unit_code=m.unit_code,
            viable_cells=cells(m.viable_cells),
            window=window,
        ),
        say("Choose a bag inside the window, or ask the physician for another order."),
    )


def too_much_dmso(m: Match) -> Refusal | None:
    """Would all bags of the day bring more DMSO than the patient may have?"""
    if m.dmso_g <= m.dmso_limit_g_per_kg * m.weight_kg:
        return None
    per_kg = (m.dmso_g / m.weight_kg).quantize(Decimal("0.01"))
    return Refusal(
        Why.TOO_MUCH_DMSO,
        say(
            "All bags of that day bring {per_kg} g of DMSO per kg; the limit is "
            "{dmso_limit_g_per_kg} g per kg and day.",
            per_kg=number(per_kg),
            dmso_limit_g_per_kg=number(m.dmso_limit_g_per_kg),
        ),
        say("Plan the bags for different days."),
    )


#: Every question before a bag is promised, gravest first.
QUESTIONS = (
    order_not_open,
    no_consent,
    not_a_bag,
    on_hold,
    lot_not_released,
    release_void,
    expired,
    unit_not_available,
    another_product,
    no_label,
    outside_window,
    too_much_dmso,
)
