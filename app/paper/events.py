"""What the ledger tells of paper."""

from app.evidence.ledger import EventKind

ISSUED = EventKind("paper.issued", "{what} of {about} issued as {serial}, revision {revision}, {pages} pages")
