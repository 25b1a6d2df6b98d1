"""A dose is prescribed, a bag promised to it, and the order made ready, or not given."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.units import dose
from app.kernel.work import Work
from app.lots import operations as lots_operations
from app.lots import queries as lots
from app.lots.models import Unit, UnitState
from app.orders import events, queries, rules
from app.orders.allocation_rules import QUESTIONS
from app.orders.crossmatch import crossmatch, in_short, written
from app.orders.doses import DoseRange, dose_rules
from app.orders.forms import PrescribeForm
from app.orders.models import Allocation, AllocationState, DoseOrder, OrderState
from app.recipients import queries as recipients


def _subject(order: DoseOrder) -> Subject:
    return Subject("order", order.code)


def questions_on(work: Work, form: PrescribeForm) -> DoseRange | Refusal:
    """Every question about the prescription itself; the range of its product when all are answered."""
    adopted = dose_rules()
    known = adopted.range_of(form.product)
    if known is None:
        refusal = rules.product_has_no_range(form.product, known)
        assert refusal is not None
        return refusal
    return (
        first(
            rules.dose_not_usual(form.dose_viable_cells, known),
            rules.route_unknown(form.route, known),
            rules.weight_not_usable(form.weight_kg, form.weighed_on, work.at, adopted),
            rules.weight_far_from_the_last(form.weight_kg, _former_weight(work, form), adopted),
            rules.dose_per_kg_not_usual(
                form.dose_cells_per_kg, form.dose_viable_cells, form.weight_kg, known
            ),
            rules.authorised_in_future(form.authorised_on, work.at),
            rules.planned_in_the_past(form.planned_on, work.at),
        )
        or known
    )


def _former_weight(work: Work, form: PrescribeForm) -> tuple[Decimal, date] | None:
    recipient = recipients.by_code(work.db, form.recipient)
    return None if recipient is None else queries.former_weight(work.db, known(recipient.id))


def prescribe(
    work: Work, form: PrescribeForm, proof: Proof, code: str | None = None, shown: str | None = None
) -> DoseOrder | Refusal:
    """Prescribe a dose, signed by the physician who is signed in.

    ``shown`` is the SHA-256 of the record as the page showed it; the signature is refused when it would
    cover something else.
    """
    recipient = recipients.by_code(work.db, form.recipient)
    if recipient is None:
        return rules.recipient_unknown(form.recipient)
    code = code or next_code(work.db, DoseOrder.code, "ORD", work.at)
    signed = record_of_form(form)
    refusal = first(
        rules.signer_is_another(work.actor, proof),
        rules.not_a_prescriber(proof),
        rules.code_taken(code, queries.by_code(work.db, code) is not None),
        rules.record_changed(shown, sha256_of(signed)),
    )
    answer = refusal or questions_on(work, form)
    if isinstance(answer, Refusal):
        return answer
    signature = sign(work, proof, Meaning.PRESCRIBED, Subject("order", code), signed)
    order = _order(work, form, code, known(recipient.id), known(signature.id))
    record(
        work,
        events.PRESCRIBED,
        _subject(order),
        order=code,
        recipient=recipient.code,
        dose=dose(form.dose_viable_cells),
        route=form.route,
        planned_on=form.planned_on,
        regime=word(form.regime),
        authorisation=form.authorisation_number,
        signature=signature.id,
    )
    return order


def record_of_form(form: PrescribeForm) -> dict[str, Any]:
    """What the page shows of a prescription before it is signed."""
    return queries.record_of_prescription(queries.prescription_of_form(form), dose_rules().version)


def _order(work: Work, form: PrescribeForm, code: str, recipient_id: int, signature_id: int) -> DoseOrder:
    lowest, highest = dose_rules().window(form.dose_viable_cells)
    order = DoseOrder(
        code=code,
        recipient_id=recipient_id,
        product=form.product,
        dose_basis=form.dose_basis,
        dose_viable_cells=form.dose_viable_cells,
        dose_cells_per_kg=form.dose_cells_per_kg,
        lowest_viable_cells=lowest,
        highest_viable_cells=highest,
        route=form.route,
        weight_kg=form.weight_kg,
        weighed_on=form.weighed_on,
        planned_on=form.planned_on,
        regime=form.regime,
        authorisation_number=form.authorisation_number,
        authorised_on=form.authorised_on,
        dose_rules=dose_rules().version,
        state=OrderState.PRESCRIBED,
        prescribed_at=work.at,
        signature_id=signature_id,
    )
    work.db.add(order)
    return order


def move_order(work: Work, order_id: int, old: OrderState, new: OrderState, **values: object) -> bool:
    """Move the order if it still is in state ``old``; the caller's event tells of it."""
    return change_if(work.db, DoseOrder, order_id, {"state": old}, state=new, **values)


def _must_move(work: Work, order: DoseOrder, new: OrderState, **values: object) -> None:
    """Move an order whose state was read in this very act; another writer cannot have come between."""
    assert order.id is not None
    if not move_order(work, order.id, order.state, new, **values):
        raise RuntimeError(f"{order.code} changed under a single writer")


