"""What happened to sera and bead results; never what a file says of the patient or calls a sample."""

from app.evidence.ledger import EventKind

REGISTERED = EventKind(
    "antibodies.registered", "serum {serum} of {recipient} registered, drawn on {drawn_on}"
)
RECEIVED = EventKind(
    "antibodies.received", "bead file {file} received for {recipient}: {sera} sera on kit {kit}"
)
IMPORTED = EventKind(
    "antibodies.imported",
    "bead results of {recipient} imported from file {file}: kit {kit}, sera {sera}; {left_out} sera left out",
)
CALLED = EventKind(
    "antibodies.called", "serum {serum} of {recipient} held against {donor} under {version}: {result}"
)
WITHDRAWN = EventKind(
    "antibodies.withdrawn",
    "run {run} of serum {serum} of {recipient} on kit {kit} withdrawn, from file {file}; signed {signature}",
)
