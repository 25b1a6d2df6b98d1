"""Holds, which stop a subject and all its descendants, and deviations from what was planned."""

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


class Severity(StrEnum):
    """How grave a deviation is; an open critical one blocks the release of its lot."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class DeviationState(StrEnum):
    """A deviation's life."""

    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


DEVIATION_MOVES: dict[DeviationState, frozenset[DeviationState]] = {
    DeviationState.OPEN: frozenset({DeviationState.ASSESSED}),
    DeviationState.ASSESSED: frozenset({DeviationState.CLOSED}),
    DeviationState.CLOSED: frozenset(),
}


class Deviation(Row, table=True):
    """Something that went otherwise than planned: what, how grave, its impact, its cause, its correction."""

    __table_args__ = (
        Index("ix_deviation_subject", "subject_kind", "subject_code"),
        check("assessed_has_its_evidence", "(state = 'open') = (assessed_at IS NULL)"),
        check("assessed_is_signed", "(state = 'open') = (assess_signature_id IS NULL)"),
        check("assessed_has_its_impact", "(state = 'open') = (impact IS NULL)"),
        check("closed_has_its_evidence", "(state = 'closed') = (closed_at IS NOT NULL)"),
        check("closed_is_signed", "(state = 'closed') = (close_signature_id IS NOT NULL)"),
        check("closed_has_its_cause", "(state = 'closed') = (root_cause IS NOT NULL)"),
        check("closed_has_its_correction", "(state = 'closed') = (correction IS NOT NULL)"),
        check("not_closed_by_its_opener", "closed_by_id IS NULL OR closed_by_id <> opened_by_id"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "subject_kind", "subject_code", "what", "rule", "opened_at")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", DEVIATION_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    subject_kind: SubjectKind = choice(SubjectKind)
    subject_code: str = Field(max_length=60)
    state: DeviationState = choice(DeviationState)
    #: As given at opening, until the assessment confirms or changes it; the ledger keeps both.
    severity: Severity = choice(Severity)
    what: str = Field(max_length=500)
    #: The name of the rule that opened it; empty when a person saw it and opened it by hand.
    rule: str = Field(default="", max_length=60)
    opened_at: datetime = moment()
    opened_by_id: int | None = points("person", nullable=True)
    impact: str | None = Field(default=None, max_length=500)
    assessed_at: datetime | None = moment(nullable=True)
    assessed_by_id: int | None = points("person", nullable=True)
    assess_signature_id: int | None = points("signature", nullable=True)
    root_cause: str | None = Field(default=None, max_length=500)
    correction: str | None = Field(default=None, max_length=500)
    closed_at: datetime | None = moment(nullable=True)
    closed_by_id: int | None = points("person", nullable=True)
    close_signature_id: int | None = points("signature", nullable=True)
