"""What happened to a prescription."""

from app.evidence.ledger import EventKind

PRESCRIBED = EventKind(
    "orders.prescribed",
    "{order} prescribed for {recipient}: {dose}, {route}, planned on {planned_on}, {regime} under"
    " {authorisation}, signed {signature}",
)
ALLOCATED = EventKind(
    "orders.allocated", "{unit} allocated to {order} of {recipient}; crossmatch: {crossmatch}"
)
UNDONE = EventKind("orders.allocation_undone", "allocation of {unit} to {order} undone")
READY = EventKind("orders.ready", "{order} ready: {unit} received at the ward")
NOT_GIVEN = EventKind("orders.not_given", "{order} not given; bag {unit}")
