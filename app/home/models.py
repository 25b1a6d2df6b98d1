"""Notices that a person has read: that somebody knew is evidence."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, key, moment, points


class NoticeRead(Row, table=True):
    """One person has read one notice; the notice itself is derived from what it is about."""

    __table_args__ = (UniqueConstraint("person_id", "notice"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    person_id: int = points("person", index=False)
    #: What the notice is about, such as ``hold:HLD-25-001`` or ``visit:LN-01:month_3:due``.
    notice: str = Field(max_length=120)
    read_at: datetime = moment()
