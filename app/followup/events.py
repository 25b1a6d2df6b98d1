"""What happened to follow-up visits, and what was found at them."""

from app.evidence.ledger import EventKind

VISITED = EventKind(
    "followup.visited",
    "visit {timepoint} of {recipient} on {happened_on}, {place} its window under {version}",
)
MOVED = EventKind(
    "followup.visit_moved",
    "visit {timepoint} of {recipient} was on {became}, not on {was}; {place} its window under {version}",
)
FOUND = EventKind("followup.found", "of {recipient} at {timepoint}: {told}; under {versions}")
RESPONDED = EventKind(
    "followup.responded", "response of {recipient} at {timepoint} by {definition} under {version}: {response}"
)
