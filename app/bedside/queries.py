"""What is known at the bed: the situation of a scan, of a signature, of a start."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from app.bedside.limits import limits
from app.bedside.models import (
    BedsideCheck,
    CheckState,
    Infusion,
    InfusionState,
    Overridable,
    Override,
    Reaction,
    Scan,
    ScanStep,
    Thaw,
    VerdictWord,
    Vitals,
    VitalsPoint,
)
from app.bedside.situation import Bag, Band, Check, Reading, Situation, Stage, Why
from app.custody import queries as custody
from app.custody.models import CustodyKind, PlaceKind
from app.evidence.models import Signature
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import dose
from app.labeling import queries as labeling
from app.labeling.models import LabelState
from app.lots import queries as lots
from app.lots.models import Lot, Unit, UnitState
from app.orders import queries as orders
from app.orders.doses import dose_rules
from app.orders.models import Allocation, DoseOrder, OrderState
from app.quality import queries as quality
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from labels.payload import Kind, Serial

#: States of a check that has not ended.
OPEN = (CheckState.STARTED, CheckState.FIRST_GO, CheckState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Read:
    """What a text turned out to be: the rows behind it, where it is one of our codes."""

    serial: Serial | None
    recipient: Recipient | None = None
    unit: Unit | None = None


def check_by_code(db: Session, code: str) -> BedsideCheck | None:
    """The check with this code."""
    return db.exec(select(BedsideCheck).where(BedsideCheck.code == code)).one_or_none()


def open_checks_of(db: Session, recipient_id: int) -> list[BedsideCheck]:
    """The recipient's checks that have not ended."""
    found = select(BedsideCheck).where(
        BedsideCheck.recipient_id == recipient_id, col(BedsideCheck.state).in_(OPEN)
    )
    return list(db.exec(found).all())


def scan_by_key(db: Session, request_key: str) -> Scan | None:
    """The scan already answered under this key."""
    return db.exec(select(Scan).where(Scan.request_key == request_key)).one_or_none()


def infusion_by_code(db: Session, code: str) -> Infusion | None:
    """The infusion with this code."""
    return db.exec(select(Infusion).where(Infusion.code == code)).one_or_none()


def infusion_unknown(code: str) -> Refusal:
    """The refusal for a code that no infusion has."""
    return Refusal(
        Why.INFUSION_UNKNOWN,
        say("No infusion has the code {code}.", code=code[:20]),
        say("Open it from the list of infusions."),
    )


def recipient_of_infusion(db: Session, code: str) -> str | Refusal:
    """The code of the recipient of an infusion."""
    infusion = infusion_by_code(db, code)
    return infusion_unknown(code) if infusion is None else db.get_one(Recipient, infusion.recipient_id).code


def infusion_of_unit(db: Session, unit_id: int) -> Infusion | None:
    """The one infusion of a unit, running or ended."""
    return db.exec(select(Infusion).where(Infusion.unit_id == unit_id)).one_or_none()


def infusion_of_check(db: Session, check_id: int) -> Infusion | None:
    """The infusion that a check was used for."""
    return db.exec(select(Infusion).where(Infusion.check_id == check_id)).one_or_none()


def thaw_of(db: Session, unit_id: int) -> Thaw | None:
    """When the unit was thawed, once its label was scanned for it."""
    return db.exec(select(Thaw).where(Thaw.unit_id == unit_id)).one_or_none()


def thaw_of_scan(db: Session, scan_id: int) -> Thaw | None:
    """The thaw that a scan told of."""
    return db.exec(select(Thaw).where(Thaw.scan_id == scan_id)).one_or_none()


def vitals_of(db: Session, infusion_id: int) -> list[Vitals]:
    """Every entry of vital signs of an infusion, corrected ones too, in order of entry."""
    found = select(Vitals).where(Vitals.infusion_id == infusion_id)
    return list(db.exec(found.order_by(col(Vitals.id))).all())


def vitals_at(db: Session, infusion_id: int, point: VitalsPoint) -> Vitals | None:
    """The entry that counts for one point: the one that no later one corrects."""
    entries = [one for one in vitals_of(db, infusion_id) if one.point is point]
    return entries[-1] if entries else None


def reaction_by_code(db: Session, code: str) -> Reaction | None:
    """The reaction with this code."""
    return db.exec(select(Reaction).where(Reaction.code == code)).one_or_none()


def reactions_of(db: Session, infusion_id: int) -> list[Reaction]:
    """The reactions of an infusion, in order of onset."""
    found = select(Reaction).where(Reaction.infusion_id == infusion_id)
    return list(db.exec(found.order_by(col(Reaction.onset_at), col(Reaction.id))).all())


