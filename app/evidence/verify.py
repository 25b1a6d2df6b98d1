"""Verification: walk every entry of the ledger, then compare every row with its last digest.

Or only what is new since a good checkpoint: the entries after it, that they grow from what the checkpoint
signed, and the rows they tell of.
"""

from collections.abc import Sequence

from sqlmodel import Session

from app.evidence.tree import Frontier
from app.evidence.verify_checkpoints import (
    check_head,
    check_kept,
    check_outside,
    kept_sizes,
    last_good,
    read_outside,
)
from app.evidence.verify_entries import LogWalk
from app.evidence.verify_report import Findings, Problem, Report
from app.evidence.verify_rows import RowWalk

__all__ = ["Problem", "Report", "verify", "verify_log", "verify_new"]


def verify(db: Session, checkpoint_lines: Sequence[str] = ()) -> Report:
    """Check the whole ledger, every row of every table, and the checkpoints given from outside."""
    found = Findings()
    log = _log(db, found, Frontier(), read_outside(checkpoint_lines, found))
    rows = RowWalk(db, found, log.last)
    rows.every()
    return Report(log.frontier.size, found, log.frontier.root().hex(), rows.rows)


def verify_log(db: Session) -> Report:
    """Check the log alone: every entry, its digests, the head and the checkpoints; no other table."""
    found = Findings()
    log = _log(db, found, Frontier(), {})
    return Report(log.frontier.size, found, log.frontier.root().hex())


def verify_new(db: Session, checkpoint_lines: Sequence[str] = ()) -> Report:
    """Check what is new since the last good checkpoint; of those given from outside, where some are.

    Looked at are the entries after it, hashed on from the subtrees that its signed root covers (the
    consistency of RFC 9162 §2.1.4), their digests, the head, the later checkpoints, and the rows that these
    entries tell of. Not looked at are older entries, rows that only they tell of, and rows that none does.
    """
    found = Findings()
    outside = read_outside(checkpoint_lines, found)
    start = last_good(db, outside)
    since = start.size
    log = _log(db, found, start, {size: root for size, root in outside.items() if size >= since})
    rows = RowWalk(db, found, log.last)
    rows.told()
    return Report(log.frontier.size, found, log.frontier.root().hex(), rows.rows, since)


def _log(db: Session, found: Findings, start: Frontier, outside: dict[int, str]) -> LogWalk:
    """Walk along the log from there, and hold it against its head and all checkpoints from there on."""
    since = start.size
    walk = LogWalk(db, found, start)
    walk.run(kept_sizes(db) | outside.keys())
    check_head(db, found, walk.frontier)
    check_kept(db, found, walk.roots, since)
    check_outside(found, outside, walk.roots)
    return walk
