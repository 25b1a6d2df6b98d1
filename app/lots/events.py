"""What the ledger is told about donations, lots, steps and units."""

from app.evidence.ledger import EventKind

DONATION_RECORDED = EventKind(
    "lots.donation_recorded",
    "donation {donation} of donor {donor} received: {tissue}, {volume_ml} mL, {nucleated_cells} cells",
)
LOT_OPENED = EventKind("lots.opened", "lot {lot} opened: {tier} of {product}")
STEP_PERFORMED = EventKind(
    "lots.step_performed",
    "step {step}, {what}: {cells_in} viable cells in {units_in}; {cells_out} go on, {cells_qc} to QC,"
    " {cells_retained} retained, {cells_lost} lost, {cells_unexplained} unexplained; made {units_out};"
    " passage {passage}, {doublings} doublings, cumulative {cumulative}; limits {limits}",
)
LOT_FINISHED = EventKind(
    "lots.finished", "making of lot {lot} finished: {units} units in quarantine, expiry {expires_at}"
)
UNIT_ENDED = EventKind("lots.unit_ended", "unit {unit} is {fate}")
UNIT_DESTROYED = EventKind(
    "lots.unit_destroyed",
    "unit {unit} destroyed, signatures {signature} and, by {witness} who witnessed it, {second_signature}",
)
FROZEN = EventKind(
    "lots.frozen",
    "freeze run {run} ({run_name}) of step {step} kept as file {sha256}: {readings} readings,"
    " {celsius_per_min} °C/min, {verdict} the limits {limits}",
)
