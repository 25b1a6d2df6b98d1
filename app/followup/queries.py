"""What is known of a recipient after the infusion: gifts, visits due and done, and antibodies over time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from app.bedside.models import Infusion, InfusionState
from app.donors.queries import site_day
from app.followup.models import Timepoint, Visit
from app.followup.windows import Window, schedule
from app.lots import genealogy
from app.lots import queries as lots
from app.lots.models import Lot, Unit
from app.orders.models import Allocation, AllocationState
from app.recipients.models import Recipient


@dataclass(frozen=True, slots=True)
class Gift:
    """One infusion into the recipient, and where its cells came from."""

    infusion: str
    unit: str
    lot: str
    donors: tuple[str, ...]
    started_at: datetime
    day: date
    state: InfusionState
    delivered_viable_cells: int | None


class Standing(StrEnum):
    """How a visit stands today."""

    ON_TIME = "on_time"
    OUTSIDE_WINDOW = "outside_window"
    RECORDED = "recorded"
    DUE = "due"
    UPCOMING = "upcoming"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Due:
    """One visit of the schedule: its window (None before the first infusion), and the visit if recorded."""

    recipient: str
    timepoint: Timepoint
    window: Window | None
    visit: Visit | None
    standing: Standing


def first_infused_on(db: Session, recipient_id: int) -> date | None:
    """The day of the recipient's first infusion, at the site: day zero of the follow-up."""
    found = select(Infusion.started_at).where(Infusion.recipient_id == recipient_id)
    first = db.exec(found.order_by(col(Infusion.started_at))).first()
    return None if first is None else site_day(db, first)


def gifts(db: Session, recipient_id: int) -> list[Gift]:
    """Everything the recipient was given, oldest first."""
    found = (
        select(Infusion, Unit.code, Lot.code)
        .join(Unit, col(Unit.id) == Infusion.unit_id)
        .join(Lot, col(Lot.id) == Unit.lot_id)
        .where(Infusion.recipient_id == recipient_id)
        .order_by(col(Infusion.started_at))
    )
    return [
        Gift(
            infusion.code,
            unit,
            lot,
            tuple(donor.code for donor in lots.donors_of_unit(db, infusion.unit_id)),
            infusion.started_at,
            site_day(db, infusion.started_at),
            infusion.state,
            infusion.delivered_viable_cells,
        )
        for infusion, unit, lot in db.exec(found)
    ]


def promised_donors(db: Session, recipient_id: int) -> dict[int, str]:
    """Donors (key and code) of every unit that the recipient received or that is allocated to them."""
    units = db.exec(
        select(Allocation.unit_id).where(
            Allocation.recipient_id == recipient_id, Allocation.state != AllocationState.UNDONE
        )
    ).all()
    found: dict[int, str] = {}
    for unit_id in units:
        for donor in lots.donors_of_unit(db, unit_id):
            assert donor.id is not None
            found[donor.id] = donor.code
    return found


def first_from(db: Session, recipient_id: int, donor: str) -> date | None:
    """The day this donor's cells first entered the recipient."""
    return next((gift.day for gift in gifts(db, recipient_id) if donor in gift.donors), None)


def recipients_of_donor(db: Session, donor_id: int) -> list[int]:
    """Recipients who received, or are promised, a unit of this donor."""
    pairs = db.exec(
        select(Allocation.recipient_id, Allocation.unit_id).where(Allocation.state != AllocationState.UNDONE)
    ).all()
    donations = [donation.id for donation in lots.donations_of(db, donor_id)]
    tissue = [key for key in db.exec(select(Unit.id).where(col(Unit.donation_id).in_(donations))) if key]
    reached = genealogy.descendants(db, tissue).union(tissue)
    return sorted({recipient for recipient, unit in pairs if unit in reached})


def visits_of(db: Session, recipient_id: int) -> dict[Timepoint, Visit]:
    """The recipient's recorded visits."""
    rows = db.exec(select(Visit).where(Visit.recipient_id == recipient_id)).all()
    return {visit.timepoint: visit for visit in rows}


def plan(db: Session, recipient: Recipient, today: date) -> list[Due]:
    """Every visit of the schedule and how it stands today."""
    assert recipient.id is not None
    return _plan(
        recipient.code, first_infused_on(db, recipient.id), visits_of(db, recipient.id).values(), today
    )


def _plan(recipient: str, day_zero: date | None, visits: Iterable[Visit], today: date) -> list[Due]:
    done = {visit.timepoint: visit for visit in visits}
    planned = []
    for rule in schedule().visits:
        visit = done.get(rule.timepoint)
        version = schedule() if visit is None else schedule(visit.window_version)
        window = None if day_zero is None else version.window(rule.timepoint, day_zero)
        planned.append(Due(recipient, rule.timepoint, window, visit, _standing(window, visit, today)))
    return planned


def _standing(window: Window | None, visit: Visit | None, today: date) -> Standing:
    if visit is not None:
        if window is None:
            return Standing.RECORDED
        return Standing.ON_TIME if window.holds(visit.happened_on) else Standing.OUTSIDE_WINDOW
    if window is None or today < window.opens_on:
        return Standing.UPCOMING
    return Standing.DUE if today <= window.closes_on else Standing.MISSING


def waiting(db: Session, today: date) -> list[Due]:
    """Visits of all recipients that are due now or missing, the oldest window first."""
    zero: dict[int, tuple[str, date]] = {}
    started = db.exec(
        select(Recipient.id, Recipient.code, Infusion.started_at)
        .join(Infusion, col(Infusion.recipient_id) == Recipient.id)
        .order_by(col(Infusion.started_at))
    )
    for recipient_id, code, at in started:
        if recipient_id is not None:
            zero.setdefault(recipient_id, (code, site_day(db, at)))
    visits = defaultdict(list)
    for visit in db.exec(select(Visit).where(col(Visit.recipient_id).in_(zero))):
        visits[visit.recipient_id].append(visit)
    found = [
        due
        for recipient_id, (code, day_zero) in zero.items()
        for due in _plan(code, day_zero, visits[recipient_id], today)
        if due.standing in (Standing.DUE, Standing.MISSING) and due.window is not None
    ]
    return sorted(found, key=lambda due: (due.window.closes_on if due.window else today, due.recipient))
