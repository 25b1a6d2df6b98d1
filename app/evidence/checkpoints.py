"""Checkpoints: signed statements of the log's size and root, in the database and outside it."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from app.evidence.ledger import EventKind, Subject, _head, record
from app.evidence.models import LedgerCheckpoint, Occasion
from app.evidence.vault import Vault, signature_holds
from app.kernel.clock import parse_stamp, stamp
from app.kernel.work import Work

CHECKPOINTED = EventKind("evidence.checkpoint", "checkpoint over {size} entries at {occasion}, root {root}")

ORIGIN = "hilo ledger"


def statement(size: int, root_hex: str, at: datetime) -> bytes:
    """The lines that a checkpoint signs: origin, size, root and time."""
    return f"{ORIGIN}\n{size}\n{root_hex}\n{stamp(at)}\n".encode()


def make_checkpoint(work: Work, occasion: Occasion) -> LedgerCheckpoint:
    """Sign the log as it stands now; the checkpoint's own entry follows after what it covers."""
    vault: Vault = work.db.info["vault"]
    size, frontier = _head(work.db)
    root = frontier.root().hex()
    known = work.db.exec(select(LedgerCheckpoint).where(LedgerCheckpoint.size == size)).one_or_none()
    if known is not None:
        return known
    checkpoint = LedgerCheckpoint(
        size=size,
        root=root,
        at=work.at,
        occasion=occasion,
        public_key=vault.public_key.hex(),
        signature=vault.sign(statement(size, root, work.at)).hex(),
        frontier=frontier.to_bytes(),
    )
    work.db.add(checkpoint)
    record(work, CHECKPOINTED, Subject("ledger", str(size)), size=size, occasion=occasion, root=root)
    work.db.info.setdefault("new_checkpoints", []).append(checkpoint)
    return checkpoint


def line(checkpoint: LedgerCheckpoint) -> str:
    """The checkpoint as one line of text, as printed on paper and kept outside the database."""
    return _line(checkpoint.size, checkpoint.root, checkpoint.at, checkpoint.public_key, checkpoint.signature)


def _line(size: int, root: str, at: datetime, public_key: str, signature: str) -> str:
    return " ".join((str(size), root, stamp(at), public_key, signature))


def signed_line(vault: Vault, size: int, root: str, at: datetime) -> str:
    """A checkpoint line that lies in no table, such as the one a backup carries."""
    signature = vault.sign(statement(size, root, at)).hex()
    return _line(size, root, at, vault.public_key.hex(), signature)


def read_line(text: str) -> tuple[int, str]:
    """Size and root of a checkpoint line whose signature holds. Raises ValueError otherwise."""
    parts = text.split()
    if len(parts) != 5:
        raise ValueError("a checkpoint line has five parts: size, root, time, key, signature")
    size, root, at, public_key, signature = parts
    message = statement(int(size), root, parse_stamp(at))
    if not signature_holds(bytes.fromhex(public_key), bytes.fromhex(signature), message):
        raise ValueError(f"the signature of the checkpoint over {size} entries does not hold")
    return int(size), root


def keep_outside(folder: Path, session: Session) -> None:
    """Append the checkpoints of an act that is now durable to ``checkpoints.txt`` in the data folder."""
    fresh: list[LedgerCheckpoint] = session.info.pop("new_checkpoints", [])
    if fresh:
        with (folder / "checkpoints.txt").open("a", encoding="ascii") as file:
            file.writelines(line(checkpoint) + "\n" for checkpoint in fresh)
