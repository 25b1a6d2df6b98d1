"""Size: what a unit of genealogy and a link of custody take on the disk, the ledger apart.

The pages that a table and its indexes hold are counted by dropping it from a copy of the database and seeing
how many pages SQLite then has free: that counts whole pages with whatever is empty in them, as the disk does,
and asks nothing of how SQLite was built (``dbstat`` is often left out). The genealogy is every table a trace
walks through, with the whole rows of the units: their counts, volumes and times, not only who came of whom.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.kernel.engine import sqlite_driver
from bench.grounds import Grounds
from bench.measure import Goal

GOALS = (Goal("size.genealogy", "B", 100), Goal("size.custody", "B", 60))

#: The tables that belong to each figure; the first one's rows are what the bytes are shared among.
PARTS = {
    "size.genealogy": ("unit", "edge", "step_material", "step_equipment"),
    "size.custody": ("custody_event",),
}


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """Bytes of these tables and their indexes, for each row of the first, at the middle size."""
    ground = grounds.ground("sqlite", grounds.sizes[len(grounds.sizes) // 2])
    copy = grounds.folder / "copy.sqlite3"
    with ground.site.db.reader.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint")
        shutil.copy(Path(ground.site.db.reader.url.database or ""), copy)
    database = sqlite_driver()[0].connect(copy, isolation_level=None)
    database.execute("PRAGMA foreign_keys=OFF")
    database.execute("PRAGMA journal_mode=OFF")
    for name, parts in PARTS.items():
        rows = _number(database, f"SELECT count(*) FROM {parts[0]}")  # noqa: S608  our own names
        yield name, sum(dropped_bytes(database, table) for table in parts) / rows
    database.close()
    copy.unlink()


def dropped_bytes(database: Any, table: str) -> int:
    """Bytes of the pages that dropping this table and its indexes frees."""
    before = _number(database, "PRAGMA freelist_count")
    database.execute(f"DROP TABLE {table}")
    freed = _number(database, "PRAGMA freelist_count") - before
    return freed * _number(database, "PRAGMA page_size")


def _number(database: Any, asked: str) -> int:
    return int(database.execute(asked).fetchone()[0])
