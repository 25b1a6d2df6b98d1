"""What is known of printed pieces."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from app.access.models import Person
from app.evidence.files import StoredFile
from app.labeling.models import Label, LabelState, PrintJob
from app.labeling.rules import LIVE
from app.lots.models import FATES, Lot, Unit, UnitState


@dataclass(frozen=True, slots=True)
class Found:
    """A printed piece and the unit it was printed for."""

    label: Label
    unit: Unit


def by_serial(db: Session, serial: str) -> Found | None:
    """The piece with this serial."""
    found = db.exec(
        select(Label, Unit).join(Unit, col(Unit.id) == col(Label.unit_id)).where(Label.serial == serial)
    ).one_or_none()
    return Found(*found) if found else None


def current_label(db: Session, unit_id: int) -> Label | None:
    """The piece that is stuck to the unit now."""
    found = select(Label).where(Label.unit_id == unit_id, Label.state == LabelState.APPLIED)
    return db.exec(found).one_or_none()


def live_labels(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """Which of the units have a piece that is printed or applied."""
    found = select(Label.unit_id).where(col(Label.unit_id).in_(list(unit_ids)), col(Label.state).in_(LIVE))
    return set(db.exec(found).all())


def copies(db: Session, unit_ids: Iterable[int]) -> dict[int, int]:
    """How many pieces were ever printed for each unit."""
    found = (
        select(Label.unit_id, func.count())
        .where(col(Label.unit_id).in_(list(unit_ids)))
        .group_by(col(Label.unit_id))
    )
    return dict(db.exec(found).all())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every piece counted once: printed = ever applied + spoiled + specimen + returned + still loose."""

    printed: int
    ever_applied: int
    spoiled: int
    specimen: int
    returned: int
    loose: int
    destroyed: int

    @property
    def balances(self) -> bool:
        """Whether no piece is unaccounted for."""
        return self.printed == self.ever_applied + self.spoiled + self.specimen + self.returned


def reconciliation(db: Session, lot_id: int) -> Reconciliation:
    """Count the pieces of a lot by where each one went."""
    rows = db.exec(
        select(Label.state, Label.applied_at, Label.void_reason)
        .join(Unit, col(Unit.id) == col(Label.unit_id))
        .where(Unit.lot_id == lot_id)
    ).all()
    counted = Counter(_went(state, applied_at, void_reason) for state, applied_at, void_reason in rows)
    destroyed = sum(1 for state, _, _ in rows if state is LabelState.DESTROYED)
    return Reconciliation(
        printed=len(rows),
        ever_applied=counted["applied"],
        spoiled=counted["spoiled"],
        specimen=counted["specimen"],
        returned=counted["returned"],
        loose=counted["loose"],
        destroyed=destroyed,
    )


def _went(state: str, applied_at: datetime | None, void_reason: str | None) -> str:
    if applied_at is not None:
        return "applied"
    if state is LabelState.DESTROYED:
        # A destroyed piece that was never applied keeps in its reason what it was before.
        return "returned" if (void_reason or "").startswith("returned: ") else "spoiled"
    return "loose" if state == LabelState.PRINTED else str(state)


def jobs(db: Session) -> list[dict[str, Any]]:
    """The latest print jobs with how many pieces were scanned back."""
    applied = (
        select(Label.print_job_id, func.count().label("back"))
        .where(col(Label.state) != LabelState.PRINTED)
        .group_by(col(Label.print_job_id))
        .subquery()
    )
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            PrintJob.code, PrintJob.stock, PrintJob.pieces, PrintJob.printed_at, Person.name, applied.c.back
        )
        .join(Person, col(Person.id) == col(PrintJob.printed_by_id))
        .outerjoin(applied, applied.c.print_job_id == col(PrintJob.id))
        .order_by(col(PrintJob.id).desc())
        .limit(100)
    ).all()
    names = ("code", "stock", "pieces", "printed_at", "by", "back")
    return [dict(zip(names, row, strict=True)) for row in rows]


def job_by_code(db: Session, code: str) -> PrintJob | None:
    """One print job."""
    return db.exec(select(PrintJob).where(PrintJob.code == code)).one_or_none()


def labels_of_job(db: Session, job_id: int) -> list[dict[str, Any]]:
    """The pieces of a job with their units."""
    return _labels(db, col(Label.print_job_id) == job_id)


def labels_of_unit(db: Session, unit_id: int) -> list[dict[str, Any]]:
    """Every piece ever printed for a unit."""
    return _labels(db, col(Label.unit_id) == unit_id)


def _labels(db: Session, where: Any) -> list[dict[str, Any]]:
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            Label.serial,
            Unit.code,
            Label.copy_number,
            Label.state,
            Label.applied_at,
            Label.void_reason,
            Label.reprint_reason,
        )
        .join(Unit, col(Unit.id) == col(Label.unit_id))
        .where(where)
        .order_by(col(Label.id))
    ).all()
    names = ("serial", "unit", "copy_number", "state", "applied_at", "void_reason", "reprint_reason")
    return [dict(zip(names, row, strict=True)) for row in rows]


def printable_units(db: Session, lot_code: str) -> list[dict[str, Any]]:
    """Units of a lot and whether each has, or had, a label, for the print dialog."""
    rows = db.exec(
        select(Unit.id, Unit.code, Unit.kind, Unit.state)
        .join(Lot, col(Lot.id) == col(Unit.lot_id))
        .where(Lot.code == lot_code)
        .order_by(col(Unit.code))
    ).all()
    keys = [row[0] for row in rows if row[0] is not None]
    live, ever = live_labels(db, keys), copies(db, keys)
    return [
        {
            "code": code,
            "kind": kind,
            "state": state,
            "live": unit_id in live,
            "printed": unit_id in ever,
            "open": state not in FATES or state is UnitState.RETAINED,
        }
        for unit_id, code, kind, state in rows
    ]


def file_of(db: Session, job: PrintJob) -> StoredFile:
    """The kept PDF of a print job."""
    return db.exec(select(StoredFile).where(StoredFile.sha256 == job.pdf_sha256)).one()
