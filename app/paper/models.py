"""The shelf: each issued document with its digest and the checkpoint printed on it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from app.kernel.tables import Row, choice, key, moment, points


class PaperKind(StrEnum):
    """What sort of document it is."""

    BATCH_RECORD = "batch_record"
    CERTIFICATE = "certificate"
    INFUSION = "infusion"
    COURSE = "course"


#: Documents of the patient's side, by name or by code: no page of the product side opens them.
FOR_THE_CHART = frozenset({PaperKind.INFUSION, PaperKind.COURSE})


class IssuedPaper(Row, table=True):
    """One revision of a document; its bytes lie among the kept files under the same SHA-256.

    What it says is kept by digest too, chapter by chapter, so that revisions can be held side by side.
    """

    __table_args__ = (Index("ix_issued_paper_subject", "subject_kind", "subject_code"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    serial: str = Field(unique=True, max_length=16)
    kind: PaperKind = choice(PaperKind)
    subject_kind: str = Field(max_length=40)
    subject_code: str = Field(max_length=60)
    revision: int
    pages: int
    sha256: str = Field(max_length=64)
    #: SHA-256 of what the document says, without serial, time and checkpoint.
    content_sha256: str = Field(max_length=64)
    #: Title and SHA-256 of each chapter in order, as JSON: [["Release", "9f…"], …].
    chapters: str
    #: Why it was issued although nothing had changed; empty for a revision that says something new.
    reason: str = Field(default="", max_length=500)
    checkpoint_id: int = points("ledger_checkpoint")
    issued_at: datetime = moment()
    issued_by_id: int | None = points("person", nullable=True)
