"""Prescribing, undoing, ending: is this dose meant, and can the order move?"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.kernel.units import cells, cells_words, dose, number
from app.kernel.work import Actor
from app.lots.models import UnitState
from app.orders.doses import DoseRange, DoseRules
from app.orders.models import OrderState


class Why(StrEnum):
    """Every reason this room says no."""

    ORDER_UNKNOWN = "order_unknown"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    CODE_TAKEN = "code_taken"
    SIGNER_IS_ANOTHER = "signer_is_another"
    NOT_A_PRESCRIBER = "not_a_prescriber"
    PRODUCT_HAS_NO_RANGE = "product_has_no_range"
    DOSE_TEN_TIMES_OFF = "dose_ten_times_off"
    DOSE_OUTSIDE_RANGE = "dose_outside_range"
    ROUTE_UNKNOWN = "route_unknown"
    WEIGHED_IN_FUTURE = "weighed_in_future"
    WEIGHT_TOO_OLD = "weight_too_old"
    WEIGHT_IMPLAUSIBLE = "weight_implausible"
    WEIGHT_TEN_TIMES_OFF = "weight_ten_times_off"
    DOSE_PER_KG_OUTSIDE_RANGE = "dose_per_kg_outside_range"
    AUTHORISED_IN_FUTURE = "authorised_in_future"
    NO_CONSENT = "no_consent"
    PLANNED_IN_THE_PAST = "planned_in_the_past"
    RECORD_CHANGED = "record_changed"
    UNIT_UNKNOWN = "unit_unknown"
    ORDER_NOT_OPEN = "order_not_open"
    NOT_A_BAG = "not_a_bag"
    UNIT_NOT_AVAILABLE = "unit_not_available"
    ANOTHER_PRODUCT = "another_product"
    LOT_NOT_RELEASED = "lot_not_released"
    RELEASE_VOID = "release_void"
    EXPIRED = "expired"
    ON_HOLD = "on_hold"
    NO_LABEL = "no_label"
    OUTSIDE_WINDOW = "outside_window"
    TOO_MUCH_DMSO = "too_much_dmso"
    TAKEN_MEANWHILE = "taken_meanwhile"
    NOTHING_ALLOCATED = "nothing_allocated"
    BAG_HAS_LEFT = "bag_has_left"
    STILL_PROMISED = "still_promised"
    BAG_NOT_HERE = "bag_not_here"
    INFUSION_RUNS = "infusion_runs"
    ORDER_ENDED = "order_ended"
    REASON_MISSING = "reason_missing"


#: Body weights that a person can have, in kg; outside, the entry is a slip.
WEIGHT_KG = (Decimal(2), Decimal(350))


def order_unknown(code: str) -> Refusal:
    """The refusal for a code that no order has."""
    return Refusal(
        Why.ORDER_UNKNOWN,
        say("No order has the code {code}.", code=code[:20]),
        say("Check the code on the list of orders."),
    )


def recipient_unknown(code: str) -> Refusal:
    """The refusal for a code that no recipient has."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        say("No recipient has the code {code}.", code=code[:20]),
        say("Check the code, or register the patient."),
    )


def unit_unknown(code: str) -> Refusal:
    """The refusal for a code that no unit has."""
    return Refusal(
        Why.UNIT_UNKNOWN,
        say("No bag has the code {code}.", code=code[:30]),
        say("Scan the bag's label or check its code."),
    )


def code_taken(code: str, taken: bool) -> Refusal | None:
    """Does the code already belong to another order?"""
    if not taken:
        return None
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already taken.", code=code),
        say("Codes are never reused: use the next one."),
    )


def signer_is_another(actor: Actor, proof: Proof) -> Refusal | None:
    """Does the person who acts sign for themself?"""
    if actor.person_id == proof.person_id:
        return None
    return Refusal(
        Why.SIGNER_IS_ANOTHER,
        say(
            "{sign_in} is signed in, but {sign_in2} gave the password.",
            sign_in=actor.sign_in,
            sign_in2=proof.sign_in,
        ),
        say("Sign in as yourself, then sign."),
    )


def not_a_prescriber(proof: Proof) -> Refusal | None:
    """May this person prescribe?"""
    if allowed(Role(proof.role), Permission.ORDER_PRESCRIBE):
        return None
    return Refusal(
        Why.NOT_A_PRESCRIBER,
        say("Only a physician prescribes a dose."),
        say("Ask the physician to prescribe it."),
    )


def product_has_no_range(product: str, known: DoseRange | None) -> Refusal | None:
    """Is there a dose range for this product?"""
    if known is not None:
        return None
    return Refusal(
        Why.PRODUCT_HAS_NO_RANGE,
        say("No dose range is adopted for {product}.", product=product[:120]),
        say("Choose a product from the list, or ask quality to adopt a dose range."),
    )


