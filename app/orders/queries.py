"""What is known of orders and of the bags promised to them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from app.custody import queries as custody
from app.custody.models import PlaceKind
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import dose, number
from app.labeling import queries as labeling
from app.lots import queries as lots
from app.lots.models import Lot, Unit, UnitKind, UnitState
from app.orders.allocation_rules import Match
from app.orders.doses import dose_rules
from app.orders.forms import PrescribeForm
from app.orders.models import Allocation, AllocationState, DoseBasis, DoseOrder, OrderState, Regime
from app.quality import queries as quality
from app.recipients import queries as recipients
from app.recipients.models import Recipient

ENDED = (OrderState.GIVEN, OrderState.NOT_GIVEN)
#: Bags offered on an order's page; another one can still be named by its code.
OFFERED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of orders."""

    code: str
    recipient: str
    product: str
    dose_viable_cells: int
    planned_on: date
    state: OrderState
    unit: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A bag's live allocation: to which order, of which recipient."""

    allocation: Allocation
    order: DoseOrder
    recipient: Recipient


def by_code(db: Session, code: str) -> DoseOrder | None:
    """The order with this code."""
    return db.exec(select(DoseOrder).where(DoseOrder.code == code)).one_or_none()


def listed(db: Session, recipient_id: int | None = None) -> list[Line]:
    """All orders, or those of one recipient, the latest first, each with the bag promised to it."""
    live = (col(Allocation.order_id) == DoseOrder.id) & (col(Allocation.state) != AllocationState.UNDONE)
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            DoseOrder.code,
            Recipient.code,
            DoseOrder.product,
            DoseOrder.dose_viable_cells,
            DoseOrder.planned_on,
            DoseOrder.state,
            Unit.code,
        )
        .join(Recipient, col(Recipient.id) == DoseOrder.recipient_id)
        .outerjoin(Allocation, live)
        .outerjoin(Unit, col(Unit.id) == Allocation.unit_id)
    )
    if recipient_id is not None:
        found = found.where(DoseOrder.recipient_id == recipient_id)
    return [Line(*row) for row in db.exec(found.order_by(col(DoseOrder.id).desc()))]


def open_orders_of(db: Session, recipient_id: int) -> list[DoseOrder]:
    """The recipient's orders that have not ended, in order of prescription."""
    found = select(DoseOrder).where(
        DoseOrder.recipient_id == recipient_id, col(DoseOrder.state).not_in(ENDED)
    )
    return list(db.exec(found.order_by(col(DoseOrder.id))).all())


def live_allocation_of_order(db: Session, order_id: int) -> Allocation | None:
    """The order's allocation that was not undone."""
    found = select(Allocation).where(
        Allocation.order_id == order_id, Allocation.state != AllocationState.UNDONE
    )
    return db.exec(found).one_or_none()


def open_allocation_of_unit(db: Session, unit_id: int) -> Promise | None:
    """To whom the bag is promised; also after the infusion began, when the allocation is used."""
    found = (
        select(Allocation, DoseOrder, Recipient)
        .join(DoseOrder, col(DoseOrder.id) == Allocation.order_id)
        .join(Recipient, col(Recipient.id) == Allocation.recipient_id)
        .where(Allocation.unit_id == unit_id, Allocation.state != AllocationState.UNDONE)
    )
    row = db.exec(found).one_or_none()
    return None if row is None else Promise(*row)


def allocations_of(db: Session, order_id: int) -> list[tuple[Allocation, str]]:
    """Every allocation the order ever had with its unit's code, the latest first."""
    found = (
        select(Allocation, Unit.code)
        .join(Unit, col(Unit.id) == Allocation.unit_id)
        .where(Allocation.order_id == order_id)
    )
    return [(row[0], row[1]) for row in db.exec(found.order_by(col(Allocation.id).desc()))]


def candidates(db: Session, order: DoseOrder) -> list[tuple[int, str, int, datetime | None]]:
    """Available bags inside the window (key, code, viable cells, expiry), the first to expire first."""
    found = (
        select(Unit.id, Unit.code, Unit.viable_cells, Unit.expires_at)
        .join(Lot, col(Lot.id) == Unit.lot_id)
        .where(
            Lot.product == order.product,
            Unit.kind == UnitKind.BAG,
            Unit.state == UnitState.AVAILABLE,
            Unit.viable_cells >= order.lowest_viable_cells,
            Unit.viable_cells <= order.highest_viable_cells,
        )
    )
    rows = db.exec(found.order_by(col(Unit.expires_at), col(Unit.code)).limit(OFFERED))
    return [(known(key), code, viable, expires) for key, code, viable, expires in rows]


def match(db: Session, order: DoseOrder, unit: Unit, at: datetime) -> Match:
    """All that is known when the bag is to be promised to the order."""
    assert unit.id is not None
    lot = None if unit.lot_id is None else db.get_one(Lot, unit.lot_id)
    rules = dose_rules(order.dose_rules)
    return Match(
        at=at,
        order_state=order.state,
        order_product=order.product,
        recipient=recipient_code(db, order),
        consent_stands=consent_stands(db, order.recipient_id, at),
        lowest_viable_cells=order.lowest_viable_cells,
        highest_viable_cells=order.highest_viable_cells,
        weight_kg=order.weight_kg,
        planned_on=order.planned_on,
        unit_code=unit.code,
        unit_kind=unit.kind,
        unit_state=unit.state,
        viable_cells=unit.viable_cells,
        lot_code=None if lot is None else lot.code,
        lot_product=say("no product") if lot is None else lot.product,
        lot_state=None if lot is None else lot.state,
        release_stands=lot is not None and quality.release_stands(db, lot),
        expires_at=unit.expires_at,
        holds=tuple(hold.why for hold in lots.holds_reaching(db, unit.id)),
        label_applied=labeling.current_label(db, unit.id) is not None,
        dmso_g=dmso_of_day(db, order, unit),
        dmso_limit_g_per_kg=rules.dmso_limit_g_per_kg,
    )


