"""What happened at the bed: every scan, every signature, start and end."""

from app.evidence.ledger import EventKind

SCANNED = EventKind(
    "bedside.scanned",
    "{step} {source}: {verdict}; check {check}, recipient {recipient}, unit {unit}; reasons: {reasons}",
)
CHECK_ENDED = EventKind("bedside.check_ended", "check {check} of {recipient} ended: {because}")
FIRST_SIGNED = EventKind(
    "bedside.first_signed", "{unit} for {recipient} under {order}: first person signed {signature}"
)
CONFIRMED = EventKind(
    "bedside.confirmed", "{unit} for {recipient} under {order}: second person signed {signature}"
)
STOPPED = EventKind("bedside.stopped", "{stage} of check {check} stopped: {reasons}")
STARTED = EventKind(
    "bedside.infusion_started",
    "{infusion}: {unit} into {recipient} under {order}, thawed at {thawed_at}, started at {started_at},"
    " {viable} viable cells in {volume_ml} mL, viability {viability} %",
)
ENDED = EventKind(
    "bedside.infusion_ended",
    "{infusion}: ended at {ended_at}, {residual_ml} mL left, {delivered} viable cells delivered",
)
END_REFUSED = EventKind("bedside.end_refused", "end of {infusion} not recorded: {reasons}")
