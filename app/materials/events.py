"""What the ledger is told about materials and equipment."""

from app.evidence.ledger import EventKind

RECEIVED = EventKind(
    "materials.received",
    "{name} of {supplier}, lot {supplier_lot}, received as {material}, expires {expires_on}",
)
OPENED = EventKind(
    "materials.opened", "material {material} opened on {opened_on}, to be used by {usable_until}"
)
CERTIFIED = EventKind(
    "materials.certificate_kept", "certificate of material {material} kept as file {sha256}"
)
REGISTERED = EventKind(
    "materials.equipment_registered",
    "{name} registered as {equipment}, calibrated on {calibrated_on}, next due {due_on}",
)
CALIBRATED = EventKind(
    "materials.equipment_calibrated",
    "{equipment} calibrated on {calibrated_on}, next due {due_on}, certificate file {sha256}",
)
