"""Delays: each wrong password makes the next attempt wait longer; nobody is ever locked out.

An attempt from a browser in which this person signed in before counts in a bucket of that browser and
person alone: a stranger who guesses at a nurse's name elsewhere cannot make her wait. Every other attempt
counts for the name and for the address it comes from. Names and browsers are kept as digests.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.access.models import SysDelay
from app.kernel.db import Database

#: No attempt waits longer than this.
LONGEST = timedelta(seconds=60)
#: A run of failures ends when nothing failed for this long.
FORGOTTEN = timedelta(minutes=15)
#: A browser is a known one for a person this long after its last sign-in.
KNOWN_FOR = timedelta(days=90)

_STRIPES = tuple(threading.Lock() for _ in range(64))


def wait_after(failures: int) -> timedelta:
    """2ⁿ seconds after n failures in a row, at most a minute."""
    return min(timedelta(seconds=2 ** min(failures, 6)), LONGEST)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Where an attempt counts: for one known browser and person, or for the name and the address."""

    known: str
    name: str
    address: str | None

    def keys(self, known: bool) -> list[str]:
        """The buckets of this attempt."""
        return [self.known] if known else [key for key in (self.name, self.address) if key]


def buckets_of(sign_in: str, address: str | None, device: str | None) -> Buckets:
    """The buckets of an attempt for this name, from this address, by the browser with this device token."""
    return Buckets(
        f"known:{_digest(device or '', sign_in)}" if device else "",
        f"name:{_digest(sign_in)}",
        f"from:{address[:60]}" if address else None,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def one_at_a_time(buckets: Buckets) -> Iterator[None]:
    """Attempts that share a bucket follow one another: many at once are no way round the delay."""
    keys = [key for key in (buckets.known, buckets.name, buckets.address) if key]
    places = sorted({int(_digest(key)[:8], 16) % len(_STRIPES) for key in keys})
    with ExitStack() as held:
        for place in places:
            held.enter_context(_STRIPES[place])
        yield


def is_known(db: Session, buckets: Buckets, at: datetime) -> bool:
    """Whether this person has signed in with this browser before."""
    row = db.get(SysDelay, buckets.known) if buckets.known else None
    return row is not None and at - row.wait_until < KNOWN_FOR


def seconds_to_wait(db: Session, keys: list[str], at: datetime) -> int:
    """Whole seconds until the next attempt is possible; 0 when it is possible now."""
    rows = db.exec(select(SysDelay.wait_until).where(col(SysDelay.who).in_(keys))).all()
    return max((ceil((until - at).total_seconds()) for until in rows if until > at), default=0)


def count_failure(database: Database, keys: list[str], at: datetime) -> dict[str, int]:
    """Count one more failure in each bucket; the answer is the failures in a row by bucket."""
    counted = {}
    with database.writing() as db:
        for key in keys:
            row = db.get(SysDelay, key) or SysDelay(who=key, failures=0, wait_until=at)
            row.failures = 1 if at - row.wait_until > FORGOTTEN else row.failures + 1
            row.wait_until = at + wait_after(row.failures)
            db.add(row)
            counted[key] = row.failures
        _sweep(db, at)
    return counted


def clear(database: Database, buckets: Buckets, known: bool, at: datetime) -> None:
    """The right password was given: the run of failures of this person ends (not that of the address)."""
    key = buckets.known if known else buckets.name
    with database.reading() as db:
        row = db.get(SysDelay, key)
    if row is not None and row.failures:
        with database.writing() as db:
            row = db.get_one(SysDelay, key)
            row.failures, row.wait_until = 0, at
            db.add(row)


def remember(db: Session, sign_in: str, device: str, at: datetime) -> None:
    """This person has signed in with this browser: from now on it keeps its own bucket."""
    key = buckets_of(sign_in, None, device).known
    row = db.get(SysDelay, key) or SysDelay(who=key, failures=0, wait_until=at)
    row.failures, row.wait_until = 0, at
    db.add(row)


def _sweep(db: Session, at: datetime) -> None:
    """Forget buckets that no longer mean anything, so that a guesser cannot fill the table for ever."""
    who, until = col(SysDelay.who), col(SysDelay.wait_until)
    db.exec(delete(SysDelay).where(~who.startswith("known:"), until < at - FORGOTTEN))
    db.exec(delete(SysDelay).where(until < at - KNOWN_FOR))
