"""What the page of one visit shows: everything that stands, and everything that stood before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.followup import standing
from app.followup.analytes import Value, measures
from app.followup.models import Activity, Item, Measurement, Medication, Timepoint
from app.followup.questions import Findings
from app.followup.sledai import instrument
from app.followup.standing import Seen
from app.kernel.tables import known
from app.kernel.units import number


@dataclass(frozen=True, slots=True)
class Former:
    """One entry of the visit: what it says, when it was made, and whether and why it was replaced."""

    what: str
    says: str
    recorded_at: datetime
    reason: str
    explanation: str
    is_replaced: bool


def standing_findings(db: Session, recipient_id: int, seen: Seen) -> Findings:
    """What stands of a visit, as somebody would enter it."""
    sex = standing.sex_of(db, recipient_id)
    return Findings(
        seen.values,
        seen.present,
        None if seen.drugs is None else seen.drugs.doses,
        None if sex is None else sex.sex,
    )


def entries(db: Session, seen: Seen) -> list[Former]:
    """Every entry of a visit in order, the replaced ones too."""
    visit_id = known(seen.visit.id)
    values, drugs = standing.history(db, visit_id), standing.past_drugs(db, visit_id)
    activities = standing.past_activities(db, visit_id)
    replaced = {
        kind: {row.supersedes_id for row in rows}
        for kind, rows in (
            (Measurement, values),
            (Activity, activities),
            (Medication, [one.row for one in drugs]),
        )
    }

    def former(row: Measurement | Activity | Medication, what: str, says: str) -> Former:
        gone = row.id in replaced[type(row)]
        return Former(what, says, row.recorded_at, row.reason or "", row.explanation, gone)

    told = [
        former(row, measures()[row.analyte].says, measures()[row.analyte].told(Value(row.value, row.below)))
        for row in values
    ]
    told += [former(row, "SLEDAI-2K", f"{row.score}: {item_words(row.present)}") for row in activities]
    told += [former(one.row, "Drugs", drug_words(one)) for one in drugs]
    return sorted(told, key=lambda one: one.recorded_at)


def item_words(present: str) -> str:
    """Items present in words."""
    return ", ".join(Item(word).value.replace("_", " ") for word in present.split()) or "no item present"


def drug_words(drugs: standing.Drugs) -> str:
    """A list of drugs in words, with its prednisone equivalent."""
    named = [f"{drug.value.replace('_', ' ')} {number(mg)} mg" for drug, mg in drugs.doses.items()]
    listed = ", ".join(named) or "no drug"
    return f"{listed}; as prednisone {number(drugs.row.prednisone_mg)} mg a day"


def band_of(seen: Seen) -> str:
    """How active the visit's score is called, under the version that scored it."""
    row = seen.activity
    return "" if row is None else instrument(row.instrument_version).band(row.score)


def others(visits: Iterable[Timepoint], here: Timepoint) -> list[Timepoint]:
    """The recipient's other recorded visits, in order."""
    return [one for one in visits if one is not here]
