"""What happened to cytometry files and to what was counted in them; never a keyword's value."""

from app.evidence.ledger import EventKind

IMPORTED = EventKind(
    "cytometry.imported",
    "{file} of {recipient} kept: FCS {version}, {events} events in {data_sets} data sets, "
    "{warnings} warnings, SHA-256 {sha256}",
)
COUNTED = EventKind(
    "cytometry.counted",
    "populations of {recipient}, sample of {collected_on}, {source}: {told}; under {version}",
)
