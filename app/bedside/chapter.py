"""What the bedside says in a batch record: where each bag went, who checked it, and what was delivered."""

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.bedside.limits import limits
from app.bedside.models import BedsideCheck, Infusion, Reaction, Scan, VerdictWord
from app.bedside.overview import overrides
from app.bedside.thawing import Clock, ClockState
from app.kernel.speech import say, word
from app.kernel.units import dose, number
from app.labeling.models import Label
from app.lots.models import Lot, Unit
from app.orders.models import Allocation, AllocationState, DoseOrder
from app.paper.chapters import Block, Chapter, Facts, Heading, Table, Text
from app.recipients.models import Recipient


def chapter(db: Session, lot: Lot) -> Chapter:
    """Allocations and infusions of the lot's bags; recipients by code alone."""
    blocks: list[Block] = [
        _allocations(db, lot),
        _infusions(db, lot),
        _overrides(db, lot),
        _reactions(db, lot),
        _scans(db, lot),
    ]
    return Chapter(0, Heading.DISTRIBUTION, blocks)


def _overrides(db: Session, lot: Lot) -> Table | Text:
    """A STOP that was overridden is its own kind of record; both roles are named (domain rule 7)."""
    units = db.exec(select(Unit.id).where(Unit.lot_id == lot.id)).all()
    lines = overrides(db, [key for key in units if key is not None])
    if not lines:
        return Text("No STOP at the bed was overridden.")
    rows = [
        (
            line.code,
            line.unit,
            line.recipient,
            word(line.overridden),
            say(
                "{at} UTC, {minutes} min after thaw",
                at=f"{line.made_at:%Y-%m-%d %H:%M}",
                minutes=line.minutes_after_thaw,
            ),
            say("{one} with {other}", one=line.physician, other=line.second),
            line.reason,
        )
        for line in lines
    ]
    headings = ("Override", "Bag", "Recipient", "Of", "When", "Physician and second role", "Reason")
    return Table(headings, rows, "STOPs overridden by a physician")


def _reactions(db: Session, lot: Lot) -> Table | Text:
    found = (
        select(Reaction, Infusion.code, Unit.code)
        .join(Infusion, col(Infusion.id) == Reaction.infusion_id)
        .join(Unit, col(Unit.id) == Infusion.unit_id)
        .where(Unit.lot_id == lot.id)
        .order_by(col(Reaction.onset_at))
    )
    rows = [
        (
            one.code,
            unit,
            infusion,
            word(one.kind) + (f": {one.told}" if one.told else ""),
            str(one.grade),
            f"{one.onset_at:%Y-%m-%d %H:%M} UTC",
            word(one.outcome),
        )
        for one, infusion, unit in db.exec(found).all()
    ]
    if not rows:
        return Text("No reaction of a recipient is recorded.")
    headings = ("Reaction", "Bag", "Infusion", "What", "Grade (CTCAE)", "Onset", "Outcome")
    return Table(headings, rows, "Reactions of recipients")


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
    words = [
        (say("Scans answered {word}", word=one.value.replace("_", " ").upper()), one.value)
        for one in VerdictWord
    ]
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
            say("undone: {reason}", reason=allocation.undone_reason)
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
        "Thaw to start",
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
        say("{one} and {other}", one=first, other=second),
        f"{infusion.thawed_at:%Y-%m-%d %H:%M} UTC",
        f"{infusion.started_at:%H:%M} UTC",
        _waited(infusion),
        None if ended is None else f"{ended:%H:%M} UTC",
        f"{dose(infusion.viable_cells_at_thaw)}, {number(infusion.viability_percent_at_thaw)} %",
        None if residual is None else f"{number(infusion.volume_ml)} mL, {number(residual)} mL",
        None if infusion.delivered_viable_cells is None else dose(infusion.delivered_viable_cells),
    )


def _waited(infusion: Infusion) -> str:
    clock = Clock("", infusion.thawed_at, infusion.started_at, limits())
    over = " TOO LONG, overridden" if clock.state is ClockState.TOO_LONG else ""
    return say("{minutes} of {limit} min{over}", minutes=clock.minutes, limit=clock.limit_minutes, over=over)
