"""What happens to an order when its bag is gone: the promise ends, and the order waits for another bag."""

from sqlmodel import col, select

from app.evidence.ledger import Entry, Subject, record
from app.kernel.speech import say, word
from app.kernel.work import Work
from app.lots.models import Unit
from app.orders import events
from app.orders.models import Allocation, AllocationState, DoseOrder
from app.orders.operations import back_to_prescribed


def release_order_of_lost_bag(work: Work, entry: Entry) -> None:
    """A bag was destroyed or lost: an open allocation of it is undone, with the bag's fate as the reason."""
    unit = work.db.exec(select(Unit).where(Unit.code == entry.subject.code)).one()
    allocation = work.db.exec(
        select(Allocation).where(Allocation.unit_id == unit.id, col(Allocation.state) == AllocationState.OPEN)
    ).one_or_none()
    if allocation is None:
        return
    reason = say("Unit {code} is {state}.", code=unit.code, state=word(unit.state))
    allocation.undone_reason = reason
    allocation.state = AllocationState.UNDONE
    order = work.db.get_one(DoseOrder, allocation.order_id)
    back_to_prescribed(work, order)
    told = {"unit": unit.code, "order": order.code}
    record(work, events.UNDONE, Subject("order", order.code), reason=reason, **told)
