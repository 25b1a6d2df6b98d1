"""The recipient by code, the identity apart, the typing, and the band on the wrist."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, day, key, moment, points


class Recipient(Row, table=True):
    """A patient, known to the product side only by this code."""

    frozen: ClassVar[tuple[str, ...]] = ("code",)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    diagnosis: str = Field(max_length=200)
    registered_at: datetime = moment()


class RecipientIdentity(Row, table=True):
    """Who the patient is: behind its own permission, every reading logged."""

    personal: ClassVar[bool] = True

    id: int | None = key()
    recipient_id: int = Field(foreign_key="recipient.id", ondelete="RESTRICT", unique=True)
    family_name: str = Field(max_length=80)
    given_name: str = Field(max_length=80)
    born_on: date = day()
    record_number: str = Field(max_length=40)


class RecipientTyping(Row, table=True):
    """The patient's HLA typing as reported; loci that do not appear are untyped."""

    __table_args__ = (UniqueConstraint("supersedes_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    recipient_id: int = points("recipient")
    alleles: str = Field(max_length=600)
    method: str = Field(max_length=80)
    laboratory: str = Field(max_length=80)
    typed_on: date = day()
    supersedes_id: int | None = points("recipient_typing", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class WristbandState(StrEnum):
    """A band is printed, put on, and in the end void."""

    PRINTED = "printed"
    APPLIED = "applied"
    VOID = "void"


MOVES: dict[WristbandState, frozenset[WristbandState]] = {
    WristbandState.PRINTED: frozenset({WristbandState.APPLIED, WristbandState.VOID}),
    WristbandState.APPLIED: frozenset({WristbandState.VOID}),
    WristbandState.VOID: frozenset(),
}


class Wristband(Row, table=True):
    """One printed band of one patient; only the applied one counts."""

    __table_args__ = (
        Index(
            "uq_wristband_applied",
            "recipient_id",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
        check("void_has_reason", "(state = 'void') = (void_reason IS NOT NULL)"),
        check(
            "applied_has_its_time",
            "(state <> 'applied' OR applied_at IS NOT NULL) AND (state <> 'printed' OR applied_at IS NULL)",
        ),
    )
    frozen: ClassVar[tuple[str, ...]] = ("serial", "recipient_id")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    serial: str = Field(unique=True, max_length=16)
    recipient_id: int = points("recipient")
    state: WristbandState = choice(WristbandState)
    printed_at: datetime = moment()
    applied_at: datetime | None = moment(nullable=True)
    void_reason: str | None = Field(default=None, max_length=500)
