"""Sera, bead results packed per run, and donor-specific calls."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from app.antibodies.fusion import DateOrder
from app.hla.calls import Basis, CallKind
from app.hla.nomenclature import Locus
from app.kernel.tables import Row, check, choice, day, fixed, key, moment, points


class Serum(Row, table=True):
    """One serum sample of a recipient."""

    frozen: ClassVar[tuple[str, ...]] = ("code", "recipient_id")

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    recipient_id: int = points("recipient")
    drawn_on: date = day()
    registered_at: datetime = moment()


class KitLot(Row, table=True):
    """One kit lot of single-antigen beads: which molecule each bead carries."""

    __table_args__ = (UniqueConstraint("catalog_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    #: Kit and lot as the export writes them, such as ``LS1A04SYN_001_00``.
    catalog_id: str = Field(max_length=60)


class BeadRole(StrEnum):
    """What a bead is for."""

    NEGATIVE_CONTROL = "negative_control"
    POSITIVE_CONTROL = "positive_control"
    TARGET = "target"


class KitBead(Row, table=True):
    """One bead of a kit lot."""

    __table_args__ = (UniqueConstraint("kit_lot_id", "bead_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    kit_lot_id: int = points("kit_lot")
    bead_id: str = Field(max_length=10)
    #: Position of this bead's value in `BeadRun.raw_hundredths` and `BeadRun.counts`.
    place: int
    role: BeadRole = choice(BeadRole)
    #: ``A*02:01``, or ``DQA1*05:05~DQB1*03:01`` for a dimer; empty for controls.
    specificity: str = Field(max_length=60)


class BeadRun(Row, table=True):
    """One serum on one kit lot: all raw MFI and counts, packed, exact to a hundredth.

    A run is never edited. An import in its place is a run of its own that supersedes it, with a reason;
    the run that nothing supersedes stands.
    """

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        Index(
            "uq_bead_run_first",
            "serum_id",
            "kit_lot_id",
            unique=True,
            sqlite_where=text("supersedes_id IS NULL"),
            postgresql_where=text("supersedes_id IS NULL"),
        ),
        check("superseding_has_reason", "(supersedes_id IS NULL) = (reason IS NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    serum_id: int = points("serum")
    kit_lot_id: int = points("kit_lot")
    stored_file_id: int = points("stored_file")
    #: SampleIDName as in the file.
    sample_name: str = Field(max_length=80)
    run_on: date = day()
    #: How a person said the laboratory writes its dates.
    date_order: DateOrder = choice(DateOrder)
    #: Little-endian int32 per bead, raw MFI × 100; −2³¹ where the file has no value.
    raw_hundredths: bytes = Field(sa_type=LargeBinary)
    #: Little-endian uint16 per bead, events counted; 65535 where the file has no value.
    counts: bytes = Field(sa_type=LargeBinary)
    imported_at: datetime = moment()
    supersedes_id: int | None = points("bead_run", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class RunWithdrawal(Row, table=True):
    """A run that no longer counts, because the beads are of somebody else or of another serum.

    The run itself stays as it was read; nothing takes its place until the right results are imported.
    """

    __table_args__ = (UniqueConstraint("bead_run_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    bead_run_id: int = points("bead_run", index=False)
    reason: str = Field(min_length=1, max_length=500)
    signature_id: int = points("signature")
    withdrawn_at: datetime = moment()


class SerumJudgement(Row, table=True):
    """One serum held against one donor: on which runs, under which typings and which cut-offs.

    A later judgement of the same serum and donor takes its place; the former stays.
    """

    __table_args__ = (Index("ix_serum_judgement_of", "serum_id", "donor_id", "id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    serum_id: int = points("serum", index=False)
    donor_id: int = points("donor")
    #: The standing runs that were read, as their keys in order, such as ``4 9``.
    runs: str = Field(max_length=200)
    donor_typing_id: int | None = points("donor_typing", nullable=True)
    recipient_typing_id: int | None = points("recipient_typing", nullable=True)
    rule_version: str = Field(max_length=40)
    called_at: datetime = moment()


class DsaCall(Row, table=True):
    """What one serum says about one molecule of one donor, under the cut-offs of its judgement."""

    __table_args__ = (UniqueConstraint("judgement_id", "target"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    judgement_id: int = points("serum_judgement", index=False)
    #: Position in printed order of the loci.
    place: int
    target: str = Field(max_length=200)
    locus: Locus = choice(Locus)
    call: CallKind = choice(CallKind)
    basis: Basis = choice(Basis)
    #: The run and the bead that decided, with its raw MFI; empty where no bead did.
    bead_run_id: int | None = points("bead_run", nullable=True)
    bead_id: str = Field(default="", max_length=10)
    mfi: Decimal | None = fixed(2, nullable=True)
    #: What a reader must know beside the call: words of `app.hla.calls.Flag`, parted by blanks.
    flags: str = Field(default="", max_length=200)
    sentence: str = Field(sa_type=Text)
