"""The check at the bed, every scan, and the infusion."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, text
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
    """Which scan this was: the four of the check, and the one of the label as the bag is thawed."""

    FIRST_WRISTBAND = "first_wristband"
    FIRST_LABEL = "first_label"
    SECOND_WRISTBAND = "second_wristband"
    SECOND_LABEL = "second_label"
    THAW = "thaw"


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


class Thaw(Row, table=True):
    """A bag was thawed: its label was scanned for it, and from ``thawed_at`` on the cells' clock runs."""

    __table_args__ = (
        UniqueConstraint("unit_id"),
        UniqueConstraint("scan_id"),
        check("typed_time_has_reason", "thawed_at = scanned_at OR reason IS NOT NULL"),
        check("thawed_before_it_is_told", "thawed_at <= scanned_at"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    unit_id: int = points("unit", index=False)
    scan_id: int = points("scan", index=False)
    person_id: int = points("person")
    scanned_at: datetime = moment()
    #: The moment of the scan, or the time that was typed because the scan came later.
    thawed_at: datetime = moment()
    reason: str | None = Field(default=None, max_length=500)
    #: The version of the limits by which the clock of this bag is judged.
    limits_version: str = Field(max_length=20)


class Overridable(StrEnum):
    """The only reasons of a STOP that anybody may ever override; which of them may be is data (`limits`)."""

    THAWED_TOO_LONG = "thawed_too_long"


class Override(Row, table=True):
    """A physician decided against a STOP, with a reason; a second person of another role signed with them."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "recipient_id"],
            ["dose_order.id", "dose_order.recipient_id"],
            name="fk_override_order_of",
            ondelete="RESTRICT",
        ),
        check("two_people", "second_id <> physician_id"),
        check("ends_after_it_began", "made_at < valid_until"),
        check("has_its_reason", "length(reason) > 0"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    unit_id: int = points("unit")
    order_id: int
    recipient_id: int = Field(index=True)
    overridden: Overridable = choice(Overridable)
    reason: str = Field(max_length=500)
    #: Whole minutes from thaw to the decision, and what the limit then was.
    minutes_after_thaw: int
    limits_version: str = Field(max_length=20)
    made_at: datetime = moment()
    valid_until: datetime = moment()
    physician_id: int = points("person")
    physician_signature_id: int = points("signature", index=False)
    second_id: int = points("person")
    second_signature_id: int = points("signature", index=False)


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
        check("stopped_early_has_ended", "stopped_early_because IS NULL OR state = 'ended'"),
    )
    frozen: ClassVar[tuple[str, ...]] = (
        "allocation_id", "unit_id", "recipient_id", "check_id", "override_id", "thawed_at",
    )  # fmt: skip
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
    #: The decision under which it began although it had been thawed for too long.
    override_id: int | None = points("override", nullable=True, index=False)
    #: Why it was stopped before the bag was empty; None where it ran to its end.
    stopped_early_because: str | None = Field(default=None, max_length=500)
    note: str = Field(default="", max_length=500)


class VitalsPoint(StrEnum):
    """When vital signs are due, counted from the start of the infusion."""

    START = "start"
    MINUTES_15 = "minutes_15"
    MINUTES_30 = "minutes_30"
    MINUTES_60 = "minutes_60"
    HOURS_4 = "hours_4"
    HOURS_24 = "hours_24"


class Vitals(Row, table=True):
    """Vital signs at one point of time; a correction is a new row with its reason."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        Index(
            "uq_vitals_first",
            "infusion_id",
            "point",
            unique=True,
            sqlite_where=text("supersedes_id IS NULL"),
            postgresql_where=text("supersedes_id IS NULL"),
        ),
        check("correction_has_reason", "(supersedes_id IS NULL) = (reason IS NULL)"),
        check("pressures_in_order", "diastolic_mmhg < systolic_mmhg"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    infusion_id: int = points("infusion")
    point: VitalsPoint = choice(VitalsPoint)
    measured_at: datetime = moment()
    entered_at: datetime = moment()
    entered_by_id: int = points("person")
    celsius: Decimal = fixed(1)
    pulse_per_min: int
    systolic_mmhg: int
    diastolic_mmhg: int
    breaths_per_min: int
    oxygen_percent: int
    #: The version of the limits that said what can be measured.
    limits_version: str = Field(max_length=20)
    supersedes_id: int | None = points("vitals", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class ReactionKind(StrEnum):
    """What was seen, in the order of the list on the page; the rest is told in words."""

    FEVER = "fever"
    CHILLS = "chills"
    RASH = "rash"
    NAUSEA = "nausea"
    VOMITING = "vomiting"
    HEADACHE = "headache"
    COUGH = "cough"
    DYSPNOEA = "dyspnoea"
    HYPOTENSION = "hypotension"
    HYPERTENSION = "hypertension"
    BRADYCARDIA = "bradycardia"
    TACHYCARDIA = "tachycardia"
    CHEST_PAIN = "chest_pain"
    THROMBOEMBOLIC_EVENT = "thromboembolic_event"
    ANAPHYLAXIS = "anaphylaxis"
    OTHER = "other"


class Outcome(StrEnum):
    """How a reaction stands; the words are those of ICH E2B."""

    NOT_RESOLVED = "not_resolved"
    RESOLVED = "resolved"
    RESOLVED_WITH_SEQUELAE = "resolved_with_sequelae"
    FATAL = "fatal"


OUTCOME_MOVES: dict[Outcome, frozenset[Outcome]] = {
    Outcome.NOT_RESOLVED: frozenset({Outcome.RESOLVED, Outcome.RESOLVED_WITH_SEQUELAE, Outcome.FATAL}),
    Outcome.RESOLVED: frozenset(),
    Outcome.RESOLVED_WITH_SEQUELAE: frozenset(),
    Outcome.FATAL: frozenset(),
}


class Reaction(Row, table=True):
    """Something that happened to the patient during an infusion or after it, graded by CTCAE."""

    __table_args__ = (
        check("grade_is_ctcae", "grade BETWEEN 1 AND 5"),
        check("grade_five_is_fatal", "(grade = 5) = (outcome = 'fatal')"),
        check("over_has_its_time", "(outcome = 'not_resolved') = (over_at IS NULL)"),
        check("over_after_onset", "over_at IS NULL OR onset_at <= over_at"),
        check("other_is_told", "kind <> 'other' OR length(told) > 0"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "infusion_id", "kind", "onset_at", "told")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("outcome", OUTCOME_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    infusion_id: int = points("infusion")
    kind: ReactionKind = choice(ReactionKind)
    told: str = Field(default="", max_length=500)
    #: 1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death (CTCAE).
    grade: int
    onset_at: datetime = moment()
    outcome: Outcome = choice(Outcome)
    over_at: datetime | None = moment(nullable=True)
    treatment: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
    recorded_by_id: int = points("person")
