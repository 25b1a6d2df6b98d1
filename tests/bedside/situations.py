"""A situation in which everything is right, to be spoiled one fact at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.bedside.limits import limits
from app.bedside.models import CheckState, EntrySource
from app.bedside.situation import Bag, Band, Check, Reading, Situation, Stage
from app.labeling.models import LabelState
from app.lots.models import LotState, UnitState
from app.orders.models import OrderState
from app.recipients.models import WristbandState
from labels.payload import Kind

NOW = datetime(2025, 5, 6, 10, 10, tzinfo=UTC)
FIRST, SECOND, THIRD = 1, 2, 3

READING = Reading(EntrySource.SCANNED, Kind.CONTAINER, None, "", None)
BAND = Band("LN-01", WristbandState.APPLIED, ("ORD-25-001",))
BAG = Bag(
    unit="MSC-25-001-B01",
    state=UnitState.RECEIVED,
    label_state=LabelState.APPLIED,
    allocated_to="LN-01",
    order="ORD-25-001",
    order_state=OrderState.READY,
    lot="MSC-25-001",
    lot_state=LotState.RELEASED,
    release_stands=True,
    expires_at=NOW + timedelta(days=300),
    holds=(),
    custody_gaps=(),
    at_ward=True,
    infusion_runs=False,
    infused=False,
)
CHECK = Check(
    code="CHK-25-001",
    state=CheckState.STARTED,
    started_at=NOW - timedelta(minutes=1),
    recipient="LN-01",
    order=None,
    unit=None,
    first_person_id=FIRST,
    second_person_id=None,
    wristband_read=True,
    label_read=False,
)

#: The label is read as the bag is thawed.
THAW = Situation(NOW, FIRST, Stage.THAW, False, limits(), READING, bag=BAG)
#: The first wristband is read.
WRISTBAND = Situation(
    NOW, FIRST, Stage.WRISTBAND, False, limits(), replace(READING, kind=Kind.WRISTBAND), band=BAND
)
#: The first label is read.
LABEL = Situation(NOW, FIRST, Stage.LABEL, False, limits(), READING, check=CHECK, bag=BAG)
#: The first person signs.
SIGN = replace(
    LABEL,
    stage=Stage.SIGN,
    reading=None,
    check=replace(CHECK, unit=BAG.unit, order=BAG.order, label_read=True),
)
_SECOND_CHECK = replace(CHECK, state=CheckState.FIRST_GO, unit=BAG.unit, order=BAG.order, label_read=False)
#: The second person reads the wristband.
SECOND_WRISTBAND = replace(
    WRISTBAND, actor_id=SECOND, second=True, check=replace(_SECOND_CHECK, wristband_read=False)
)
#: The second person reads the label.
SECOND_LABEL = replace(
    LABEL, actor_id=SECOND, second=True, check=replace(_SECOND_CHECK, second_person_id=SECOND)
)
#: The second person signs.
SECOND_SIGN = replace(
    SECOND_LABEL,
    stage=Stage.SIGN,
    reading=None,
    check=replace(_SECOND_CHECK, second_person_id=SECOND, label_read=True),
)
#: The infusion is to be started.
START = replace(
    SECOND_SIGN,
    stage=Stage.START,
    second=False,
    check=replace(_SECOND_CHECK, state=CheckState.CONFIRMED, second_person_id=SECOND, label_read=True),
    bag=replace(BAG, order_state=OrderState.CHECKED),
)
ALL = (THAW, WRISTBAND, LABEL, SIGN, SECOND_WRISTBAND, SECOND_LABEL, SECOND_SIGN, START)


def with_bag(situation: Situation, **facts: object) -> Situation:
    """The situation with other facts about the bag."""
    assert situation.bag is not None
    return replace(situation, bag=replace(situation.bag, **facts))  # type: ignore[arg-type]  # names of fields


def with_check(situation: Situation, **facts: object) -> Situation:
    """The situation with other facts about the check."""
    assert situation.check is not None
    return replace(situation, check=replace(situation.check, **facts))  # type: ignore[arg-type]  # as above


def with_band(situation: Situation, **facts: object) -> Situation:
    """The situation with other facts about the wristband."""
    assert situation.band is not None
    return replace(situation, band=replace(situation.band, **facts))  # type: ignore[arg-type]  # as above


def with_reading(situation: Situation, **facts: object) -> Situation:
    """The situation with another reading."""
    assert situation.reading is not None
    return replace(situation, reading=replace(situation.reading, **facts))  # type: ignore[arg-type]  # as above
