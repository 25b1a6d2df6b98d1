"""What the bedside says in a batch record: where each bag went, who checked it, and what was delivered."""

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.bedside.models import BedsideCheck, Infusion, Scan, VerdictWord
from app.kernel.units import dose, number
from app.labeling.models import Label
from app.lots.models import Lot, Unit
from app.orders.models import Allocation, AllocationState, DoseOrder
from app.paper.chapters import Block, Chapter, Facts, Table
from app.recipients.models import Recipient


def chapter(db: Session, lot: Lot) -> Chapter:
    """Allocations and infusions of the lot's bags; recipients by code alone."""
    blocks: list[Block] = [_allocations(db, lot), _infusions(db, lot), _scans(db, lot)]
    return Chapter(0, "Allocation, bedside check and infusion", blocks)


def _scans(db: Session, lot: Lot) -> Facts:
    """How often the bedside scanned a label of this lot, and what it was answered: a STOP is counted too."""
    found = (
        select(Scan.verdict, func.count())
        .join(Label, col(Label.serial) == Scan.text_read)
        .join(Unit, col(Unit.id) == Label.unit_id)
        .where(Unit.lot_id == lot.id)
        .group_by(col(Scan.verdict))
    )
    counted = {str(verdict): count for verdict, count in db.exec(found).all()}
    words = [(f"Scans answered {word.value.replace('_', ' ').upper()}", word.value) for word in VerdictWord]
    return Facts([(label, str(counted.get(value, 0))) for label, value in words])


def _allocations(db: Session, lot: Lot) -> Table:
    found = (
        select(Unit.code, DoseOrder, Recipient.code, Allocation)
        .join(Allocation, col(Allocation.unit_id) == Unit.id)
        .join(DoseOrder, col(DoseOrder.id) == Allocation.order_id)
        .join(Recipient, col(Recipient.id) == Allocation.recipient_id)
        .where(Unit.lot_id == lot.id)
        .order_by(col(Unit.code), col(Allocation.id))
    )
    rows = [
        (
            unit,
            order.code,
            recipient,
            dose(order.dose_viable_cells),
            f"{allocation.allocated_at:%Y-%m-%d %H:%M} UTC",
            f"undone: {allocation.undone_reason}"
            if allocation.state is AllocationState.UNDONE
            else allocation.state.value,
        )
        for unit, order, recipient, allocation in db.exec(found).all()
    ]
    return Table(
        ("Bag", "Order", "Recipient", "Dose ordered", "Allocated", "Allocation"), rows, "Allocations"
    )


def _infusions(db: Session, lot: Lot) -> Table:
    first, second = aliased(Person), aliased(Person)
    found = (
        select(Infusion, Unit.code, first.name, second.name)
        .join(Unit, col(Unit.id) == Infusion.unit_id)
        .join(BedsideCheck, col(BedsideCheck.id) == Infusion.check_id)
        .join(first, col(first.id) == BedsideCheck.first_person_id)
        .join(second, col(second.id) == BedsideCheck.second_person_id)
        .where(Unit.lot_id == lot.id)
        .order_by(col(Infusion.started_at))
    )
    rows = [_infusion(*row) for row in db.exec(found).all()]
    headings = (
        "Bag",
        "Infusion",
        "Checked by",
        "Thawed",
        "Start",
        "End",
        "At thaw",
        "Volume, rest",
        "Delivered",
    )
    return Table(headings, rows, "Infusions")


def _infusion(infusion: Infusion, unit: str, first: str, second: str) -> tuple[str | None, ...]:
    ended, residual = infusion.ended_at, infusion.residual_ml
    return (
        unit,
        infusion.code,
        f"{first} and {second}",
        f"{infusion.thawed_at:%Y-%m-%d %H:%M} UTC",
        f"{infusion.started_at:%H:%M} UTC",
        None if ended is None else f"{ended:%H:%M} UTC",
        f"{dose(infusion.viable_cells_at_thaw)}, {number(infusion.viability_percent_at_thaw)} %",
        None if residual is None else f"{number(infusion.volume_ml)} mL, {number(residual)} mL",
        None if infusion.delivered_viable_cells is None else dose(infusion.delivered_viable_cells),
    )
