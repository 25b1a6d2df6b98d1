"""Verification: walk every entry of the ledger, then compare every row with its last digest."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlmodel import Session

from app.evidence.checkpoints import read_line, statement
from app.evidence.models import LedgerCheckpoint, LedgerEntry, LedgerHead, LedgerRow
from app.evidence.rows import digest_of, key_of, raw_select
from app.evidence.tree import Frontier, leaf_hash
from app.evidence.vault import Vault, signature_holds
from app.kernel.clock import parse_stamp
from app.kernel.tables import metadata

#: Tables the ledger itself consists of; they are checked by walking them, not by digests.
LEDGER_TABLES = frozenset({"ledger_entry", "ledger_row", "ledger_head"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as the ledger says: which entry, table and row, and what is wrong."""

    entry: int | None
    table: str
    key: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found."""

    entries: int
    problems: list[Problem]
    #: Root of the whole log, in hexadecimal.
    root: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The answer of ``verify --json``."""
        return {"ok": self.ok, "entries": self.entries, "problems": [asdict(p) for p in self.problems]}


def verify(db: Session, checkpoint_lines: list[str] | None = None) -> Report:
    """Check the whole ledger, every row of every table, and the checkpoints given from outside."""
    walk = _Walk(db)
    walk.entries()
    walk.head()
    walk.checkpoints()
    walk.outside(checkpoint_lines or [])
    walk.tables()
    return Report(walk.frontier.size, walk.problems, walk.frontier.root().hex())


def verify_log(db: Session) -> Report:
    """Check the log alone: every entry, its digests, the head and the checkpoints; no other table."""
    walk = _Walk(db)
    walk.entries()
    walk.head()
    walk.checkpoints()
    return Report(walk.frontier.size, walk.problems, walk.frontier.root().hex())


