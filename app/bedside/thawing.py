"""The thaw: the bag's label is scanned as it goes into the bath, and the cells' clock starts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.bedside import events, queries, rules
from app.bedside.forms import ThawForm
from app.bedside.infusion_rules import in_future, whole_minute
from app.bedside.limits import Limits, limits
from app.bedside.models import ScanStep, Thaw
from app.bedside.scanning import (
    Answer,
    answered_again,
    body_of,
    keep_scan,
    person_of,
    reading_of,
    reasons_of,
    tell_scan,
)
from app.bedside.situation import Why
from app.evidence.ledger import Subject, record
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import operations as lots_operations
from app.lots.models import Unit, UnitState
from app.orders import queries as orders


class ClockState(StrEnum):
    """How a thawed bag stands against the limit."""

    WITHIN_LIMIT = "within_limit"
    SOON_TOO_LONG = "soon_too_long"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Clock:
    """The post-thaw clock of one bag at one moment of the server's time."""

    unit: str
    thawed_at: datetime
    now: datetime
    limits: Limits

    @property
    def seconds(self) -> int:
        """Whole seconds since the thaw."""
        return max(0, int((self.now - self.thawed_at).total_seconds()))

    @property
    def minutes(self) -> int:
        """Whole minutes since the thaw."""
        return self.seconds // 60

    @property
    def limit_minutes(self) -> int:
        """How long a bag may lie thawed before the infusion starts."""
        return int(self.limits.thaw_to_infusion.total_seconds() // 60)

    @property
    def warning_minutes(self) -> int:
        """From how many minutes on the clock warns."""
        return self.limit_minutes - int(self.limits.thaw_warning.total_seconds() // 60)

    @property
    def until(self) -> datetime:
        """The last moment at which the infusion may start."""
        return self.thawed_at + self.limits.thaw_to_infusion

    @property
    def state(self) -> ClockState:
        """Within the limit, soon over it, or over it."""
        if self.now > self.until:
            return ClockState.TOO_LONG
        soon = self.now >= self.until - self.limits.thaw_warning
        return ClockState.SOON_TOO_LONG if soon else ClockState.WITHIN_LIMIT


def clock_of(thaw: Thaw, unit_code: str, now: datetime) -> Clock:
    """The clock of a thawed bag."""
    return Clock(unit_code, thaw.thawed_at, now, limits())


def minutes_between(thawed_at: datetime, started_at: datetime) -> int:
    """Whole minutes from thaw to infusion."""
    return (started_at - thawed_at) // timedelta(minutes=1)


def thaw(work: Work, form: ThawForm, typed_second: Proof | None = None) -> Answer | Refusal:
    """The label read at the thaw: judged, kept with its event, answered; GO starts the clock of its bag.

    The same key with the same body gets the same answer. A time earlier than the scan needs a reason.
    """
    body = body_of(work, form, typed_second, thawed_at=form.thawed_at, thaw_reason=form.thaw_reason)
    former = queries.scan_by_key(work.db, form.request_key)
    if former is not None:
        return answered_again(work, former, body)
    reading, serial = reading_of(form, typed_second)
    situation, rows = queries.scan_situation(
        work.db, work.at, person_of(work), ScanStep.THAW, None, reading, serial, check_unknown=False
    )
    found = rules.refusals(situation)
    when = None if rows.unit is None else _time_of_thaw(work, form, rows.unit)
    if when is not None:
        found = (*found, when)
    kept = keep_scan(work, form, body, ScanStep.THAW, None, typed_second, found)
    tell_scan(work, kept, None, rows)
    if not found and rows.unit is not None:
        _start_clock(work, rows.unit, form, known(kept.id))
    return Answer(kept.verdict, reasons_of(kept), kept, None, replayed=False)


def _time_of_thaw(work: Work, form: ThawForm, unit: Unit) -> Refusal | None:
    """Can it have been thawed then, and is it said why the scan came later?"""
    if form.thawed_at is None:
        return None
    received = queries.received_at(work.db, known(unit.id))
    return first(
        in_future(form.thawed_at, work.at, limits(), say("the thaw")),
        None
        if received is None or form.thawed_at >= whole_minute(received)
        else Refusal(
            Why.THAW_BEFORE_RECEIPT,
            say("The thaw lies before the bag's receipt at the ward."),
            say("Enter the time of the thaw again."),
        ),
        None
        if form.thaw_reason
        else Refusal(
            Why.THAW_TIME_NEEDS_REASON,
            say("A typed time of the thaw needs a reason."),
            say("Scan the label as the bag is thawed; if that was missed, write why, with the time."),
        ),
    )


def _start_clock(work: Work, unit: Unit, form: ThawForm, scan_id: int) -> None:
    promise = orders.open_allocation_of_unit(work.db, known(unit.id))
    assert promise is not None, "a bag that is allocated to nobody is stopped"
    thawed_at = work.at if form.thawed_at is None else min(form.thawed_at, work.at)
    typed = thawed_at != work.at
    if not lots_operations.move_unit(work, known(unit.id), UnitState.RECEIVED, UnitState.THAWED):
        raise RuntimeError(f"{unit.code} changed under a single writer")
    made = Thaw(
        unit_id=known(unit.id),
        scan_id=scan_id,
        person_id=person_of(work),
        scanned_at=work.at,
        thawed_at=thawed_at,
        reason=form.thaw_reason if typed else None,
        limits_version=limits().version,
    )
    work.db.add(made)
    record(
        work,
        events.THAWED,
        Subject("unit", unit.code),
        reason=made.reason,
        unit=unit.code,
        recipient=promise.recipient.code,
        order=promise.order.code,
        thawed_at=thawed_at,
        told_by=say("a typed time") if typed else say("the scan"),
    )
