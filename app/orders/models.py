"""Prescriptions and allocations: one unit, one open allocation."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from app.kernel.tables import Row, cells, check, choice, day, fixed, key, moment, points


class OrderState(StrEnum):
    """An order's life."""

    PRESCRIBED = "prescribed"
    ALLOCATED = "allocated"
    READY = "ready"
    CHECKED = "checked"
    IN_PROGRESS = "in_progress"
    GIVEN = "given"
    NOT_GIVEN = "not_given"


_S = OrderState
_STOP = frozenset({_S.NOT_GIVEN})
#: Every move an order can make. ``allocated → prescribed`` is the undone allocation; ``checked → ready`` the
#: check that ran out before the infusion began.
MOVES: dict[OrderState, frozenset[OrderState]] = {
    _S.PRESCRIBED: frozenset({_S.ALLOCATED}) | _STOP,
    _S.ALLOCATED: frozenset({_S.PRESCRIBED, _S.READY}) | _STOP,
    _S.READY: frozenset({_S.CHECKED, _S.ALLOCATED}) | _STOP,
    _S.CHECKED: frozenset({_S.IN_PROGRESS, _S.READY}) | _STOP,
    _S.IN_PROGRESS: frozenset({_S.GIVEN}) | _STOP,
    _S.GIVEN: frozenset(),
    _S.NOT_GIVEN: frozenset(),
}


class DoseBasis(StrEnum):
    """How the physician said the dose."""

    CELLS = "cells"
    CELLS_PER_KG = "cells_per_kg"


class Regime(StrEnum):
    """Under which law the product is given to this patient."""

    AUTHORISED = "authorised"
    TRIAL = "trial"
    HOSPITAL_EXEMPTION = "hospital_exemption"
    COMPASSIONATE_USE = "compassionate_use"


class DoseOrder(Row, table=True):
    """A prescription of viable cells for one recipient, with its window."""

    __table_args__ = (
        UniqueConstraint("id", "recipient_id"),
        check(
            "window_holds_the_dose",
            "lowest_viable_cells <= dose_viable_cells AND dose_viable_cells <= highest_viable_cells",
        ),
        check("not_given_has_reason", "(state = 'not_given') = (not_given_reason IS NOT NULL)"),
    )
    frozen: ClassVar[tuple[str, ...]] = (
        "code", "recipient_id", "dose_viable_cells", "dose_basis", "regime", "authorisation_number",
    )  # fmt: skip
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    recipient_id: int = points("recipient")
    product: str = Field(max_length=120)
    dose_basis: DoseBasis = choice(DoseBasis)
    dose_viable_cells: int = cells()
    #: As entered, or computed from the dose and the weight, down to whole cells.
    dose_cells_per_kg: int = cells()
    lowest_viable_cells: int = cells()
    highest_viable_cells: int = cells()
    route: str = Field(max_length=40)
    weight_kg: Decimal = fixed(1)
    weighed_on: date = day()
    planned_on: date = day()
    regime: Regime = choice(Regime)
    authorisation_number: str = Field(max_length=60)
    authorised_on: date = day()
    #: The version of the dose ranges that judged the dose.
    dose_rules: str = Field(max_length=20)
    state: OrderState = choice(OrderState)
    prescribed_at: datetime = moment()
    signature_id: int = points("signature")
    not_given_reason: str | None = Field(default=None, max_length=500)


class AllocationState(StrEnum):
    """An allocation is open until it is undone with a reason or used by an infusion."""

    OPEN = "open"
    UNDONE = "undone"
    USED = "used"


ALLOCATION_MOVES: dict[AllocationState, frozenset[AllocationState]] = {
    AllocationState.OPEN: frozenset({AllocationState.UNDONE, AllocationState.USED}),
    AllocationState.UNDONE: frozenset(),
    AllocationState.USED: frozenset(),
}


class Allocation(Row, table=True):
    """This unit for this order. The partial unique index makes two open ones impossible."""

    __table_args__ = (
        UniqueConstraint("id", "unit_id", "recipient_id", name="uq_allocation_of"),
        ForeignKeyConstraint(
            ["order_id", "recipient_id"],
            ["dose_order.id", "dose_order.recipient_id"],
            name="fk_allocation_order_of",
            ondelete="RESTRICT",
        ),
        Index(
            "uq_allocation_live",
            "unit_id",
            unique=True,
            sqlite_where=text("state <> 'undone'"),
            postgresql_where=text("state <> 'undone'"),
        ),
        Index(
            "uq_allocation_of_order",
            "order_id",
            unique=True,
            sqlite_where=text("state <> 'undone'"),
            postgresql_where=text("state <> 'undone'"),
        ),
        check("undone_has_reason", "(state = 'undone') = (undone_reason IS NOT NULL)"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("order_id", "unit_id", "recipient_id")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", ALLOCATION_MOVES)

    id: int | None = key()
    order_id: int = points("dose_order")
    recipient_id: int = points("recipient")
    unit_id: int = points("unit")
    state: AllocationState = choice(AllocationState)
    allocated_at: datetime = moment()
    allocated_by_id: int = points("person")
    #: What was known of the recipient's antibodies against the unit's donors, as JSON lines, with dates.
    crossmatch: str = Field(default="", sa_type=Text)
    undone_reason: str | None = Field(default=None, max_length=500)
