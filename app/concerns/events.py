"""What the ledger is told about holds and deviations."""

from app.evidence.ledger import EventKind

HOLD_PLACED = EventKind("concerns.hold_placed", "hold {hold} placed on {held_kind} {held}")
HOLD_LIFTED = EventKind(
    "concerns.hold_lifted", "hold {hold} on {held_kind} {held} lifted, signature {signature}"
)
DEVIATION_OPENED = EventKind(
    "concerns.deviation_opened", "{severity} deviation {deviation} opened on {deviant_kind} {deviant}, {rule}"
)
DEVIATION_ASSESSED = EventKind(
    "concerns.deviation_assessed",
    "deviation {deviation} on {deviant_kind} {deviant} assessed as {severity}, signature {signature}",
)
DEVIATION_CLOSED = EventKind(
    "concerns.deviation_closed",
    "deviation {deviation} on {deviant_kind} {deviant} closed, signature {signature}",
)