def allocate(work: Work, order_code: str, unit_code: str) -> Allocation | Refusal:
    """Promise a bag to an order; of two people who press at once, one wins."""
    order = queries.by_code(work.db, order_code)
    if order is None:
        return rules.order_unknown(order_code)
    unit = lots.unit_by_code(work.db, unit_code)
    if unit is None:
        return rules.unit_unknown(unit_code)
    refusal = first_of(QUESTIONS, queries.match(work.db, order, unit, work.at))
    if refusal is not None:
        return refusal
    assert order.id is not None and unit.id is not None and work.actor.person_id is not None
    if not lots_operations.move_unit(work, unit.id, UnitState.AVAILABLE, UnitState.ALLOCATED):
        return rules.taken_meanwhile(unit.code)
    verdicts = crossmatch(work.db, order.recipient_id, unit.id)
    allocation = Allocation(
        order_id=order.id,
        recipient_id=order.recipient_id,
        unit_id=unit.id,
        state=AllocationState.OPEN,
        allocated_at=work.at,
        allocated_by_id=work.actor.person_id,
        crossmatch=written(verdicts),
    )
    work.db.add(allocation)
    _must_move(work, order, OrderState.ALLOCATED)
    recipient = queries.recipient_code(work.db, order)
    record(
        work,
        events.ALLOCATED,
        _subject(order),
        unit=unit.code,
        order=order.code,
        recipient=recipient,
        crossmatch=in_short(verdicts),
    )
    return allocation


def undo_allocation(work: Work, order_code: str, reason: str) -> Allocation | Refusal:
    """Take the promise back while the bag lies in the bank, or once it came back.

    In the bank it is available again. A returned bag stays returned: quality decides.
    """
    order = queries.by_code(work.db, order_code)
    if order is None:
        return rules.order_unknown(order_code)
    assert order.id is not None
    allocation = queries.live_allocation_of_order(work.db, order.id)
    if allocation is None:
        return rules.nothing_allocated(order.code)
    unit = work.db.get_one(Unit, allocation.unit_id)
    refusal = first(
        rules.reason_missing(reason, say("Undoing an allocation")), rules.bag_has_left(unit.code, unit.state)
    )
    if refusal is not None:
        return refusal
    assert unit.id is not None
    if unit.state is UnitState.ALLOCATED:
        lots_operations.move_unit(work, unit.id, UnitState.ALLOCATED, UnitState.AVAILABLE)
    _undo(allocation, reason)
    back_to_prescribed(work, order)
    record(work, events.UNDONE, _subject(order), reason=reason, unit=unit.code, order=order.code)
    return allocation


#: The way back of an order whose infusion has not begun, one written move at a time.
_BACK = {
    OrderState.CHECKED: OrderState.READY,
    OrderState.READY: OrderState.ALLOCATED,
    OrderState.ALLOCATED: OrderState.PRESCRIBED,
}


def back_to_prescribed(work: Work, order: DoseOrder) -> None:
    """Lead an order whose bag is gone or taken back to where another bag can be allocated."""
    while order.state in _BACK:
        _must_move(work, order, _BACK[order.state])
        work.db.refresh(order)


def _undo(allocation: Allocation, reason: str) -> None:
    allocation.undone_reason = reason
    allocation.state = AllocationState.UNDONE


def make_ready(work: Work, order_code: str) -> DoseOrder | Refusal:
    """The bag has been received at the ward: the bedside check may begin."""
    order = queries.by_code(work.db, order_code)
    if order is None:
        return rules.order_unknown(order_code)
    assert order.id is not None
    allocation = queries.live_allocation_of_order(work.db, order.id)
    if allocation is None or order.state is not OrderState.ALLOCATED:
        return rules.nothing_allocated(order.code)
    unit = work.db.get_one(Unit, allocation.unit_id)
    stands = queries.consent_stands(work.db, order.recipient_id, work.at)
    refusal = first(
        rules.no_consent(queries.recipient_code(work.db, order), stands),
        rules.bag_not_here(unit.code, unit.state, queries.at_ward(work.db, allocation.unit_id)),
    )
    if refusal is not None:
        return refusal
    _must_move(work, order, OrderState.READY)
    record(work, events.READY, _subject(order), order=order.code, unit=unit.code)
    return order


def not_given(work: Work, order_code: str, reason: str) -> DoseOrder | Refusal:
    """The dose will not be given: why. A bag still in the bank is free again; one at the ward is returned."""
    order = queries.by_code(work.db, order_code)
    if order is None:
        return rules.order_unknown(order_code)
    refusal = first(
        rules.reason_missing(reason, say("Not giving a dose")), rules.not_to_be_ended(order.code, order.state)
    )
    if refusal is not None:
        return refusal
    assert order.id is not None
    allocation = queries.live_allocation_of_order(work.db, order.id)
    unit = None if allocation is None else work.db.get_one(Unit, allocation.unit_id)
    if allocation is not None and unit is not None:
        _undo(allocation, reason)
        if unit.state is UnitState.ALLOCATED:
            lots_operations.move_unit(work, allocation.unit_id, UnitState.ALLOCATED, UnitState.AVAILABLE)
    _must_move(work, order, OrderState.NOT_GIVEN, not_given_reason=reason)
    record(
        work,
        events.NOT_GIVEN,
        _subject(order),
        reason=reason,
        order=order.code,
        unit="none" if unit is None else unit.code,
    )
    return order
