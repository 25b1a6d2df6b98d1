"""The recipient by code, the identity apart, the typing, and the band on the wrist."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.kernel.speech import phrase
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


class ConsentScope(StrEnum):
    """What the patient agreed to, each wider than the one before."""

    TREATMENT = "treatment"
    TREATMENT_AND_FOLLOW_UP = "treatment_and_follow_up"
    TREATMENT_FOLLOW_UP_AND_RESEARCH = "treatment_follow_up_and_research"

    @property
    def words(self) -> str:
        """The scope as people read it."""
        return {
            ConsentScope.TREATMENT: phrase("treatment"),
            ConsentScope.TREATMENT_AND_FOLLOW_UP: phrase("treatment and follow-up"),
            ConsentScope.TREATMENT_FOLLOW_UP_AND_RESEARCH: phrase("treatment, follow-up and research"),
        }[self]


class ConsentState(StrEnum):
    """A consent stands until it is withdrawn."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


CONSENT_MOVES: dict[ConsentState, frozenset[ConsentState]] = {
    ConsentState.SIGNED: frozenset({ConsentState.WITHDRAWN}),
    ConsentState.WITHDRAWN: frozenset(),
}


class RecipientConsent(Row, table=True):
    """The patient signed: which version of the form, for what, and where the signed sheet is."""

    __table_args__ = (
        check(
            "withdrawn_has_its_evidence",
            "(state = 'withdrawn') = (withdrawn_on IS NOT NULL AND withdrawn_reason IS NOT NULL)",
        ),
    )
    frozen: ClassVar[tuple[str, ...]] = (
        "code", "recipient_id", "form_version", "scope", "signed_on", "kept_at", "stored_file_id",
    )  # fmt: skip
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", CONSENT_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    recipient_id: int = points("recipient")
    state: ConsentState = choice(ConsentState)
    form_version: str = Field(max_length=40)
    scope: ConsentScope = choice(ConsentScope)
    signed_on: date = day()
    #: Where the signed sheet is kept, without a name.
    kept_at: str = Field(max_length=120)
    #: The scanned sheet: it bears the patient's name, so it is shown like an identity.
    stored_file_id: int | None = points("stored_file", nullable=True, index=False)
    recorded_at: datetime = moment()
    recorded_by_id: int = points("person")
    withdrawn_on: date | None = day(nullable=True)
    withdrawn_reason: str | None = Field(default=None, max_length=500)


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