def override_in_force(
    db: Session, unit_id: int, order_id: int, at: datetime, reason: Overridable
) -> Override | None:
    """The physician's override of this reason for this bag under this order, while it holds."""
    found = (
        select(Override)
        .where(
            Override.unit_id == unit_id,
            Override.order_id == order_id,
            Override.overridden == reason,
            col(Override.made_at) <= at,
            col(Override.valid_until) >= at,
        )
        .order_by(col(Override.id).desc())
    )
    return db.exec(found).first()


def dmso_of_last_day(
    db: Session, order: DoseOrder, unit: Unit, started_at: datetime
) -> tuple[Decimal, Decimal]:
    """DMSO, in g, of this bag and of all given in the 24 hours before; and the most for this patient."""
    found = (
        select(col(Unit.volume_ml), col(DoseOrder.product))
        .join(Infusion, col(Infusion.unit_id) == Unit.id)
        .join(Allocation, col(Allocation.id) == Infusion.allocation_id)
        .join(DoseOrder, col(DoseOrder.id) == Allocation.order_id)
        .where(
            Infusion.recipient_id == order.recipient_id,
            col(Infusion.started_at) > started_at - timedelta(hours=24),
            Unit.id != unit.id,
        )
    )
    bags = [*db.exec(found).all(), (unit.volume_ml, order.product)]
    given = sum((orders.dmso_of_bag(volume, product, order) for volume, product in bags), Decimal(0))
    return given, dose_rules(order.dose_rules).dmso_limit_g_per_kg * order.weight_kg


def step_due(check: BedsideCheck | None, actor_id: int) -> ScanStep:
    """Which scan of the check this person's next one is."""
    if check is None:
        return ScanStep.FIRST_WRISTBAND
    if check.state is CheckState.FIRST_GO and check.second_person_id != actor_id:
        return ScanStep.SECOND_WRISTBAND
    if check.state is CheckState.STARTED or check.second_person_id is None:
        return ScanStep.FIRST_LABEL
    return ScanStep.SECOND_LABEL


def is_second(step: ScanStep) -> bool:
    """Whether the step belongs to the second person."""
    return step in (ScanStep.SECOND_WRISTBAND, ScanStep.SECOND_LABEL)


def check_facts(db: Session, check: BedsideCheck, second: bool, actor_id: int) -> Check:
    """The check so far, with what the person whose turn it is has read."""
    recipient = db.get_one(Recipient, check.recipient_id)
    order = None if check.order_id is None else db.get_one(DoseOrder, check.order_id)
    unit = None if check.unit_id is None else db.get_one(Unit, check.unit_id)
    label_step = ScanStep.SECOND_LABEL if second else ScanStep.FIRST_LABEL
    return Check(
        code=check.code,
        state=check.state,
        started_at=check.started_at,
        recipient=recipient.code,
        order=None if order is None else order.code,
        unit=None if unit is None else unit.code,
        first_person_id=check.first_person_id,
        second_person_id=check.second_person_id,
        wristband_read=not second or check.second_person_id == actor_id,
        label_read=has_go(db, check, label_step, actor_id),
    )


def has_go(db: Session, check: BedsideCheck, step: ScanStep, person_id: int) -> bool:
    """Whether this person has a GO on this step of the check."""
    found = select(Scan.id).where(
        Scan.check_id == check.id,
        Scan.step == step,
        Scan.person_id == person_id,
        Scan.verdict == VerdictWord.GO,
    )
    return db.exec(found).first() is not None


def band_facts(db: Session, serial: str) -> tuple[Band, Recipient] | None:
    """The wristband that was read and whose it is. An order whose check would start anew counts as ready."""
    found = recipients.by_wristband(db, serial)
    if found is None:
        return None
    assert found.recipient.id is not None
    waiting = (OrderState.READY, OrderState.CHECKED)
    ready = [order.code for order in orders.open_orders_of(db, found.recipient.id) if order.state in waiting]
    return Band(found.recipient.code, found.wristband.state, tuple(ready)), found.recipient


