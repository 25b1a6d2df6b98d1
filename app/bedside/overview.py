"""What pages list of the bedside: scans and how many were typed, infusions, checks that wait."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.bedside.limits import limits
from app.bedside.models import (
    BedsideCheck,
    CheckState,
    EntrySource,
    Infusion,
    InfusionState,
    Scan,
    ScanStep,
    VerdictWord,
)
from app.lots.models import Unit
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
class InfusionFacts:
    """What stands beside an infusion's own columns."""

    unit: str
    recipient: str
    order: str
    dose_viable_cells: int
    first: str
    second: str
    check: str


def infusion_facts(db: Session, infusion: Infusion) -> InfusionFacts:
    """Bag, recipient, order and the two people of an infusion."""
    check = db.get_one(BedsideCheck, infusion.check_id)
    order = db.get_one(DoseOrder, check.order_id)
    return InfusionFacts(
        unit=db.get_one(Unit, infusion.unit_id).code,
        recipient=db.get_one(Recipient, infusion.recipient_id).code,
        order=order.code,
        dose_viable_cells=order.dose_viable_cells,
        first=db.get_one(Person, check.first_person_id).name,
        second=db.get_one(Person, check.second_person_id).name,
        check=check.code,
    )


def waiting_for_second(db: Session, at: datetime) -> list[tuple[str, str]]:
    """Checks that wait for their second person (code, name of the first), while they stand."""
    found = (
        select(BedsideCheck.code, Person.name)
        .join(Person, col(Person.id) == BedsideCheck.first_person_id)
        .where(BedsideCheck.state == CheckState.FIRST_GO, BedsideCheck.started_at >= at - limits().check)
    )
    return [(code, name) for code, name in db.exec(found.order_by(col(BedsideCheck.id)))]
