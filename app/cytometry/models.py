"""Cytometry files of a recipient, kept by hash with their keywords and event count."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, day, key, moment, points


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
