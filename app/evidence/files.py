"""Files as they came: kept by the SHA-256 of their bytes, never renamed by what people typed."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from sqlmodel import Field, Session, select

from app.kernel.tables import Row, key, moment, points
from app.kernel.work import Work


class StoredFile(Row, table=True):
    """One file in the data folder. Its name often is a patient's: kept as metadata only."""

    append_only: ClassVar[bool] = True
    personal: ClassVar[bool] = True

    id: int | None = key()
    sha256: str = Field(unique=True, max_length=64)
    size_bytes: int
    came_as: str = Field(max_length=200)
    received_at: datetime = moment()
    received_by_id: int | None = points("person", nullable=True)


def path_of(session: Session, sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    folder: Path = session.info["files"]
    return folder / sha256[:2] / sha256


def keep(work: Work, data: bytes, came_as: str) -> StoredFile:
    """Keep the bytes, durable before the row that names them; the same bytes are kept once.

    The caller's event covers the row.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    known = work.db.exec(select(StoredFile).where(StoredFile.sha256 == sha256)).one_or_none()
    if known is not None:
        return known
    _write(path_of(work.db, sha256), data)
    stored = StoredFile(
        sha256=sha256,
        size_bytes=len(data),
        came_as=came_as[:200],
        received_at=work.at,
        received_by_id=work.actor.person_id,
    )
    work.db.add(stored)
    work.db.flush()
    return stored


def _write(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(session: Session, stored: StoredFile) -> bytes:
    """The bytes of a kept file. Raises ValueError when they are not what was received."""
    data = path_of(session, stored.sha256).read_bytes()
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise ValueError(f"the kept file {stored.sha256[:12]}… is not what was received")
    return data
