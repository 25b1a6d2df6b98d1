"""Every printed piece of paper has its own serial; a unit can have had several, only one is current."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, key, moment, points


class LabelState(StrEnum):
    """The life of one printed piece."""

    PRINTED = "printed"
    APPLIED = "applied"
    SPOILED = "spoiled"
    SPECIMEN = "specimen"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    DESTROYED = "destroyed"


_S = LabelState
#: Every move a label can make. What is not written here cannot happen.
MOVES: dict[LabelState, frozenset[LabelState]] = {
    _S.PRINTED: frozenset({_S.APPLIED, _S.SPOILED, _S.SPECIMEN, _S.RETURNED}),
    _S.APPLIED: frozenset({_S.SUPERSEDED}),
    _S.SPOILED: frozenset({_S.DESTROYED}),
    _S.RETURNED: frozenset({_S.DESTROYED}),
    _S.SUPERSEDED: frozenset({_S.DESTROYED}),
    _S.SPECIMEN: frozenset(),
    _S.DESTROYED: frozenset(),
}


class PrintJob(Row, table=True):
    """One run of the printer: its stock, its pages' digest, and that every symbol was read back."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    stock: str = Field(max_length=40)
    pieces: int
    pdf_sha256: str = Field(max_length=64)
    printed_at: datetime = moment()
    printed_by_id: int = points("person")


class Label(Row, table=True):
    """One printed piece for one unit."""

    __table_args__ = (
        Index(
            "uq_label_applied",
            "unit_id",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
        check(
            "reprint_has_reason_and_second",
            "(copy_number = 1) = (reprint_reason IS NULL AND reprint_second_id IS NULL)",
        ),
    )
    frozen: ClassVar[tuple[str, ...]] = ("serial", "unit_id", "copy_number")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    serial: str = Field(unique=True, max_length=16)
    unit_id: int = points("unit")
    print_job_id: int = points("print_job")
    #: 1 for the first piece printed for the unit, then 2, 3, …
    copy_number: int
    state: LabelState = choice(LabelState)
    applied_at: datetime | None = moment(nullable=True)
    reprint_reason: str | None = Field(default=None, max_length=500)
    reprint_second_id: int | None = points("person", nullable=True)
    void_reason: str | None = Field(default=None, max_length=500)
