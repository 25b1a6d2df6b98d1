"""What pages list of the bedside: scans and how many were typed, infusions, checks that wait."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.bedside import queries
from app.bedside.aftercare_rules import Standing, standing
from app.bedside.limits import limits
from app.bedside.models import (
    BedsideCheck,
    CheckState,
    EntrySource,
    Infusion,
    InfusionState,
    Overridable,
    Override,
    Scan,
    ScanStep,
    Thaw,
    VerdictWord,
    Vitals,
    VitalsPoint,
)
from app.bedside.thawing import Clock, clock_of
from app.kernel.tables import known
from app.lots.models import Unit, UnitState
from app.orders.models import DoseOrder
from app.recipients.models import Recipient

#: Scans on one page of the list.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Compliance:
    """How many codes were scanned and how many typed, over scans that were used."""

    scanned: int
    camera: int
    typed: int
    go: int
    stop: int

    @property
    def percent(self) -> int | None:
        """Share of scans among all entries, in whole percent rounded down; None before the first."""
        whole = self.scanned + self.camera + self.typed
        return None if not whole else 100 * (self.scanned + self.camera) // whole


def compliance(db: Session) -> Compliance:
    """Scanned against typed (design/domain.md, rule 6), and how often the answer was STOP."""
    rows = db.exec(
        select(Scan.source, Scan.verdict, func.count())
        .where(Scan.verdict != VerdictWord.NOT_CHECKED)
        .group_by(col(Scan.source), col(Scan.verdict))
    )
    by_source: Counter[EntrySource] = Counter()
    by_verdict: Counter[VerdictWord] = Counter()
    for source, verdict, count in rows:
        by_source[EntrySource(source)] += count
        by_verdict[VerdictWord(verdict)] += count
    return Compliance(
        by_source[EntrySource.SCANNED],
        by_source[EntrySource.CAMERA],
        by_source[EntrySource.TYPED],
        by_verdict[VerdictWord.GO],
        by_verdict[VerdictWord.STOP],
    )


@dataclass(frozen=True, slots=True)
class ScanLine:
    """One line of the list of scans."""

    id: int
    scanned_at: datetime
    person: str
    step: ScanStep
    source: EntrySource
    verdict: VerdictWord
    reasons: str
    check: str | None

    @property
    def words(self) -> str:
        """The reasons in words, gravest first; empty for GO."""
        return " ".join(no["sentence"] for no in json.loads(self.reasons))


def latest_scans(db: Session, count: int = 100, before_id: int | None = None) -> list[ScanLine]:
    """The latest scans, the newest first."""
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Scan.id,
            Scan.scanned_at,
            Person.sign_in,
            Scan.step,
            Scan.source,
            Scan.verdict,
            Scan.reasons,
            BedsideCheck.code,
        )
        .join(Person, col(Person.id) == Scan.person_id)
        .outerjoin(BedsideCheck, col(BedsideCheck.id) == Scan.check_id)
    )
    if before_id is not None:
        found = found.where(col(Scan.id) < before_id)
    return [ScanLine(*row) for row in db.exec(found.order_by(col(Scan.id).desc()).limit(count))]


@dataclass(frozen=True, slots=True)
class InfusionLine:
    """One line of the list of infusions."""

    code: str
    unit: str
    recipient: str
    state: InfusionState
    started_at: datetime
    ended_at: datetime | None
    delivered_viable_cells: int | None


def infusions(db: Session, recipient_id: int | None = None) -> list[InfusionLine]:
    """All infusions, or those of one recipient, the latest first."""
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Infusion.code,
            Unit.code,
            Recipient.code,
            Infusion.state,
            Infusion.started_at,
            Infusion.ended_at,
            Infusion.delivered_viable_cells,
        )
        .join(Unit, col(Unit.id) == Infusion.unit_id)
        .join(Recipient, col(Recipient.id) == Infusion.recipient_id)
    )
    if recipient_id is not None:
        found = found.where(Infusion.recipient_id == recipient_id)
    return [InfusionLine(*row) for row in db.exec(found.order_by(col(Infusion.started_at).desc()))]


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """One line of the list of overrides."""

    code: str
    unit: str
    recipient: str
    overridden: Overridable
    reason: str
    minutes_after_thaw: int
    made_at: datetime
    physician: str
    second: str


def overrides(db: Session, unit_ids: Iterable[int] | None = None) -> list[OverrideLine]:
    """All overrides, or those of some units, the latest first."""
    physician, second = aliased(Person), aliased(Person)
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Override.code,
            Unit.code,
            Recipient.code,
            Override.overridden,
            Override.reason,
            Override.minutes_after_thaw,
            Override.made_at,
            physician.name,
            second.name,
        )
        .join(Unit, col(Unit.id) == Override.unit_id)
        .join(Recipient, col(Recipient.id) == Override.recipient_id)
        .join(physician, col(physician.id) == Override.physician_id)
        .join(second, col(second.id) == Override.second_id)
    )
    if unit_ids is not None:
        found = found.where(col(Override.unit_id).in_(list(unit_ids)))
    return [OverrideLine(*row) for row in db.exec(found.order_by(col(Override.id).desc()))]


def override_of(db: Session, infusion: Infusion) -> OverrideLine | None:
    """The override under which an infusion began, when it needed one."""
    if infusion.override_id is None:
        return None
    code = db.get_one(Override, infusion.override_id).code
    return next(line for line in overrides(db, [infusion.unit_id]) if line.code == code)


@dataclass(frozen=True, slots=True)
class InfusionFacts:
    """What stands beside an infusion's own columns."""

    unit: str
    recipient: str
    order: str
    dose_viable_cells: int
    first: str
    second: str
    check: str
    #: The clock as it stood when the infusion began.
    clock: Clock
    override: OverrideLine | None


