"""What the ledger is told of backups."""

from app.evidence.ledger import EventKind

MADE = EventKind(
    "backup.made", "backup of {entries} entries and {kept_files} kept files written, SHA-256 {sha256}"
)
RESTORED = EventKind(
    "backup.restored", "restored from the backup of {entries} entries made at {made_at}, root {root}"
)
