"""Checkpoints against the log: those in the database, those kept outside, and the last that is good."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from app.evidence.checkpoints import read_line, statement
from app.evidence.tree import Frontier
from app.evidence.vault import Vault, signature_holds
from app.evidence.verify_entries import as_bytes, kept_frontier
from app.evidence.verify_report import Findings
from app.kernel.clock import parse_stamp

#: By size, the root that a checkpoint kept outside the database tells.
Outside = Mapping[int, str]
_KEPT = "SELECT id, size, root, at, public_key, signature, frontier FROM ledger_checkpoint"


def kept_sizes(db: Session) -> set[Any]:
    """The sizes of the log that checkpoints in the database cover."""
    return set(db.connection().exec_driver_sql("SELECT size FROM ledger_checkpoint").scalars())


def read_outside(lines: Sequence[str], found: Findings) -> dict[int, str]:
    """The checkpoints on these lines; a line that is none, or whose signature is forged, is a problem."""
    outside: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        try:
            size, root = read_line(line)
        except ValueError as fault:
            found.add(None, "checkpoint file", f"line {number}", str(fault))
        else:
            outside[size] = root
    return outside


def check_head(db: Session, found: Findings, grown: Frontier) -> None:
    """The head must be exactly what the entries grow to."""
    heads = db.connection().exec_driver_sql("SELECT id, size, frontier FROM ledger_head").all()
    if len(heads) != 1 or heads[0][0] != 1:
        found.add(None, "ledger_head", "1", "the head of the log is missing")
    elif (heads[0][1], as_bytes(heads[0][2])) != (grown.size, grown.to_bytes()):
        what = f"the head says {heads[0][1]} entries, {grown.size} are there"
        found.add(None, "ledger_head", "1", what)


def check_kept(db: Session, found: Findings, roots: Mapping[Any, str], since: int = 0) -> None:
    """Each checkpoint's signature must hold and its root must be the log's root at its size."""
    after = f" WHERE size >= {int(since)}" if since else ""
    for stored in db.connection().exec_driver_sql(f"{_KEPT}{after} ORDER BY id"):
        key, size, root = str(stored[0]), stored[1], stored[2]
        if not _holds(db, stored):
            found.add(None, "ledger_checkpoint", key, "the signature does not hold")
        if roots.get(size) != root:
            found.add(None, "ledger_checkpoint", key, f"the log of {size} entries has another root")
        if stored[6] is not None and _frontier(stored) is None:
            found.add(None, "ledger_checkpoint", key, "its frontier has another root")


def check_outside(found: Findings, outside: Outside, roots: Mapping[Any, str]) -> None:
    """Checkpoints kept outside the database find a log that was cut or written anew."""
    for size, root in outside.items():
        if size not in roots:
            what = f"the log was cut: a checkpoint covers {size} entries"
            found.add(size, "ledger_entry", str(size), what)
        elif roots[size] != root:
            found.add(size, "ledger_entry", str(size), "the log was written anew: another root")


def last_good(db: Session, outside: Outside) -> Frontier:
    """The tree as the last good checkpoint has it: one of those outside where some are given, else any kept.

    Good is one whose signature holds, and whose root is that of the frontier kept with it, or of the kept
    hashes of the entries it covers. Without one the tree is empty: everything is to be looked at.
    """
    entries = _entries(db)
    if outside:
        size = max((size for size in outside if size <= entries), default=0)
        frontier = _frontier_at(db, size)
        return frontier if frontier and frontier.root().hex() == outside.get(size) else Frontier()
    for stored in db.connection().exec_driver_sql(f"{_KEPT} ORDER BY size DESC"):
        if _holds(db, stored) and stored[1] <= entries:
            frontier = _frontier(stored) or kept_frontier(db, stored[1])
            if frontier and frontier.root().hex() == stored[2]:
                return frontier
    return Frontier()


def _entries(db: Session) -> int:
    """The number of the last entry."""
    found = db.connection().exec_driver_sql("SELECT max(seq) FROM ledger_entry").scalar()
    return int(found or 0)


def _frontier_at(db: Session, size: int) -> Frontier | None:
    """The tree over the first entries, as a checkpoint in the database keeps it, or grown from the hashes."""
    found = db.connection().exec_driver_sql(f"{_KEPT} WHERE size = {int(size)}").first()
    return (found and _frontier(found)) or kept_frontier(db, size)


def _frontier(stored: Sequence[Any]) -> Frontier | None:
    """The frontier kept with a checkpoint; None when there is none or its root is another."""
    size, root, packed = stored[1], stored[2], stored[6]
    if packed is None or not isinstance(size, int):
        return None
    try:
        frontier = Frontier.from_bytes(size, as_bytes(packed))
    except ValueError:
        return None
    return frontier if frontier.root().hex() == root else None


def _holds(db: Session, stored: Sequence[Any]) -> bool:
    """Whether a checkpoint of the database is signed with this site's key."""
    _, size, root, at, public_key, signature, _ = stored
    vault: Vault = db.info["vault"]
    try:
        message = statement(size, root, parse_stamp(at))
        return bool(public_key == vault.public_key.hex()) and signature_holds(
            vault.public_key, bytes.fromhex(signature), message
        )
    except (ValueError, TypeError):
        return False