def meant_instead(entry: int, lowest: int, highest: int) -> int | None:
    """The dose that a slip of one to three zeros turned into ``entry``, when there is one in the range."""
    for power in (10, 100, 1000):
        if lowest <= entry * power <= highest:
            return entry * power
        if entry % power == 0 and lowest <= entry // power <= highest:
            return entry // power
    return None


def dose_not_usual(entry: int, known: DoseRange) -> Refusal | None:
    """Is the dose inside the product's range, or ten times off it?"""
    lowest, highest = known.lowest_viable_cells, known.highest_viable_cells
    if lowest <= entry <= highest:
        return None
    usual = say(
        "This product is given in doses of {lowest} to {highest} cells",
        lowest=cells(lowest),
        highest=cells(highest),
    )
    meant = meant_instead(entry, lowest, highest)
    if meant is not None:
        times = "times" if entry > meant else say("times less than")
        factor = max(entry, meant) // min(entry, meant)
        off = f"{factor} {times} {cells_words(meant)}"
        return Refusal(
            Why.DOSE_TEN_TIMES_OFF,
            say("You entered {entry}. That is {off}. {usual}.", entry=dose(entry), off=off, usual=usual),
            say("Count the zeros and enter the dose again."),
        )
    return Refusal(
        Why.DOSE_OUTSIDE_RANGE,
        say("You entered {entry}. {usual}.", entry=dose(entry), usual=usual),
        say("Enter a dose inside the range. Quality can adopt another range for the product."),
    )


def route_unknown(route: str, known: DoseRange) -> Refusal | None:
    """Is the product given by this route?"""
    if route in known.routes:
        return None
    return Refusal(
        Why.ROUTE_UNKNOWN,
        say("This product is not given by the route {route!r}.", route=route[:40]),
        say("Choose {routes}.", routes=", ".join(known.routes)),
    )


def weight_not_usable(weight_kg: Decimal, weighed_on: date, at: datetime, rules: DoseRules) -> Refusal | None:
    """Is the weight a person's, and fresh enough?"""
    if not WEIGHT_KG[0] <= weight_kg <= WEIGHT_KG[1]:
        return Refusal(
            Why.WEIGHT_IMPLAUSIBLE,
            say("A weight of {weight_kg} kg cannot be right.", weight_kg=number(weight_kg)),
            say("Enter the weight in kilograms."),
        )
    if weighed_on > at.date():
        return Refusal(
            Why.WEIGHED_IN_FUTURE,
            say("The day of weighing lies in the future."),
            say("Enter the day on which the patient was weighed."),
        )
    if at.date() - weighed_on > timedelta(days=rules.weight_age_days):
        return Refusal(
            Why.WEIGHT_TOO_OLD,
            say("The weight is older than {weight_age_days} days.", weight_age_days=rules.weight_age_days),
            say("Weigh the patient again and enter the new weight."),
        )
    return None


def weight_far_from_the_last(
    weight_kg: Decimal, former: tuple[Decimal, date] | None, rules: DoseRules
) -> Refusal | None:
    """Is it the weight of the same person? ``former`` is the weight of the order before, with its day."""
    if former is None or (
        weight_kg < former[0] * rules.weight_change_factor
        and former[0] < weight_kg * rules.weight_change_factor
    ):
        return None
    return Refusal(
        Why.WEIGHT_TEN_TIMES_OFF,
        say(
            "You entered {weight_kg} kg; on {former:%Y-%m-%d} this patient weighed {former2} kg.",
            weight_kg=number(weight_kg),
            former=former[1],
            former2=number(former[0]),
        ),
        say("Look at the point in the number and at whose weight it is, and enter it again."),
    )


def dose_per_kg_not_usual(
    dose_cells_per_kg: int, dose_viable_cells: int, weight_kg: Decimal, known: DoseRange
) -> Refusal | None:
    """Do dose and weight fit each other?"""
    lowest, highest = known.lowest_viable_cells_per_kg, known.highest_viable_cells_per_kg
    if lowest <= dose_cells_per_kg <= highest:
        return None
    for meant in (weight_kg * 10, weight_kg / 10):
        if lowest <= dose_viable_cells / meant <= highest and WEIGHT_KG[0] <= meant <= WEIGHT_KG[1]:
            return Refusal(
                Why.WEIGHT_TEN_TIMES_OFF,
                say(
                    "{dose_viable_cells} for {weight_kg} kg would be {dose_cells_per_kg} per kg; for "
                    "{meant} kg it would fit.",
                    dose_viable_cells=dose(dose_viable_cells),
                    weight_kg=number(weight_kg),
                    dose_cells_per_kg=dose(dose_cells_per_kg),
                    meant=number(meant),
                ),
                say("Look at the point in the weight and enter it again."),
            )
    return Refusal(
        Why.DOSE_PER_KG_OUTSIDE_RANGE,
        say(
            "That is {dose_cells_per_kg} per kg. This product is given in doses of {lowest} "
            "to {highest} per kg.",
            dose_cells_per_kg=dose(dose_cells_per_kg),
            lowest=cells(lowest),
            highest=cells(highest),
        ),
        say("Check dose and weight. Quality can adopt another range for the product."),
    )


