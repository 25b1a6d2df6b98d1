"""What proof costs: verify the log, and every row against it, over one SHA-256 of the same bytes."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify, verify_log
from app.kernel.tables import metadata
from app.kernel.work import SYSTEM
from app.materials.models import Material
from app.site import Site
from bench.grounds import Grounds
from bench.measure import Goal, ratio
from bench.sow import make_tables

GOALS = (Goal("ledger-verify", "x", 8), Goal("tables-verify", "x", 60))
AT = datetime(2025, 1, 7, 8, 0, tzinfo=UTC)
RECEIVED = EventKind("bench.received", "{name} of {supplier} received, {supplier_lot}")
#: Entries of one act, and of the whole log for each unit of the smallest size.
AT_ONCE = 500


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU time of our verification over hashing the bodies of all entries once, on SQLite."""
    site = log_of(grounds, entries=grounds.sizes[0])
    with site.db.reading() as db:
        body = metadata.tables[LedgerEntry.__tablename__].c.body
        everything = b"".join(db.connection().execute(select(body)).scalars())
        if not verify(db).ok:
            raise ValueError("the log of the benchmark is not sound")
        floor = lambda: hashlib.sha256(everything).digest()  # noqa: E731  an act to be timed
        yield "ledger-verify", ratio(lambda: verify_log(db), floor, grounds.pairs)
        yield "tables-verify", ratio(lambda: verify(db), floor, grounds.pairs)
    site.db.close()


def log_of(grounds: Grounds, entries: int) -> Site:
    """A site whose ledger tells of so many materials received."""
    file: Path = grounds.folder / "log.sqlite3"
    site = grounds.site(f"sqlite:///{file}")
    with site.db.writing() as db:
        make_tables(db.connection())
    for start in range(0, entries, AT_ONCE):
        with site.db.act(SYSTEM, AT) as work:
            for number in range(start, min(start + AT_ONCE, entries)):
                work.db.add(_material(number))
                facts = {"name": "hPL", "supplier": "Supplier", "supplier_lot": f"L{number}"}
                record(work, RECEIVED, Subject("material", f"M-{number}"), **facts)
    return site


def _material(number: int) -> Material:
    return Material(
        code=f"M-{number}",
        name="human platelet lysate",
        supplier="Supplier",
        supplier_lot=f"L{number}",
        expires_on=date(2027, 1, 1),
        received_at=AT,
    )
