"""What the ledger tells of custody."""

from app.evidence.ledger import EventKind

PLACE_ADDED = EventKind("custody.place_added", "place {place} ({what}) added, within {within}")
STORED = EventKind("custody.stored", "{unit} stored at {place}, {condition}")
MOVED = EventKind("custody.moved", "{unit} moved to {place}, {condition}")
ISSUED = EventKind("custody.issued", "{unit} issued to {taker}, to {place}, {condition}")
SENT = EventKind("custody.sent", "{unit} sent in {place}, taken by {taker}, {condition}")
RECEIVED = EventKind("custody.received", "{unit} received at {place} by {taker}, {condition}")
RETURNED = EventKind("custody.returned", "{unit} returned to {place} by {taker}, {condition}")
