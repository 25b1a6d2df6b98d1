"""The list of backups: when each was made, what it covers, and the digest by which its file is known."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from app.kernel.tables import Row, check, key, moment, points


class Backup(Row, table=True):
    """One backup that was written, read again and found whole; only such have a row."""

    __table_args__ = (check("holds_something", "entries > 0 AND size_bytes > 0"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    made_at: datetime = moment(index=True)
    #: Entries of the ledger in it, and their root: the last state of the site that it can bring back.
    entries: int
    root: str = Field(max_length=64)
    kept_files: int
    size_bytes: int = Field(sa_type=BigInteger)
    #: SHA-256 of the whole file, by which its copies are told apart.
    sha256: str = Field(max_length=64)
    made_by_id: int | None = points("person", nullable=True)
