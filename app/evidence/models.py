"""The tables of the ledger: what was done, to which rows, under which root, signed by whom."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, key, moment


class LedgerEntry(Row, table=True):
    """One act: the canonical bytes that were hashed, and a few columns of them to search by."""

    __table_args__ = (Index("ix_ledger_entry_subject", "subject_kind", "subject_code", "seq"),)
    append_only: ClassVar[bool] = True

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    entered_at: datetime = moment()
    actor: str = Field(max_length=80, index=True)
    kind: str = Field(max_length=80, index=True)
    subject_kind: str = Field(max_length=40)
    subject_code: str = Field(max_length=80)
    body: bytes = Field(sa_type=LargeBinary)
    leaf: bytes = Field(sa_type=LargeBinary)


class LedgerRow(Row, table=True):
    """For one row an entry touched: the digest of its canonical form right after the act."""

    __table_args__ = (Index("ix_ledger_row_of", "of_table", "of_key", "seq"),)
    append_only: ClassVar[bool] = True

    seq: int = Field(primary_key=True, foreign_key="ledger_entry.seq", ondelete="RESTRICT")
    place: int = Field(primary_key=True)
    of_table: str = Field(max_length=60)
    of_key: str = Field(max_length=60)
    digest: str = Field(max_length=64)


class LedgerHead(Row, table=True):
    """The size of the log and the roots of its complete subtrees; one row, moved forward by each entry."""

    __table_args__ = (check("one_row", "id = 1"),)

    id: int = Field(primary_key=True)
    size: int
    frontier: bytes = Field(sa_type=LargeBinary)


class Occasion(StrEnum):
    """Why a checkpoint was made."""

    INSTALLED = "installed"
    RELEASE = "release"
    INFUSION = "infusion"
    PAPER = "paper"
    BACKUP = "backup"


class LedgerCheckpoint(Row, table=True):
    """A signed statement: at this time the log had this size and this root."""

    __table_args__ = (UniqueConstraint("size"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    size: int
    root: str = Field(max_length=64)
    at: datetime = moment()
    occasion: Occasion = choice(Occasion)
    public_key: str = Field(max_length=64)
    signature: str = Field(max_length=128)
    #: The roots of the log's complete subtrees at this size; the signed root is theirs, so they need no
    #: signature of their own, and whoever verifies what came later can begin here.
    frontier: bytes | None = Field(default=None, sa_type=LargeBinary)


class Meaning(StrEnum):
    """What a signature says its signer did (21 CFR 11.50)."""

    PERFORMED = "performed"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    DECIDED = "decided"
    APPROVED = "approved"
    CERTIFIED = "certified"
    REJECTED = "rejected"
    PRESCRIBED = "prescribed"
    WITNESSED = "witnessed"


class Signature(Row, table=True):
    """A person's electronic signature on one record as it was shown."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    person_id: int = Field(foreign_key="person.id", ondelete="RESTRICT", index=True)
    printed_name: str = Field(max_length=120)
    role: str = Field(max_length=20)
    meaning: Meaning = choice(Meaning)
    signed_at: datetime = moment()
    subject_kind: str = Field(max_length=40)
    subject_code: str = Field(max_length=80)
    record: str = Field(sa_type=Text)
    record_sha256: str = Field(max_length=64)
