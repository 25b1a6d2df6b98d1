"""What waits, counted per room for those who may do it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from app.access.permissions import Permission
from app.concerns.models import Hold, HoldState
from app.donors.models import Donor, DonorState
from app.labeling.models import Label, LabelState
from app.lots.models import Lot, LotState, Unit, UnitState
from app.orders.models import DoseOrder, OrderState


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the worklist."""

    permission: Permission
    words: str
    endpoint: str
    count: int


#: (who sees it, one, many, where it leads, what is counted)
COUNTED: tuple[tuple[Permission, str, str, str, Any], ...] = (
    (
        Permission.HOLD_LIFT,
        "hold in force",
        "holds in force",
        "concerns.index",
        col(Hold.state) == HoldState.IN_FORCE,
    ),
    (
        Permission.DONOR_DECIDE,
        "donor waits for a risk assessment",
        "donors wait for a risk assessment",
        "donors.index",
        col(Donor.state) == DonorState.RISK_ASSESSMENT,
    ),
    (
        Permission.DONOR_WRITE,
        "donor in screening",
        "donors in screening",
        "donors.index",
        col(Donor.state) == DonorState.IN_SCREENING,
    ),
    (
        Permission.LOT_WRITE,
        "lot in process",
        "lots in process",
        "lots.index",
        col(Lot.state) == LotState.IN_PROCESS,
    ),
    (
        Permission.QUALITY_READ,
        "lot in quarantine",
        "lots in quarantine",
        "quality.index",
        col(Lot.state) == LotState.QUARANTINE,
    ),
    (
        Permission.LABEL_APPLY,
        "printed label to scan back",
        "printed labels to scan back",
        "labeling.index",
        col(Label.state) == LabelState.PRINTED,
    ),
    (
        Permission.ORDER_ALLOCATE,
        "order waits for a unit",
        "orders wait for a unit",
        "orders.index",
        col(DoseOrder.state) == OrderState.PRESCRIBED,
    ),
    (
        Permission.CUSTODY_WRITE,
        "unit on its way",
        "units on their way",
        "custody.index",
        col(Unit.state).in_((UnitState.ISSUED, UnitState.IN_TRANSIT)),
    ),
    (
        Permission.BEDSIDE,
        "order ready at the bedside",
        "orders ready at the bedside",
        "bedside.start",
        col(DoseOrder.state).in_((OrderState.READY, OrderState.CHECKED, OrderState.IN_PROGRESS)),
    ),
)


def waiting(db: Session, can: Callable[[Permission], bool]) -> list[Task]:
    """The worklist of a person: only what they may do, only what there is."""
    tasks = []
    for permission, one, many, endpoint, condition in COUNTED:
        if not can(permission):
            continue
        table = condition.left.table
        count = db.exec(select(func.count()).select_from(table).where(condition)).one()
        if count:
            tasks.append(Task(permission, one if count == 1 else many, endpoint, count))
    return tasks
