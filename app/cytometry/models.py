"""Cytometry files of a recipient, kept by hash, and what the laboratory counted in them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, day, fixed, key, moment, points


class FlowFile(Row, table=True):
    """One FCS file tied to a recipient, and so to the infused lot and donor."""

    __table_args__ = (UniqueConstraint("stored_file_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    recipient_id: int = points("recipient")
    stored_file_id: int = points("stored_file")
    collected_on: date = day()
    panel: str = Field(max_length=120)
    fcs_version: str = Field(max_length=8)
    data_sets: int
    event_count: int
    #: Channels as JSON: a list of {name, marker}.
    channels: str = Field(sa_type=Text)
    #: The keywords that tell nothing of a person, as JSON.
    keywords: str = Field(sa_type=Text)
    #: Warnings of the reader as JSON: a list of {flag, sentence}.
    warnings: str = Field(sa_type=Text)
    imported_at: datetime = moment()


class Population(StrEnum):
    """Cells that are counted, or whose fluorescence is measured."""

    TREG = "treg"
    CD3 = "cd3"
    CD4 = "cd4"
    CD8 = "cd8"
    CD19 = "cd19"
    NK = "nk"
    PLASMABLASTS = "plasmablasts"
    CLASSICAL_MONOCYTES = "classical_monocytes"
    HLA_DR = "hla_dr"


class Gate(StrEnum):
    """Of what a population is counted: the denominator."""

    LYMPHOCYTES = "lymphocytes"
    CD4 = "cd4"
    CD19 = "cd19"
    MONOCYTES = "monocytes"
    CD14 = "cd14"


class Statistic(StrEnum):
    """How it is counted."""

    PERCENT = "percent"
    MFI = "mfi"


class Source(StrEnum):
    """How a value came in: typed twice alike, or as the laboratory's table."""

    TYPED_TWICE = "typed_twice"
    FILE = "file"


class PopulationValue(Row, table=True):
    """One population of one sample as the laboratory reported it; a later row with a reason replaces it."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        Index(
            "uq_population_value_first",
            "recipient_id",
            "collected_on",
            "population",
            "gate",
            "statistic",
            unique=True,
            sqlite_where=text("supersedes_id IS NULL"),
            postgresql_where=text("supersedes_id IS NULL"),
        ),
        check("superseding_has_reason", "(supersedes_id IS NULL) = (reason IS NULL)"),
        check("a_file_is_kept", "(source = 'file') = (stored_file_id IS NOT NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    recipient_id: int = points("recipient")
    collected_on: date = day()
    population: Population = choice(Population)
    gate: Gate = choice(Gate)
    statistic: Statistic = choice(Statistic)
    #: Percent of the gate, or the median fluorescence of its cells.
    value: Decimal = fixed(2)
    source: Source = choice(Source)
    #: The cytometer's file that was gated, when Hilo has it.
    flow_file_id: int | None = points("flow_file", nullable=True)
    #: The laboratory's table as it came.
    stored_file_id: int | None = points("stored_file", nullable=True)
    populations_version: str = Field(max_length=40)
    #: Why the value is right although Hilo asked.
    explanation: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
    supersedes_id: int | None = points("population_value", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)
