"""The rows of the tables against the last digests that the log tells of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session

from app.evidence.rows import digester, key_reader, raw_select, stored_rows
from app.evidence.vault import Vault
from app.evidence.verify_report import Findings
from app.kernel.tables import metadata

#: Tables the ledger itself consists of; they are checked by walking them, not by digests.
LEDGER_TABLES = frozenset({"ledger_entry", "ledger_row", "ledger_head"})
#: Rows read at once.
BATCH = 1000

#: By table and key, the last entry that tells of a row, and the digest it tells.
Last = Mapping[str, dict[str, tuple[int, str]]]


class RowWalk:
    """One comparison of rows with digests; each digest that found its row is taken out of ``last``."""

    def __init__(self, db: Session, found: Findings, last: Last) -> None:
        self.db = db
        self.found = found
        self.last = last
        self.vault: Vault = db.info["vault"]
        #: How many rows were compared.
        self.rows = 0

    def every(self) -> None:
        """Every stored row must match its last digest, and every digest must have its row."""
        for table in metadata.sorted_tables:
            if table.name not in LEDGER_TABLES and not table.name.startswith("sys_"):
                stored = self.db.connection().exec_driver_sql(
                    raw_select(table), execution_options={"yield_per": BATCH}
                )
                for some in stored.partitions():
                    self._compare(table, some)
        self._gone()

    def told(self) -> None:
        """Each row that a digest tells of must be there and match it; other rows are not looked at."""
        for name, told in self.last.items():
            table = metadata.tables.get(name)
            if table is None:
                continue
            try:
                stored = stored_rows(self.db, table, list(told))
            except ValueError:  # a key that no row of this table can have: none is found
                continue
            self._compare(table, stored)
        self._gone()

    def _compare(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        waiting = self.last.get(table.name, {})
        key_of, digest_of = key_reader(table), digester(table, self.vault)
        self.rows += len(rows)
        for values in rows:
            key = key_of(values)
            told = waiting.pop(key, None)
            if told is None:
                self.found.add(None, table.name, key, "no entry tells of this row")
            elif digest_of(values) != told[1]:
                self.found.add(told[0], table.name, key, "the row is not as its last entry left it")

    def _gone(self) -> None:
        for name, waiting in self.last.items():
            for key, (seq, _) in waiting.items():
                self.found.add(seq, name, key, "the row is gone")
