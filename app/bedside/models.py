"""The check at the bed, every scan, and the infusion."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, cells, check, choice, fixed, key, moment, points


class CheckState(StrEnum):
    """A check begins with the wristband and ends confirmed, stopped or run out of time."""

    STARTED = "started"
    FIRST_GO = "first_go"
    CONFIRMED = "confirmed"
    USED = "used"
    ENDED = "ended"


_S = CheckState
MOVES: dict[CheckState, frozenset[CheckState]] = {
    _S.STARTED: frozenset({_S.FIRST_GO, _S.ENDED}),
    _S.FIRST_GO: frozenset({_S.CONFIRMED, _S.ENDED}),
    _S.CONFIRMED: frozenset({_S.USED, _S.ENDED}),
    _S.USED: frozenset(),
    _S.ENDED: frozenset(),
}


class BedsideCheck(Row, table=True):
    """One verification: two people, each with their own scans and their own signature."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "recipient_id"],
            ["dose_order.id", "dose_order.recipient_id"],
            name="fk_bedside_check_order_of",
            ondelete="RESTRICT",
        ),
        UniqueConstraint("id", "unit_id", "recipient_id", name="uq_bedside_check_of"),
        check("two_people", "second_person_id IS NULL OR second_person_id <> first_person_id"),
        check(
            "first_go_is_signed",
            "state IN ('started', 'ended')"
            " OR (order_id IS NOT NULL AND unit_id IS NOT NULL AND first_signature_id IS NOT NULL)",
        ),
        check(
            "confirmed_is_signed_twice",
            "state NOT IN ('confirmed', 'used')"
            " OR (second_person_id IS NOT NULL AND second_signature_id IS NOT NULL)",
        ),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "recipient_id", "first_person_id", "started_at")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    state: CheckState = choice(CheckState)
    started_at: datetime = moment()
    recipient_id: int = points("recipient")
    order_id: int | None = points("dose_order", nullable=True)
    unit_id: int | None = points("unit", nullable=True)
    first_person_id: int = points("person")
    first_signature_id: int | None = points("signature", nullable=True, index=False)
    second_person_id: int | None = points("person", nullable=True)
    second_signature_id: int | None = points("signature", nullable=True, index=False)


class ScanStep(StrEnum):
    """Which scan of the check this was."""

    FIRST_WRISTBAND = "first_wristband"
    FIRST_LABEL = "first_label"
    SECOND_WRISTBAND = "second_wristband"
    SECOND_LABEL = "second_label"


class EntrySource(StrEnum):
    """How the code came in; typed lowers the scan-compliance figure."""

    SCANNED = "scanned"
    CAMERA = "camera"
    TYPED = "typed"


class VerdictWord(StrEnum):
    """The one word of the full screen."""

    GO = "go"
    STOP = "stop"
    NOT_CHECKED = "not_checked"


class Scan(Row, table=True):
    """One reading at the bed, refused ones too, committed before the answer is shown."""

    __table_args__ = (
        UniqueConstraint("request_key"),
        check(
            "typed_go_has_reason_and_second",
            "source <> 'typed' OR verdict <> 'go'"
            " OR (typed_reason IS NOT NULL AND typed_second_id IS NOT NULL AND typed_second_id <> person_id)",
        ),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    request_key: str = Field(max_length=80)
    #: SHA-256 of everything the request said; the same key with another body is refused.
    body_sha256: str = Field(max_length=64)
    check_id: int | None = points("bedside_check", nullable=True)
    step: ScanStep = choice(ScanStep)
    source: EntrySource = choice(EntrySource)
    person_id: int = points("person")
    #: The text as read, cut at 200 characters, control characters shown by their signs.
    text_read: str = Field(max_length=200)
    scanned_at: datetime = moment()
    #: What the device's own clock said.
    device_at: datetime | None = moment(nullable=True)
    #: Why the code was typed where a scan was possible, and who else stood by.
    typed_reason: str | None = Field(default=None, max_length=500)
    typed_second_id: int | None = points("person", nullable=True)
    #: The version of the limits that judged this scan.
    limits_version: str = Field(max_length=20)
    verdict: VerdictWord = choice(VerdictWord)
    #: Reasons as JSON: a list of {reason, sentence, next_step}, gravest first.
    reasons: str = Field(sa_type=Text)


class InfusionState(StrEnum):
    """An infusion's life."""

    IN_PROGRESS = "in_progress"
    ENDED = "ended"


INFUSION_MOVES: dict[InfusionState, frozenset[InfusionState]] = {
    InfusionState.IN_PROGRESS: frozenset({InfusionState.ENDED}),
    InfusionState.ENDED: frozenset(),
}


class Infusion(Row, table=True):
    """One unit into one recipient. The composite key makes a mismatch impossible even in raw SQL."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["allocation_id", "unit_id", "recipient_id"],
            ["allocation.id", "allocation.unit_id", "allocation.recipient_id"],
            name="fk_infusion_allocation_of",
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["check_id", "unit_id", "recipient_id"],
            ["bedside_check.id", "bedside_check.unit_id", "bedside_check.recipient_id"],
            name="fk_infusion_check_of",
            ondelete="RESTRICT",
        ),
        UniqueConstraint("unit_id"),
        check(
            "ended_has_its_volumes", "(state = 'ended') = (ended_at IS NOT NULL AND residual_ml IS NOT NULL)"
        ),
        check(
            "starts_after_thaw", "thawed_at <= started_at AND (ended_at IS NULL OR started_at <= ended_at)"
        ),
        check("residual_fits", "residual_ml IS NULL OR (residual_ml >= 0 AND residual_ml <= volume_ml)"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("allocation_id", "unit_id", "recipient_id", "check_id")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", INFUSION_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    allocation_id: int
    unit_id: int
    recipient_id: int = Field(index=True)
    check_id: int = Field(unique=True)
    state: InfusionState = choice(InfusionState)
    thawed_at: datetime = moment()
    started_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)
    #: Volume in the bag at thaw, left in bag and line at the end, and flushed after it.
    volume_ml: Decimal = fixed(2)
    residual_ml: Decimal | None = fixed(2, nullable=True)
    flush_ml: Decimal | None = fixed(2, nullable=True)
    #: Measured at thaw.
    viable_cells_at_thaw: int = cells()
    viability_percent_at_thaw: Decimal = fixed(1)
    #: viable at thaw × (volume − residual) / volume, computed.
    delivered_viable_cells: int | None = cells(nullable=True)
    #: The version of the limits that judged the time from thaw to infusion.
    limits_version: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)