def infusion_facts(db: Session, infusion: Infusion) -> InfusionFacts:
    """Bag, recipient, order and the two people of an infusion."""
    check = db.get_one(BedsideCheck, infusion.check_id)
    order = db.get_one(DoseOrder, check.order_id)
    unit = db.get_one(Unit, infusion.unit_id)
    return InfusionFacts(
        unit=unit.code,
        recipient=db.get_one(Recipient, infusion.recipient_id).code,
        order=order.code,
        dose_viable_cells=order.dose_viable_cells,
        first=db.get_one(Person, check.first_person_id).name,
        second=db.get_one(Person, check.second_person_id).name,
        check=check.code,
        clock=Clock(unit.code, infusion.thawed_at, infusion.started_at, limits()),
        override=override_of(db, infusion),
    )


@dataclass(frozen=True, slots=True)
class PointLine:
    """One point of the schedule of vital signs, with its entry when there is one, and former entries."""

    point: VitalsPoint
    due_at: datetime
    standing: Standing
    entry: Vitals | None
    former: tuple[Vitals, ...]


def vitals_schedule(db: Session, infusion: Infusion, at: datetime) -> list[PointLine]:
    """When vital signs are due, what was measured, and what is missing."""
    entries = queries.vitals_of(db, known(infusion.id))
    lines = []
    for point, due in limits().vitals.items():
        mine = [one for one in entries if one.point is point]
        entry = mine[-1] if mine else None
        measured_at = None if entry is None else entry.measured_at
        word = standing(due, infusion.started_at, measured_at, at)
        lines.append(PointLine(point, infusion.started_at + due.after, word, entry, tuple(mine[:-1])))
    return lines


def thawed_bags(db: Session, at: datetime) -> list[Clock]:
    """The clocks of all bags that are thawed and not being given, the oldest thaw first."""
    begun = select(Infusion.unit_id)
    found = (
        select(Thaw, Unit.code)
        .join(Unit, col(Unit.id) == Thaw.unit_id)
        .where(Unit.state == UnitState.THAWED, col(Unit.id).not_in(begun))
    )
    return [clock_of(row, code, at) for row, code in db.exec(found.order_by(col(Thaw.thawed_at)))]


def waiting_for_second(db: Session, at: datetime) -> list[tuple[str, str]]:
    """Checks that wait for their second person (code, name of the first), while they stand."""
    found = (
        select(BedsideCheck.code, Person.name)
        .join(Person, col(Person.id) == BedsideCheck.first_person_id)
        .where(BedsideCheck.state == CheckState.FIRST_GO, BedsideCheck.started_at >= at - limits().check)
    )
    return [(code, name) for code, name in db.exec(found.order_by(col(BedsideCheck.id)))]
