"""What is known at the bed: the situation of a scan, of a signature, of a start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.bedside.limits import limits
from app.bedside.models import (
    BedsideCheck,
    CheckState,
    Infusion,
    InfusionState,
    Scan,
    ScanStep,
    VerdictWord,
)
from app.bedside.situation import Bag, Band, Check, Reading, Situation, Stage
from app.custody import queries as custody
from app.custody.models import CustodyKind, PlaceKind
from app.evidence.models import Signature
from app.kernel.units import dose
from app.labeling import queries as labeling
from app.labeling.models import LabelState
from app.lots import queries as lots
from app.lots.models import Lot, Unit, UnitState
from app.orders import queries as orders
from app.orders.models import DoseOrder, OrderState
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


def infusion_of_unit(db: Session, unit_id: int) -> Infusion | None:
    """The one infusion of a unit, running or ended."""
    return db.exec(select(Infusion).where(Infusion.unit_id == unit_id)).one_or_none()


def infusion_of_check(db: Session, check_id: int) -> Infusion | None:
    """The infusion that a check was used for."""
    return db.exec(select(Infusion).where(Infusion.check_id == check_id)).one_or_none()


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


def bag_facts(db: Session, unit: Unit, label_state: LabelState) -> Bag:
    """All that speaks for or against giving this bag."""
    assert unit.id is not None
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
            bag, read = bag_facts(db, label.unit, label.label.state), Read(serial, unit=label.unit)
    situation = Situation(
        at=at,
        actor_id=actor_id,
        stage=Stage.WRISTBAND if wristband else Stage.LABEL,
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
        bag = bag_facts(db, unit, LabelState.APPLIED if current is not None else LabelState.SUPERSEDED)
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