class _Walk:
    """One pass over the log and the tables, collecting problems."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self.vault: Vault = db.info["vault"]
        self.frontier = Frontier()
        self.problems: list[Problem] = []
        self.last: dict[tuple[str, str], tuple[int, str]] = {}
        self.roots: dict[int, str] = {}

    def _found(self, entry: int | None, table: str, key: str, what: str) -> None:
        self.problems.append(Problem(entry, table, key, what))

    def _raw(self, table: Table, order: str) -> Iterator[dict[str, Any]]:
        names = [column.name for column in table.columns]
        result = self.db.connection().execute(text(f"{raw_select(table)} ORDER BY {order}"))
        return (dict(zip(names, row, strict=True)) for row in result)

    def entries(self) -> None:
        """Recompute every leaf from the stored bytes and compare the columns with what the bytes say."""
        wanted = set(self._sizes())
        rows = self._rows_by_entry()
        for stored in self._raw(_table(LedgerEntry), "seq"):
            seq, body = stored["seq"], _bytes(stored["body"])
            if seq != self.frontier.size + 1:
                self._found(seq, "ledger_entry", str(seq), f"entry {self.frontier.size + 1} is missing")
            leaf = leaf_hash(body)
            if stored["leaf"] is None or _bytes(stored["leaf"]) != leaf:
                self._found(seq, "ledger_entry", str(seq), "the entry is not what was hashed")
            self.frontier.append(leaf)
            self._entry_columns(stored, body, rows.pop(seq, []))
            if self.frontier.size in wanted:
                self.roots[self.frontier.size] = self.frontier.root().hex()
        for seq, strays in rows.items():
            self._found(
                seq, "ledger_row", f"{seq}:{strays[0]['place']}", "digest of an entry that does not exist"
            )

    def _sizes(self) -> list[Any]:
        return [row[0] for row in self.db.connection().execute(text("SELECT size FROM ledger_checkpoint"))]

    def _rows_by_entry(self) -> dict[int, list[dict[str, Any]]]:
        grouped: dict[int, list[dict[str, Any]]] = {}
        for row in self._raw(_table(LedgerRow), "seq, place"):
            grouped.setdefault(row["seq"], []).append(row)
        return grouped

    def _entry_columns(self, stored: dict[str, Any], body: bytes, rows: list[dict[str, Any]]) -> None:
        seq = stored["seq"]
        try:
            said = json.loads(body)
            told = {
                "seq": said["seq"],
                "at": said["at"],
                "entered_at": said["entered_at"],
                "actor": said["actor"]["sign_in"],
                "kind": said["kind"],
                "subject_kind": said["subject"][0],
                "subject_code": said["subject"][1],
            }
            digests = [(table, row_key, digest) for table, row_key, digest in said["rows"]]
        except (ValueError, KeyError, TypeError, IndexError):
            self._found(seq, "ledger_entry", str(seq), "the entry cannot be read")
            return
        for column, value in told.items():
            if stored[column] != value:
                self._found(seq, "ledger_entry", str(seq), f"column {column} differs from the hashed bytes")
        kept = [(row["of_table"], row["of_key"], row["digest"]) for row in rows]
        if kept != digests or [row["place"] for row in rows] != list(range(len(rows))):
            self._found(seq, "ledger_row", str(seq), "the digests differ from the hashed bytes")
        for table, row_key, digest in digests:
            self.last[table, row_key] = (seq, digest)

    def head(self) -> None:
        """The head must be exactly what the entries grow to."""
        heads = list(self._raw(_table(LedgerHead), "id"))
        if len(heads) != 1 or heads[0]["id"] != 1:
            self._found(None, "ledger_head", "1", "the head of the log is missing")
            return
        stored = (heads[0]["size"], _bytes(heads[0]["frontier"]))
        if stored != (self.frontier.size, self.frontier.to_bytes()):
            self._found(
                None, "ledger_head", "1", f"the head says {stored[0]} entries, {self.frontier.size} are there"
            )

    def checkpoints(self) -> None:
        """Each checkpoint's signature must hold and its root must be the log's root at its size."""
        for stored in self._raw(_table(LedgerCheckpoint), "id"):
            key, size = str(stored["id"]), stored["size"]
            try:
                message = statement(size, stored["root"], parse_stamp(stored["at"]))
                holds = stored["public_key"] == self.vault.public_key.hex() and signature_holds(
                    self.vault.public_key, bytes.fromhex(stored["signature"]), message
                )
            except (ValueError, TypeError):
                holds = False
            if not holds:
                self._found(None, "ledger_checkpoint", key, "the signature does not hold")
            if self.roots.get(size) != stored["root"]:
                self._found(None, "ledger_checkpoint", key, f"the log of {size} entries has another root")

    def outside(self, lines: list[str]) -> None:
        """Checkpoints kept outside the database find a log that was cut or written anew."""
        wanted: dict[int, str] = {}
        for number, checkpoint in enumerate(lines, start=1):
            try:
                size, root = read_line(checkpoint)
            except ValueError as fault:
                self._found(None, "checkpoint file", f"line {number}", str(fault))
                continue
            wanted[size] = root
        if not wanted:
            return
        frontier = Frontier()
        for (body,) in self.db.connection().execute(text("SELECT body FROM ledger_entry ORDER BY seq")):
            frontier.append(leaf_hash(_bytes(body)))
            told = wanted.pop(frontier.size, None)
            if told is not None and frontier.root().hex() != told:
                self._found(
                    frontier.size,
                    "ledger_entry",
                    str(frontier.size),
                    "the log was written anew: another root",
                )
        for size in wanted:
            self._found(
                size, "ledger_entry", str(size), f"the log was cut: a checkpoint covers {size} entries"
            )

    def tables(self) -> None:
        """Every stored row must match its last digest, and every digest must have its row."""
        waiting: dict[tuple[str, str], tuple[int, str]] = dict(self.last)
        for table in metadata.sorted_tables:
            if table.name in LEDGER_TABLES or table.name.startswith("sys_"):
                continue
            self.table(table, waiting)
        for (table_name, row_key), (seq, _) in waiting.items():
            self._found(seq, table_name, row_key, "the row is gone")

    def table(self, table: Table, waiting: dict[tuple[str, str], tuple[int, str]]) -> None:
        """Compare the rows of one table; the digests that found their row are taken out of ``waiting``."""
        names = [column.name for column in table.columns]
        for values in self.db.connection().execute(text(raw_select(table))):
            row_key = key_of(table, dict(zip(names, values, strict=True)))
            told = waiting.pop((str(table.name), row_key), None)
            self._compare(table, row_key, tuple(values), told)

    def _compare(self, table: Table, key: str, values: tuple[Any, ...], told: tuple[int, str] | None) -> None:
        if told is None:
            self._found(None, table.name, key, "no entry tells of this row")
        elif digest_of(table, values, self.vault) != told[1]:
            self._found(told[0], table.name, key, "the row is not as its last entry left it")


def _bytes(value: Any) -> bytes:
    """A stored value as bytes. On SQLite raw SQL can leave text or a number where bytes were."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogatepass")


def _table(cls: type[Any]) -> Table:
    table: Table = cls.__table__
    return table