def bag_facts(db: Session, unit: Unit, label_state: LabelState, at: datetime) -> Bag:
    """All that speaks for or against giving this bag at this moment."""
    assert unit.id is not None
    thaw = thaw_of(db, unit.id)
    lot = None if unit.lot_id is None else db.get_one(Lot, unit.lot_id)
    promise = orders.open_allocation_of_unit(db, unit.id)
    infusion = infusion_of_unit(db, unit.id)
    place = custody.place_of(db, unit.id)
    return Bag(
        unit=unit.code,
        state=unit.state,
        label_state=label_state,
        allocated_to=None if promise is None else promise.recipient.code,
        order=None if promise is None else promise.order.code,
        order_state=None if promise is None else promise.order.state,
        lot="none" if lot is None else lot.code,
        lot_state=None if lot is None else lot.state,
        release_stands=lot is not None and quality.release_stands(db, lot),
        expires_at=unit.expires_at or (None if lot is None else lot.expires_at),
        holds=tuple(hold.why for hold in lots.holds_reaching(db, unit.id)),
        custody_gaps=tuple(custody.gaps(db, unit.id)),
        at_ward=place is not None and place.kind is PlaceKind.WARD,
        infusion_runs=infusion is not None and infusion.state is InfusionState.IN_PROGRESS,
        infused=unit.state is UnitState.INFUSED
        or (infusion is not None and infusion.state is InfusionState.ENDED),
        consent_stands=promise is None or orders.consent_stands(db, known(promise.recipient.id), at),
        thawed_at=None if thaw is None else thaw.thawed_at,
        overridden=frozenset() if promise is None else _overridden(db, unit.id, known(promise.order.id), at),
    )


def _overridden(db: Session, unit_id: int, order_id: int, at: datetime) -> frozenset[str]:
    return frozenset(
        reason.value for reason in Overridable if override_in_force(db, unit_id, order_id, at, reason)
    )


def scan_situation(
    db: Session,
    at: datetime,
    actor_id: int,
    step: ScanStep,
    check: BedsideCheck | None,
    reading: Reading,
    serial: Serial | None,
    check_unknown: bool,
) -> tuple[Situation, Read]:
    """All that is known when a code was read, and the rows behind the code."""
    second = is_second(step)
    wristband = step in (ScanStep.FIRST_WRISTBAND, ScanStep.SECOND_WRISTBAND)
    band = bag = None
    read = Read(serial)
    if serial is not None and serial.kind is Kind.WRISTBAND and wristband:
        found = band_facts(db, serial.text)
        if found is not None:
            band, read = found[0], Read(serial, recipient=found[1])
    if serial is not None and serial.kind is Kind.CONTAINER and not wristband:
        label = labeling.by_serial(db, serial.text)
        if label is not None:
            bag, read = bag_facts(db, label.unit, label.label.state, at), Read(serial, unit=label.unit)
    situation = Situation(
        at=at,
        actor_id=actor_id,
        stage=Stage.THAW if step is ScanStep.THAW else Stage.WRISTBAND if wristband else Stage.LABEL,
        second=second,
        limits=limits(),
        reading=reading,
        check=None if check is None else check_facts(db, check, second, actor_id),
        band=band,
        bag=bag,
        check_unknown=check_unknown,
    )
    return situation, read


def check_situation(
    db: Session, at: datetime, actor_id: int, stage: Stage, check: BedsideCheck | None
) -> Situation:
    """All that is known when somebody signs a check or starts the infusion: everything is asked again."""
    if check is None:
        return Situation(at, actor_id, stage, False, limits(), check_unknown=True)
    second = stage is Stage.START or check.state is CheckState.FIRST_GO
    bag = None
    if check.unit_id is not None:
        unit = db.get_one(Unit, check.unit_id)
        current = labeling.current_label(db, check.unit_id)
        bag = bag_facts(db, unit, LabelState.APPLIED if current is not None else LabelState.SUPERSEDED, at)
    return Situation(
        at=at,
        actor_id=actor_id,
        stage=stage,
        second=second and stage is not Stage.START,
        limits=limits(),
        check=check_facts(db, check, second, actor_id),
        bag=bag,
    )


def confirmed_at(db: Session, check: BedsideCheck) -> datetime:
    """When the second person signed. Raises sqlalchemy's NoResultFound before that."""
    return db.get_one(Signature, check.second_signature_id).signed_at


def received_at(db: Session, unit_id: int) -> datetime | None:
    """When the bag was last received."""
    times = [link.at for link in custody.links(db, unit_id) if link.kind is CustodyKind.RECEIVED]
    return times[-1] if times else None


def record_of_check(db: Session, check: BedsideCheck) -> dict[str, Any]:
    """What both people are shown and sign: this bag, for this patient, under this order."""
    order = db.get_one(DoseOrder, check.order_id)
    unit = db.get_one(Unit, check.unit_id)
    lot = db.get_one(Lot, unit.lot_id)
    return {
        "check": check.code,
        "recipient": db.get_one(Recipient, check.recipient_id).code,
        "order": order.code,
        "dose_shown": dose(order.dose_viable_cells),
        "product": order.product,
        "unit": unit.code,
        "lot": lot.code,
        "expires_at": unit.expires_at or lot.expires_at,
    }
