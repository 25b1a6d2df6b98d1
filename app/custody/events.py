"""What the ledger tells of custody."""

from app.evidence.ledger import EventKind

PLACE_ADDED = EventKind("custody.place_added", "place {place} ({what}) added, within {within}")
BOX_LAID_OUT = EventKind(
    "custody.box_laid_out", "box {place} laid out with {rows} rows and {columns} columns of positions"
)
STORED = EventKind("custody.stored", "{unit} stored at {place}, {condition}")
MOVED = EventKind("custody.moved", "{unit} moved to {place}, {condition}")
ISSUED = EventKind("custody.issued", "{unit} issued to {taker}, to {place}, {condition}")
SENT = EventKind("custody.sent", "{unit} sent in {place}, taken by {taker}, {condition}")
RECEIVED = EventKind("custody.received", "{unit} received at {place} by {taker}, {condition}")
RETURNED = EventKind("custody.returned", "{unit} returned to {place} by {taker}, {condition}")
RETURN_ACCEPTED = EventKind(
    "custody.return_accepted",
    "{unit} taken back to stock by limits {limits}: warmest {warmest}, {minutes} min without a logger",
)
SHIPMENT_OPENED = EventKind(
    "custody.shipment_opened",
    "shipment {shipment} opened from {origin} to {destination} in {shipper}, logger {logger},"
    " courier {courier}",
)
SHIPMENT_PACKED = EventKind(
    "custody.shipment_packed", "{unit} packed into shipment {shipment}, hand-over {link}"
)
SHIPMENT_SENT = EventKind("custody.shipment_sent", "shipment {shipment} taken on its way with {units}")
SHIPMENT_RECEIVED = EventKind(
    "custody.shipment_received", "shipment {shipment} received at {place}: {units}; missing: {missing}"
)
SHIPMENT_CANCELLED = EventKind("custody.shipment_cancelled", "shipment {shipment} cancelled")
SHIPMENT_JUDGED = EventKind(
    "custody.shipment_judged",
    "shipment {shipment} judged {verdict} by limits {limits}: {readings} readings, warmest {warmest},"
    " file {sha256}",
)