def dmso_of_day(db: Session, order: DoseOrder, unit: Unit) -> Decimal:
    """DMSO, in g, of this bag and of every other bag promised to the patient for the same day."""
    found = (
        select(col(Unit.volume_ml), col(DoseOrder.product))
        .join(Allocation, col(Allocation.unit_id) == Unit.id)
        .join(DoseOrder, col(DoseOrder.id) == Allocation.order_id)
        .where(
            DoseOrder.recipient_id == order.recipient_id,
            DoseOrder.planned_on == order.planned_on,
            Allocation.state != AllocationState.UNDONE,
            Unit.id != unit.id,
        )
    )
    bags = [*db.exec(found).all(), (unit.volume_ml, order.product)]
    return sum((dmso_of_bag(volume_ml, product, order) for volume_ml, product in bags), Decimal(0))


def dmso_of_bag(volume_ml: Decimal, product: str, order: DoseOrder) -> Decimal:
    """DMSO, in g, of one bag of a product, by the rules of the order."""
    usual = dose_rules(order.dose_rules).range_of(product)
    return Decimal(0) if usual is None else usual.dmso_g(volume_ml)


@dataclass(frozen=True, slots=True)
class Dmso:
    """DMSO that a bag would bring, alone and with the other bags of the day, against the limit."""

    bag_g: Decimal
    day_g: Decimal
    weight_kg: Decimal
    limit_g_per_kg: Decimal

    @property
    def day_g_per_kg(self) -> Decimal:
        """All bags of the day, in g per kg of body weight, to three places."""
        return (self.day_g / self.weight_kg).quantize(Decimal("0.001"))


def dmso_for(db: Session, order: DoseOrder, unit_id: int) -> Dmso:
    """DMSO of a bag that is or may be promised to the order."""
    unit = db.get_one(Unit, unit_id)
    bag = dmso_of_bag(unit.volume_ml, order.product, order)
    limit = dose_rules(order.dose_rules).dmso_limit_g_per_kg
    return Dmso(bag, dmso_of_day(db, order, unit), order.weight_kg, limit)


def consent_stands(db: Session, recipient_id: int, at: datetime) -> bool:
    """Whether the recipient's latest signed consent stands on that day."""
    return recipients.consent_in_force(db, recipient_id, at.date()) is not None


def former_weight(db: Session, recipient_id: int) -> tuple[Decimal, date] | None:
    """The weight of the recipient's latest order, with the day of weighing."""
    found = (
        select(col(DoseOrder.weight_kg), col(DoseOrder.weighed_on))
        .where(DoseOrder.recipient_id == recipient_id)
        .order_by(col(DoseOrder.id).desc())
    )
    row = db.exec(found).first()
    return None if row is None else (row[0], row[1])


def at_ward(db: Session, unit_id: int) -> bool:
    """Whether the unit lies at a ward."""
    place = custody.place_of(db, unit_id)
    return place is not None and place.kind is PlaceKind.WARD


@dataclass(frozen=True, slots=True)
class Prescription:
    """What is prescribed, from the form or from the order as it is kept."""

    recipient: str
    product: str
    dose_basis: DoseBasis
    dose_viable_cells: int
    dose_cells_per_kg: int
    route: str
    weight_kg: Decimal
    weighed_on: date
    planned_on: date
    regime: Regime
    authorisation_number: str
    authorised_on: date


def prescription_of_form(form: PrescribeForm) -> Prescription:
    """The prescription as it was entered, with the dose computed both ways."""
    return Prescription(**{name: getattr(form, name) for name in Prescription.__dataclass_fields__})


def prescription_of_order(db: Session, order: DoseOrder) -> Prescription:
    """The prescription as it is kept."""
    kept = {name: getattr(order, name) for name in Prescription.__dataclass_fields__ if name != "recipient"}
    return Prescription(recipient=recipient_code(db, order), **kept)


def record_of_prescription(given: Prescription, rules_version: str) -> dict[str, Any]:
    """What the page shows and the physician signs: the dose in digits and words, window and weight."""
    lowest, highest = dose_rules(rules_version).window(given.dose_viable_cells)
    return {
        "recipient": given.recipient,
        "product": given.product,
        "dose_basis": given.dose_basis,
        "dose_viable_cells": given.dose_viable_cells,
        "dose_shown": dose(given.dose_viable_cells),
        "dose_cells_per_kg": given.dose_cells_per_kg,
        "dose_per_kg_shown": say(
            "{dose_cells_per_kg} per kg", dose_cells_per_kg=dose(given.dose_cells_per_kg)
        ),
        "window_viable_cells": [lowest, highest],
        "route": given.route,
        "weight_kg": number(given.weight_kg),
        "weighed_on": given.weighed_on,
        "planned_on": given.planned_on,
        "regime": given.regime,
        "authorisation_number": given.authorisation_number,
        "authorised_on": given.authorised_on,
        "dose_rules": rules_version,
    }


def record_of_order(db: Session, order: DoseOrder) -> dict[str, Any]:
    """The same record from the order as it is kept; its signature stands while the two agree."""
    return record_of_prescription(prescription_of_order(db, order), order.dose_rules)


def recipient_code(db: Session, order: DoseOrder) -> str:
    """The code of the order's recipient."""
    return db.get_one(Recipient, order.recipient_id).code
