"""What follows from what, and what is asked before what: how rooms upstream and downstream are joined."""

from app.antibodies import events as antibodies
from app.bedside import events as bedside
from app.donors import events as donors
from app.evidence.ledger import Consequence, EventKind
from app.followup.operations import (
    call_again_for_donor,
    call_again_for_recipient,
    call_against_donors,
)
from app.kernel.gates import Gates, Guarded
from app.lots import events as lots
from app.orders import events as orders
from app.orders.consequences import release_order_of_lost_bag
from app.orders.gates import consent_before_issue, no_order_before_restock
from app.recipients import events as recipients

#: Each event kind, and the operations called in order in the same act when it is recorded.
CONSEQUENCES: dict[EventKind, tuple[Consequence, ...]] = {
    antibodies.IMPORTED: (call_against_donors,),
    orders.ALLOCATED: (call_against_donors,),
    bedside.STARTED: (call_against_donors,),
    recipients.TYPED: (call_again_for_recipient,),
    donors.TYPED: (call_again_for_donor,),
    lots.UNIT_DESTROYED: (release_order_of_lost_bag,),
    lots.UNIT_ENDED: (release_order_of_lost_bag,),
}

#: Each guarded act, and the later rooms' questions asked before it: the first refusal is its answer.
GATES: Gates = {
    Guarded.ISSUE: (consent_before_issue,),
    Guarded.RESTOCK: (no_order_before_restock,),
}
