"""What stands of a recipient's visits: values, items, drugs and responses that nothing supersedes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session, col, select

from app.followup.analytes import Value
from app.followup.models import (
    Activity,
    Analyte,
    Definition,
    Drug,
    Item,
    Measurement,
    Medication,
    MedicationDose,
    RecipientSex,
    ResponseJudgement,
    Timepoint,
    Visit,
)
from app.followup.renal import egfr
from app.kernel.tables import known
from app.recipients.queries import age_on

M = TypeVar("M", Measurement, Activity, Medication, RecipientSex)


@dataclass(frozen=True, slots=True)
class Drugs:
    """A list of drugs as it stands, in mg a day."""

    row: Medication
    doses: dict[Drug, Decimal]


@dataclass(slots=True)
class Seen:
    """One visit and all that stands of it. ``egfr`` in mL/min per 1.73 m²."""

    visit: Visit
    measured: dict[Analyte, Measurement] = field(default_factory=dict)
    activity: Activity | None = None
    drugs: Drugs | None = None
    egfr: Decimal | None = None
    responses: dict[Definition, ResponseJudgement] = field(default_factory=dict)

    @property
    def values(self) -> dict[Analyte, Value]:
        """The values alone."""
        return {one: Value(row.value, row.below) for one, row in self.measured.items()}

    @property
    def present(self) -> frozenset[Item] | None:
        """The items that were present; None where the instrument was not filled in."""
        return None if self.activity is None else frozenset(Item(w) for w in self.activity.present.split())


def unsuperseded(rows: Iterable[M]) -> list[M]:
    """The rows that no other one supersedes, in their order."""
    every = list(rows)
    former = {row.supersedes_id for row in every}
    return [row for row in every if row.id not in former]


def sex_of(db: Session, recipient_id: int) -> RecipientSex | None:
    """Which curve of the equation counts for the recipient."""
    found = select(RecipientSex).where(RecipientSex.recipient_id == recipient_id)
    return next(iter(unsuperseded(db.exec(found.order_by(col(RecipientSex.id))))), None)


def seen(db: Session, recipient_id: int) -> dict[Timepoint, Seen]:
    """Every recorded visit of a recipient with what stands of it, in the order of the schedule."""
    visits = db.exec(select(Visit).where(Visit.recipient_id == recipient_id)).all()
    by_key = {known(visit.id): Seen(visit) for visit in visits}
    of_these = col(Measurement.visit_id).in_(by_key)
    for row in unsuperseded(db.exec(select(Measurement).where(of_these).order_by(col(Measurement.id)))):
        by_key[row.visit_id].measured[row.analyte] = row
    activities = select(Activity).where(col(Activity.visit_id).in_(by_key)).order_by(col(Activity.id))
    for activity in unsuperseded(db.exec(activities)):
        by_key[activity.visit_id].activity = activity
    _drugs(db, by_key)
    judged = select(ResponseJudgement).where(col(ResponseJudgement.visit_id).in_(by_key))
    for judgement in db.exec(judged.order_by(col(ResponseJudgement.id))):
        by_key[judgement.visit_id].responses[judgement.definition] = judgement
    _filtration(db, recipient_id, by_key.values())
    order = {timepoint: place for place, timepoint in enumerate(Timepoint)}
    return {
        one.visit.timepoint: one for one in sorted(by_key.values(), key=lambda s: order[s.visit.timepoint])
    }


def _drugs(db: Session, by_key: dict[int, Seen]) -> None:
    lists = select(Medication).where(col(Medication.visit_id).in_(by_key)).order_by(col(Medication.id))
    standing = {known(row.id): row for row in unsuperseded(db.exec(lists))}
    doses: dict[int, dict[Drug, Decimal]] = defaultdict(dict)
    lines = select(MedicationDose).where(col(MedicationDose.medication_id).in_(standing))
    for line in db.exec(lines.order_by(col(MedicationDose.id))):
        doses[line.medication_id][line.drug] = line.mg_per_day
    for row_id, row in standing.items():
        by_key[row.visit_id].drugs = Drugs(row, doses[row_id])


def _filtration(db: Session, recipient_id: int, visits: Iterable[Seen]) -> None:
    sex = sex_of(db, recipient_id)
    for one in visits:
        creatinine = one.measured.get(Analyte.CREATININE)
        if sex is None or creatinine is None or creatinine.below:
            continue
        age = age_on(db, recipient_id, one.visit.happened_on)
        one.egfr = egfr(creatinine.value, sex.sex, age, creatinine.computed_under)


def history(db: Session, visit_id: int) -> list[Measurement]:
    """Every value ever entered of a visit, superseded ones too, in order of entry."""
    found = select(Measurement).where(Measurement.visit_id == visit_id)
    return list(db.exec(found.order_by(col(Measurement.id))).all())


def past_activities(db: Session, visit_id: int) -> list[Activity]:
    """Every SLEDAI-2K ever entered of a visit, in order of entry."""
    return list(
        db.exec(select(Activity).where(Activity.visit_id == visit_id).order_by(col(Activity.id))).all()
    )


def past_drugs(db: Session, visit_id: int) -> list[Drugs]:
    """Every list of drugs ever entered of a visit, in order of entry."""
    rows = db.exec(select(Medication).where(Medication.visit_id == visit_id).order_by(col(Medication.id)))
    found = []
    for row in rows.all():
        lines = db.exec(select(MedicationDose).where(MedicationDose.medication_id == row.id))
        found.append(Drugs(row, {line.drug: line.mg_per_day for line in lines}))
    return found
