"""What an order asks before its bag leaves the laboratory, and before one that came back is free again."""

from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import queries as lots
from app.orders import queries, rules


def consent_before_issue(work: Work, unit_code: str) -> Refusal | None:
    """Does the patient's consent stand today? A unit under no order is custody's own question."""
    unit = lots.unit_by_code(work.db, unit_code)
    promise = None if unit is None else queries.open_allocation_of_unit(work.db, known(unit.id))
    if promise is None:
        return None
    stands = queries.consent_stands(work.db, known(promise.recipient.id), work.at)
    return rules.no_consent(promise.recipient.code, stands)


def no_order_before_restock(work: Work, unit_code: str) -> Refusal | None:
    """Does no order wait for the returned unit any more?"""
    unit = lots.unit_by_code(work.db, unit_code)
    promise = None if unit is None else queries.open_allocation_of_unit(work.db, known(unit.id))
    return None if promise is None else rules.still_promised(unit_code, promise.order.code)
