"""What the ledger is told about holds."""

from app.evidence.ledger import EventKind

HOLD_PLACED = EventKind("concerns.hold_placed", "hold {hold} placed on {held_kind} {held}")
HOLD_LIFTED = EventKind(
    "concerns.hold_lifted", "hold {hold} on {held_kind} {held} lifted, signature {signature}"
)
