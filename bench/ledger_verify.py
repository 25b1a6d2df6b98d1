"""What proof costs: the log, and every row against it, over a SHA-256 of the same bytes; a day's part."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import select

from app.evidence.checkpoints import make_checkpoint
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import LedgerEntry, Occasion
from app.evidence.verify import verify, verify_log, verify_new
from app.kernel.tables import metadata
from app.kernel.work import SYSTEM
from app.materials.models import Material
from app.site import Site
from bench.grounds import Grounds
from bench.measure import Goal, ratio, settled
from bench.sow import make_indexes, make_tables

GOALS = (Goal("ledger-verify", "x", 8), Goal("tables-verify", "x", 60), Goal("ledger-day", "s", 1))
AT = datetime(2025, 1, 7, 8, 0, tzinfo=UTC)
RECEIVED = EventKind("bench.received", "{name} of {supplier} received, {supplier_lot}")
#: Entries of one act, and of the whole log for each unit of the smallest size.
AT_ONCE = 500


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU time of our verification over hashing the bodies of all entries once, on SQLite; then a day's."""
    yield from _ratios(grounds)
    yield "ledger-day", _day(grounds)


def _ratios(grounds: Grounds) -> Iterator[tuple[str, float]]:
    site = log_of(grounds, "log", entries=grounds.sizes[0])
    with site.db.reading() as db:
        body = metadata.tables[LedgerEntry.__tablename__].c.body
        everything = b"".join(db.connection().execute(select(body)).scalars())
        if not verify(db).ok:
            raise ValueError("the log of the benchmark is not sound")
        floor = lambda: hashlib.sha256(everything).digest()  # noqa: E731  an act to be timed
        yield "ledger-verify", ratio(lambda: verify_log(db), floor, grounds.pairs)
        yield "tables-verify", ratio(lambda: verify(db), floor, grounds.pairs)
    site.db.close()


def _day(grounds: Grounds) -> float:
    """CPU seconds of verifying what is new since a checkpoint: a day's entries, and their rows."""
    site = log_of(grounds, "day", entries=grounds.sizes[0])
    with site.db.act(SYSTEM, AT) as work:
        make_checkpoint(work, Occasion.BACKUP)
    receive(site, grounds.sizes[0], grounds.day)
    spent = []
    with site.db.reading() as db, settled():
        for _ in range(min(grounds.pairs, 3)):
            start = time.process_time()
            report = verify_new(db)
            spent.append(time.process_time() - start)
            if not report.ok or report.since != grounds.sizes[0]:
                raise ValueError("the log of the benchmark is not sound")
    site.db.close()
    return median(spent)


def log_of(grounds: Grounds, name: str, entries: int) -> Site:
    """A site whose ledger tells of so many materials received."""
    file: Path = grounds.folder / f"{name}.sqlite3"
    site = grounds.site(f"sqlite:///{file}")
    with site.db.writing() as db:
        make_tables(db.connection())
        make_indexes(db.connection())
    receive(site, 0, entries)
    return site


def receive(site: Site, first: int, how_many: int) -> None:
    """So many materials are received, each with its entry."""
    for start in range(first, first + how_many, AT_ONCE):
        with site.db.act(SYSTEM, AT) as work:
            for number in range(start, min(start + AT_ONCE, first + how_many)):
                work.db.add(_material(number))
                facts = {"name": "hPL", "supplier": "Supplier", "supplier_lot": f"L{number}"}
                record(work, RECEIVED, Subject("material", f"M-{number}"), **facts)


def _material(number: int) -> Material:
    return Material(
        code=f"M-{number}",
        name="human platelet lysate",
        supplier="Supplier",
        supplier_lot=f"L{number}",
        expires_on=date(2027, 1, 1),
        received_at=AT,
    )
