"""What the ledger is told about materials and equipment."""

from app.evidence.ledger import EventKind

RECEIVED = EventKind(
    "materials.received",
    "{name} of {supplier}, lot {supplier_lot}, received as {material}, expires {expires_on}",
)
REGISTERED = EventKind(
    "materials.equipment_registered", "{name} registered as {equipment}, calibration due {due_on}"
)
CALIBRATED = EventKind(
    "materials.equipment_calibrated", "{equipment} calibrated on {calibrated_on}, next due {due_on}"
)
