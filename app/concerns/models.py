"""Holds: a stop on any subject, which reaches every descendant."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, key, moment, points


class SubjectKind(StrEnum):
    """What a hold can lie on, and what can be traced."""

    DONOR = "donor"
    DONATION = "donation"
    MATERIAL = "material"
    EQUIPMENT = "equipment"
    PLACE = "place"
    LOT = "lot"
    UNIT = "unit"
    RECIPIENT = "recipient"


class HoldState(StrEnum):
    """A hold's life."""

    IN_FORCE = "in_force"
    LIFTED = "lifted"


MOVES: dict[HoldState, frozenset[HoldState]] = {
    HoldState.IN_FORCE: frozenset({HoldState.LIFTED}),
    HoldState.LIFTED: frozenset(),
}


class Ends(StrEnum):
    """What ends a hold: anybody who may lift holds, or only the signed decision it waits for."""

    BY_HAND = "by_hand"
    BY_RISK_ASSESSMENT = "by_risk_assessment"


class Hold(Row, table=True):
    """A stop: why, on what, by whom, and how it was lifted."""

    __table_args__ = (
        Index("ix_hold_subject", "subject_kind", "subject_code"),
        check("lifted_has_its_evidence", "(state = 'lifted') = (lifted_at IS NOT NULL)"),
        check("lifted_is_signed", "(state = 'lifted') = (lift_signature_id IS NOT NULL)"),
        check("lifted_has_its_reason", "(state = 'lifted') = (lift_reason IS NOT NULL)"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "subject_kind", "subject_code", "ends", "why", "placed_at")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    subject_kind: SubjectKind = choice(SubjectKind)
    subject_code: str = Field(max_length=60)
    state: HoldState = choice(HoldState)
    ends: Ends = choice(Ends)
    why: str = Field(max_length=500)
    placed_at: datetime = moment()
    placed_by_id: int | None = points("person", nullable=True)
    lifted_at: datetime | None = moment(nullable=True)
    lifted_by_id: int | None = points("person", nullable=True)
    lift_reason: str | None = Field(default=None, max_length=500)
    lift_signature_id: int | None = points("signature", nullable=True)
