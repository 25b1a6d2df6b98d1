"""What happened at the bed: every scan, every signature, start and end."""

from app.evidence.ledger import EventKind

SCANNED = EventKind(
    "bedside.scanned",
    "{step} {source}: {verdict}; check {check}, recipient {recipient}, unit {unit}; reasons: {reasons}",
)
THAWED = EventKind(
    "bedside.thawed", "{unit} for {recipient} under {order} thawed at {thawed_at}, told by {told_by}"
)
OVERRIDDEN = EventKind(
    "bedside.overridden",
    "{override}: {overridden} of {unit} for {recipient} under {order} overridden by {physician},"
    " {minutes} minutes after thaw, with {second}; signed {signature} and {second_signature}",
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
    " {minutes} minutes after thaw, override {override}, {viable} viable cells in {volume_ml} mL,"
    " viability {viability} %",
)
ENDED = EventKind(
    "bedside.infusion_ended",
    "{infusion}: ended at {ended_at}, {residual_ml} mL left, {delivered} viable cells delivered;"
    " stopped early: {stopped_early}",
)
END_REFUSED = EventKind("bedside.end_refused", "end of {infusion} not recorded: {reasons}")
VITALS = EventKind("bedside.vitals", "{infusion}: vital signs at {point} measured at {measured_at}")
VITALS_CORRECTED = EventKind(
    "bedside.vitals_corrected", "{infusion}: vital signs at {point} corrected, measured at {measured_at}"
)
REACTION = EventKind(
    "bedside.reaction",
    "{reaction} in {infusion} of {unit}: {what}, grade {grade}, onset at {onset_at}, {outcome}",
)
REACTION_OVER = EventKind(
    "bedside.reaction_over",
    "{reaction} in {infusion} of {unit}: {what}, grade {grade}, {outcome} at {over_at}",
)
