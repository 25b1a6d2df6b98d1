"""What pages show of visits: everything that stands, everything that stood before, and the tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from app.cytometry.counting import kind_of
from app.cytometry.populations import Followed, populations
from app.followup import standing
from app.followup.analytes import Measure, Value, measures
from app.followup.models import Activity, Item, Measurement, Medication, Timepoint
from app.followup.questions import Findings
from app.followup.sledai import instrument
from app.followup.standing import Seen
from app.followup.story import Story
from app.kernel.speech import listed, say, word
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
    told += [
        former(row, "SLEDAI-2K", listed([str(row.score), item_words(row.present)], ": "))
        for row in activities
    ]
    told += [former(one.row, say("Drugs"), drug_words(one)) for one in drugs]
    return sorted(told, key=lambda one: one.recorded_at)


def item_words(present: str) -> str:
    """Items present in words."""
    return listed([word(Item(one)) for one in present.split()]) if present else say("no item present")


def drug_words(drugs: standing.Drugs) -> str:
    """A list of drugs in words, with its prednisone equivalent."""
    named = [say("{drug} {mg} mg", drug=word(drug), mg=number(mg)) for drug, mg in drugs.doses.items()]
    return say(
        "{listed}; as prednisone {prednisone_mg} mg a day",
        listed=listed(named) if named else say("no drug"),
        prednisone_mg=number(drugs.row.prednisone_mg),
    )


def band_of(seen: Seen) -> str:
    """How active the visit's score is called, under the version that scored it."""
    row = seen.activity
    return "" if row is None else instrument(row.instrument_version).band(row.score)


def others(visits: Iterable[Timepoint], here: Timepoint) -> list[Timepoint]:
    """The recipient's other recorded visits, in order."""
    return [one for one in visits if one is not here]


def columns(told: Story) -> list[Measure]:
    """The analytes that any visit has, in their order."""
    found = {analyte for seen in told.visits.values() for analyte in seen.measured}
    return [measure for analyte, measure in measures().items() if analyte in found]


def counted(told: Story) -> list[tuple[Followed, dict[date, Decimal]]]:
    """Each population that was counted, with its values by the day of the sample."""
    found = []
    for kind, followed in populations().followed.items():
        values = {row.collected_on: row.value for row in told.counts if kind_of(row) == kind}
        if values:
            found.append((followed, values))
    return found
