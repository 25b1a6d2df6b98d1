"""What happened to follow-up visits."""

from app.evidence.ledger import EventKind

VISITED = EventKind(
    "followup.visited",
    "visit {timepoint} of {recipient} on {happened_on}, {place} its window under {version}",
)
