"""All that is known when somebody asks whether this bag may go to this patient, and every reason for no."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.bedside.limits import Limits
from app.bedside.models import CheckState, EntrySource
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.labeling.models import LabelState
from app.lots.models import LotState, UnitState
from app.orders.models import OrderState
from app.recipients.models import WristbandState
from labels.payload import Kind


class Why(StrEnum):
    """Every reason this room says no; an unreadable code brings its own from `labels.payload`."""

    WRONG_PATIENT = "wrong_patient"
    OTHER_PATIENT_THAN_FIRST = "other_patient_than_first"
    OTHER_BAG_THAN_FIRST = "other_bag_than_first"
    ALREADY_INFUSED = "already_infused"
    INFUSION_RUNS = "infusion_runs"
    ON_HOLD = "on_hold"
    NOT_RELEASED = "not_released"
    RELEASE_VOID = "release_void"
    EXPIRED = "expired"
    LABEL_VOID = "label_void"
    LABEL_NOT_APPLIED = "label_not_applied"
    NOT_ALLOCATED = "not_allocated"
    OTHER_ORDER = "other_order"
    CUSTODY_GAP = "custody_gap"
    NO_CONSENT = "no_consent"
    NOT_AT_WARD = "not_at_ward"
    UNIT_NOT_READY = "unit_not_ready"
    ORDER_NOT_READY = "order_not_ready"
    NO_ORDER = "no_order"
    WRISTBAND_VOID = "wristband_void"
    WRISTBAND_NOT_APPLIED = "wristband_not_applied"
    SAME_PERSON = "same_person"
    CHECK_UNKNOWN = "check_unknown"
    CHECK_OVER = "check_over"
    CHECK_EXPIRED = "check_expired"
    CHECK_OF_ANOTHER = "check_of_another"
    NOT_YET_SIGNED = "not_yet_signed"
    NOT_YET_SCANNED = "not_yet_scanned"
    WRISTBAND_FIRST = "wristband_first"
    LABEL_DUE = "label_due"
    WRISTBAND_DUE = "wristband_due"
    NOT_A_BAG_OR_BAND = "not_a_bag_or_band"
    UNKNOWN_WRISTBAND = "unknown_wristband"
    UNKNOWN_LABEL = "unknown_label"
    TYPED_ALONE = "typed_alone"
    KEY_REUSED = "key_reused"
    VERDICT_STANDS = "verdict_stands"
    SIGNER_IS_ANOTHER = "signer_is_another"
    NOT_ALLOWED = "not_allowed"
    RECORD_CHANGED = "record_changed"
    CHECK_USED = "check_used"
    THAWED_TOO_LONG = "thawed_too_long"
    NOT_THAWED = "not_thawed"
    ALREADY_THAWED = "already_thawed"
    THAW_TIME_NEEDS_REASON = "thaw_time_needs_reason"
    TOO_MUCH_DMSO = "too_much_dmso"
    STOPPED_EARLY_NEEDS_REASON = "stopped_early_needs_reason"
    NEVER_OVERRIDDEN = "never_overridden"
    NOTHING_TO_OVERRIDE = "nothing_to_override"
    NOT_A_PHYSICIAN = "not_a_physician"
    SECOND_ROLE_NEEDED = "second_role_needed"
    BAG_UNKNOWN = "bag_unknown"
    NOT_MEASURABLE = "not_measurable"
    PRESSURES_SWAPPED = "pressures_swapped"
    MEASURED_BEFORE = "measured_before"
    CORRECTION_NEEDS_REASON = "correction_needs_reason"
    ONSET_BEFORE_START = "onset_before_start"
    OVER_BEFORE_ONSET = "over_before_onset"
    OUTCOME_INCOMPLETE = "outcome_incomplete"
    GRADE_AND_OUTCOME = "grade_and_outcome"
    REACTION_UNTOLD = "reaction_untold"
    REACTION_UNKNOWN = "reaction_unknown"
    REACTION_OVER = "reaction_over"
    TIME_IN_FUTURE = "time_in_future"
    START_BEFORE_THAW = "start_before_thaw"
    START_BEFORE_CHECK = "start_before_check"
    THAW_BEFORE_RECEIPT = "thaw_before_receipt"
    CELLS_TEN_TIMES_OFF = "cells_ten_times_off"
    CELLS_OUTSIDE_WINDOW = "cells_outside_window"
    VIABILITY_IMPOSSIBLE = "viability_impossible"
    VOLUME_IMPOSSIBLE = "volume_impossible"
    INFUSION_UNKNOWN = "infusion_unknown"
    INFUSION_OVER = "infusion_over"
    END_BEFORE_START = "end_before_start"
    RESIDUAL_IMPOSSIBLE = "residual_impossible"
    FLUSH_IMPOSSIBLE = "flush_impossible"


#: Slips of the hand: the wrong code, person or moment, nothing known against patient or bag. They stop this
#: step and leave the check standing; every other STOP ends it.
SLIPS = frozenset(
    {
        Why.TYPED_ALONE,
        Why.LABEL_DUE,
        Why.WRISTBAND_DUE,
        Why.NOT_A_BAG_OR_BAND,
        Why.UNKNOWN_LABEL,
        Why.UNKNOWN_WRISTBAND,
        Why.SAME_PERSON,
        Why.WRISTBAND_FIRST,
        Why.NOT_YET_SCANNED,
        Why.NOT_YET_SIGNED,
        Why.CHECK_OVER,
        Why.CHECK_USED,
        Why.ALREADY_THAWED,
        Why.THAW_TIME_NEEDS_REASON,
    }
)

#: Entries at the start that cannot be: put right on the form, the check stands.
ENTRIES = frozenset(
    {
        Why.TIME_IN_FUTURE,
        Why.START_BEFORE_THAW,
        Why.START_BEFORE_CHECK,
        Why.NOT_THAWED,
        Why.CELLS_TEN_TIMES_OFF,
        Why.VIABILITY_IMPOSSIBLE,
        Why.VOLUME_IMPOSSIBLE,
    }
)

CALL = say("Do not give it. Call the cell laboratory.")
START_AGAIN = say("Start again with the wristband.")


class Stage(StrEnum):
    """Where the question is asked: at the thaw, or in the check."""

    THAW = "thaw"
    WRISTBAND = "wristband"
    LABEL = "label"
    SIGN = "sign"
    START = "start"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came in: one of our serials of some kind, or a fault; and how it came in."""

    source: EntrySource
    kind: Kind | None
    fault: Refusal | None
    typed_reason: str
    typed_second_id: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """The wristband that was read."""

    recipient: str
    state: WristbandState
    #: Orders of the patient whose bag is here and waits for the check.
    ready_orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bag:
    """The bag whose label was read, or the checked bag when somebody signs or starts."""

    unit: str
    state: UnitState
    label_state: LabelState
    allocated_to: str | None
    order: str | None
    order_state: OrderState | None
    lot: str
    lot_state: LotState | None
    release_stands: bool
    expires_at: datetime | None
    holds: tuple[str, ...]
    custody_gaps: tuple[str, ...]
    at_ward: bool
    infusion_runs: bool
    infused: bool
    #: Whether the signed consent of the patient it is allocated to stands today.
    consent_stands: bool = True
    #: When its label was scanned for the thaw; None before that.
    thawed_at: datetime | None = None
    #: Reasons that a physician overrode for this bag under its order, while the override holds.
    overridden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Check:
    """The verification so far."""

    code: str
    state: CheckState
    started_at: datetime
    recipient: str
    order: str | None
    unit: str | None
    first_person_id: int
    second_person_id: int | None
    #: Whether the person whose turn it is has a GO on the wristband, and on the label, in this check.
    wristband_read: bool
    label_read: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known when somebody asks whether this bag may go to this patient."""

    at: datetime
    actor_id: int
    stage: Stage
    #: Whether it is the second person's turn.
    second: bool
    limits: Limits
    reading: Reading | None = None
    check: Check | None = None
    band: Band | None = None
    bag: Bag | None = None
    #: A check was named and there is none of that name.
    check_unknown: bool = False
