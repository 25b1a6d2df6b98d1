"""What the ledger is told of notices."""

from app.evidence.ledger import EventKind

NOTICE_READ = EventKind("home.notice_read", "the notice {notice} was read")
