"""What the ledger tells of labels."""

from app.evidence.ledger import EventKind

PRINTED = EventKind("labeling.printed", "{pieces} labels printed on {stock} in job {job} for {units}")
REPRINTED = EventKind(
    "labeling.reprinted", "{pieces} labels reprinted on {stock} in job {job} for {units}, with {second}"
)
APPLIED = EventKind("labeling.applied", "label {serial} applied to {unit}")
SUPERSEDED = EventKind("labeling.superseded", "label {serial} of {unit} superseded by {by}")
VOIDED = EventKind("labeling.voided", "label {serial} of {unit} is {state}")
DESTROYED = EventKind("labeling.destroyed", "label {serial} of {unit} destroyed, with {second}")
