"""What waits in each room, as codes that can be opened; the questions of the worklist ask here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from app.antibodies.models import BeadRun, Serum
from app.backup.queries import standing
from app.bedside.models import Infusion, InfusionState
from app.concerns.models import Deviation, DeviationState, Hold, HoldState
from app.custody.shipment_models import Shipment, ShipmentState
from app.donors.models import Donor, DonorState, EligibilityDecision, Screening
from app.followup import queries as followup
from app.home.limits import limits
from app.labeling.models import Label, LabelState
from app.lots.models import Lot, LotState, Unit, UnitState
from app.materials.models import Equipment, Material
from app.orders.models import DoseOrder, OrderState
from app.quality import queries as quality
from app.trace.reach import held_in_hands


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when: the moment, and the day at the site."""

    db: Session
    at: datetime
    today: date
    person_id: int


def _codes(asking: Asking, column: Any, *where: Any) -> list[str]:
    return list(asking.db.exec(select(col(column)).where(*where).order_by(col(column))).all())


def holds(asking: Asking) -> list[str]:
    """Holds in force."""
    return _codes(asking, Hold.code, Hold.state == HoldState.IN_FORCE)


def deviations_in(state: DeviationState) -> Callable[[Asking], list[str]]:
    """Deviations in this state."""
    return lambda asking: _codes(asking, Deviation.code, Deviation.state == state)


def held_in_my_hands(asking: Asking) -> list[str]:
    """Units that the person took over last and that a hold reaches."""
    held = held_in_hands(asking.db, asking.person_id)
    return sorted({unit for units in held.values() for unit in units})


def donors_in(state: DonorState) -> Callable[[Asking], list[str]]:
    """Donors in this state."""
    return lambda asking: _codes(asking, Donor.code, Donor.state == state)


def donors_to_decide(asking: Asking) -> list[str]:
    """Interviewed and examined, and no decision on that screening yet."""
    decided = select(EligibilityDecision.screening_id)
    waiting = (
        select(col(Donor.code))
        .join(Screening, col(Screening.donor_id) == col(Donor.id))
        .where(
            col(Donor.state).in_((DonorState.IN_SCREENING, DonorState.INCOMPLETE)),
            col(Screening.interviewed_on).is_not(None),
            col(Screening.examined_on).is_not(None),
            col(Screening.id).not_in(decided),
        )
        .distinct()
    )
    return sorted(asking.db.exec(waiting).all())


def lots_in(*states: LotState) -> Callable[[Asking], list[str]]:
    """Lots in one of these states."""
    return lambda asking: _codes(asking, Lot.code, col(Lot.state).in_(states))


def pending_tests(db: Session, *states: LotState) -> list[tuple[Lot, tuple[str, ...]]]:
    """Lots in these states with the release tests that have no result, in order of code."""
    found = db.exec(select(Lot).where(col(Lot.state).in_(states)).order_by(col(Lot.code))).all()
    return [(lot, quality.pending(quality.checklist(db, lot))) for lot in found]


def overdue_results(db: Session, at: datetime) -> list[tuple[str, tuple[str, ...]]]:
    """Lots whose results are pending for too long, each with those tests."""
    before = at - limits().result_pending
    waiting = pending_tests(db, LotState.QUARANTINE, LotState.CONDITIONALLY_RELEASED)
    return [
        (lot.code, tests)
        for lot, tests in waiting
        if tests and lot.made_at is not None and lot.made_at < before
    ]


def results_too_long(asking: Asking) -> list[str]:
    """Lots whose release results are pending for too long."""
    return [code for code, _ in overdue_results(asking.db, asking.at)]


def lots_to_release(asking: Asking) -> list[str]:
    """Lots in quarantine with every release result there."""
    return [lot.code for lot, tests in pending_tests(asking.db, LotState.QUARANTINE) if not tests]


def conditional_with_pending(asking: Asking) -> list[str]:
    """Conditionally released lots whose tests are still pending."""
    return [lot.code for lot, tests in pending_tests(asking.db, LotState.CONDITIONALLY_RELEASED) if tests]


def labels_in(*states: LabelState) -> Callable[[Asking], list[str]]:
    """Labels in one of these states, by serial."""
    return lambda asking: _codes(asking, Label.serial, col(Label.state).in_(states))


def orders_in(*states: OrderState) -> Callable[[Asking], list[str]]:
    """Orders in one of these states."""
    return lambda asking: _codes(asking, DoseOrder.code, col(DoseOrder.state).in_(states))


_WAITING = (OrderState.PRESCRIBED, OrderState.ALLOCATED, OrderState.READY, OrderState.CHECKED)


def orders_today(asking: Asking) -> list[str]:
    """Orders planned for today that have not begun."""
    return _codes(
        asking, DoseOrder.code, col(DoseOrder.state).in_(_WAITING), DoseOrder.planned_on == asking.today
    )


def orders_late(asking: Asking) -> list[str]:
    """Orders whose day has passed and that have not begun."""
    return _codes(
        asking, DoseOrder.code, col(DoseOrder.state).in_(_WAITING), DoseOrder.planned_on < asking.today
    )


def units_in(*states: UnitState) -> Callable[[Asking], list[str]]:
    """Units in one of these states."""
    return lambda asking: _codes(asking, Unit.code, col(Unit.state).in_(states))


def shipments_in(*states: ShipmentState) -> Callable[[Asking], list[str]]:
    """Shipments in one of these states."""
    return lambda asking: _codes(asking, Shipment.code, col(Shipment.state).in_(states))


def infusions_running(asking: Asking) -> list[str]:
    """Infusions that have no end yet."""
    return _codes(asking, Infusion.code, Infusion.state == InfusionState.IN_PROGRESS)


def visits_that_are(standing: followup.Standing) -> Callable[[Asking], list[str]]:
    """Recipients with such a visit, once for each."""

    def asks(asking: Asking) -> list[str]:
        waiting = followup.waiting(asking.db, asking.today)
        return sorted(due.recipient for due in waiting if due.standing is standing)

    return asks


def sera_without_results(asking: Asking) -> list[str]:
    """Sera that no bead run was imported for."""
    measured = select(BeadRun.serum_id)
    return _codes(asking, Serum.code, col(Serum.id).not_in(measured))


def materials_expiring(asking: Asking) -> list[str]:
    """Reagent lots whose last day of use is near, or just past and perhaps still on the shelf."""
    first, last = asking.today - limits().material, asking.today + limits().material
    # An opened lot may be past its use long before the expiry on its pack.
    near = select(Material).where(
        Material.expires_on >= first,
        or_(Material.expires_on <= last, col(Material.opened_on).is_not(None)),
    )
    found = asking.db.exec(near.order_by(col(Material.code)))
    return [one.code for one in found if first <= one.usable_until <= last]


def equipment_due(asking: Asking) -> list[str]:
    """Devices whose calibration is due soon or overdue."""
    return _codes(asking, Equipment.code, Equipment.calibration_due_on <= asking.today + limits().calibration)


def backup_too_old(asking: Asking) -> list[str]:
    """One sentence on the last good backup, where it was made too long ago."""
    now = standing(asking.db, asking.at)
    return [now.sentence] if now.worry else []
