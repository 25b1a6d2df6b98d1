"""What is known of cytometry files."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.cytometry.models import FlowFile
from app.evidence.files import StoredFile, read
from app.recipients.models import Recipient

#: Lines on the list of files.
PAGE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of files."""

    code: str
    recipient: str
    panel: str
    collected_on: date
    fcs_version: str
    event_count: int
    warnings: int
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of one data set; numbers count from 1."""

    data_set: int
    number: int
    name: str
    marker: str

    @property
    def label(self) -> str:
        """Marker and detector, as a person looks for them."""
        if self.marker and self.marker != self.name:
            return f"{self.marker} ({self.name})" if self.name else self.marker
        return self.name or f"parameter {self.number}"


@dataclass(frozen=True, slots=True)
class Told:
    """One warning of the reader."""

    flag: str
    sentence: str


def by_code(db: Session, code: str) -> FlowFile | None:
    """The file with this code."""
    return db.exec(select(FlowFile).where(FlowFile.code == code)).one_or_none()


def kept_with(db: Session, sha256: str) -> tuple[str, str] | None:
    """Code of the file with these bytes, and of its recipient."""
    found = (
        select(FlowFile.code, Recipient.code)
        .join(Recipient, col(Recipient.id) == FlowFile.recipient_id)
        .join(StoredFile, col(StoredFile.id) == FlowFile.stored_file_id)
        .where(StoredFile.sha256 == sha256)
    )
    row = db.exec(found).one_or_none()
    return None if row is None else (row[0], row[1])


def listed(db: Session, recipient_id: int | None = None) -> list[Line]:
    """The latest files, or all of one recipient, newest sample first."""
    found = select(FlowFile, Recipient.code).join(Recipient, col(Recipient.id) == FlowFile.recipient_id)
    newest = found.order_by(col(FlowFile.collected_on).desc(), col(FlowFile.id).desc())
    chosen = (
        newest.limit(PAGE) if recipient_id is None else newest.where(FlowFile.recipient_id == recipient_id)
    )
    return [
        Line(
            file.code,
            recipient,
            file.panel,
            file.collected_on,
            file.fcs_version,
            file.event_count,
            len(warnings_of(file)),
            file.imported_at,
        )
        for file, recipient in db.exec(chosen)
    ]


def channels_of(file: FlowFile) -> list[Channel]:
    """The channels in the order of the file."""
    return [Channel(**channel) for channel in json.loads(file.channels)]


def keywords_of(file: FlowFile) -> list[dict[str, str]]:
    """The keywords that may be shown, data set by data set."""
    found: list[dict[str, str]] = json.loads(file.keywords)
    return found


def warnings_of(file: FlowFile) -> list[Told]:
    """What the reader warned of."""
    return [Told(**warning) for warning in json.loads(file.warnings)]


def stored_of(db: Session, file: FlowFile) -> StoredFile:
    """The kept bytes behind the file, as a row."""
    return db.get_one(StoredFile, file.stored_file_id)


def data_of(db: Session, file: FlowFile) -> bytes:
    """The bytes as they were received. Raises ValueError when they are not."""
    return read(db, stored_of(db, file))