def authorised_in_future(authorised_on: date, at: datetime) -> Refusal | None:
    """Has the authorisation been given?"""
    if authorised_on <= at.date():
        return None
    return Refusal(
        Why.AUTHORISED_IN_FUTURE,
        say("The day of the authorisation lies in the future."),
        say("Enter the number and date of the authorisation that allows this infusion."),
    )


def no_consent(recipient: str, stands: bool) -> Refusal | None:
    """Did the patient sign, and not take it back?"""
    if stands:
        return None
    return Refusal(
        Why.NO_CONSENT,
        say("No signed consent of {recipient} stands.", recipient=recipient),
        say(
            "Record the signed consent on the recipient's page first. Without it nothing is issued or given."
        ),
    )


def planned_in_the_past(planned_on: date, at: datetime) -> Refusal | None:
    """Does the planned day still lie ahead? The site's day may lag behind UTC by one."""
    if planned_on >= at.date() - timedelta(days=1):
        return None
    return Refusal(
        Why.PLANNED_IN_THE_PAST, say("The planned day is over."), say("Enter the day of the infusion.")
    )


def record_changed(shown: str | None, now: str) -> Refusal | None:
    """Is what will be signed what the page showed? ``shown`` None: the caller shows and signs in one."""
    if shown is None or shown == now:
        return None
    return Refusal(
        Why.RECORD_CHANGED,
        say("What you were about to sign has changed since the page was shown."),
        say("Read it again, then sign."),
    )


def taken_meanwhile(unit_code: str) -> Refusal:
    """The refusal for the second of two people who press the same button."""
    return Refusal(
        Why.TAKEN_MEANWHILE,
        say("{unit_code} was just allocated by somebody else.", unit_code=unit_code),
        say("Choose another bag."),
    )


def nothing_allocated(order_code: str) -> Refusal:
    """The refusal where an order has no bag."""
    return Refusal(
        Why.NOTHING_ALLOCATED,
        say("No bag is allocated to {order_code}.", order_code=order_code),
        say("Allocate a bag first."),
    )


def bag_has_left(unit_code: str, state: UnitState) -> Refusal | None:
    """Does the bag lie in the bank, or has it come back, so that an allocation can be undone?"""
    if state in (UnitState.ALLOCATED, UnitState.RETURNED):
        return None
    return Refusal(
        Why.BAG_HAS_LEFT,
        say("{unit_code} has left the bank: it is {state}.", unit_code=unit_code, state=word(state)),
        say("Return the bag first, or record the order as not given."),
    )


def still_promised(unit_code: str, order_code: str) -> Refusal:
    """The refusal where a returned bag is still promised."""
    return Refusal(
        Why.STILL_PROMISED,
        say("{unit_code} is still allocated to {order_code}.", unit_code=unit_code, order_code=order_code),
        say("Undo that allocation, or record the order as not given. Then take the bag back to stock."),
    )


def bag_not_here(unit_code: str, state: UnitState, at_ward: bool) -> Refusal | None:
    """Has the ward received the bag?"""
    if state is UnitState.RECEIVED and at_ward:
        return None
    return Refusal(
        Why.BAG_NOT_HERE,
        say("{unit_code} has not been received at the ward.", unit_code=unit_code),
        say("Record the receipt of the bag first."),
    )


def not_to_be_ended(order_code: str, state: OrderState) -> Refusal | None:
    """Can the order still become 'not given'?"""
    if state is OrderState.IN_PROGRESS:
        return Refusal(
            Why.INFUSION_RUNS,
            say("The infusion of {order_code} is running.", order_code=order_code),
            say("End the infusion and enter what was left: it is then recorded as far as it was given."),
        )
    if state in (OrderState.GIVEN, OrderState.NOT_GIVEN):
        return Refusal(
            Why.ORDER_ENDED,
            say("{order_code} is already {state}.", order_code=order_code, state=word(state)),
            say("Nothing more is to be done."),
        )
    return None


def reason_missing(reason: str, what: str) -> Refusal | None:
    """Was it said why?"""
    if reason.strip():
        return None
    return Refusal(
        Why.REASON_MISSING, say("{what} needs a reason.", what=what), say("Write in a few words why.")
    )
