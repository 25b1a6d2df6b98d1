"""Populations of a sample are kept as the laboratory reported them, each with its denominator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from app.cytometry import events, queries, rules
from app.cytometry.counts_table import read_table
from app.cytometry.models import FlowFile, PopulationValue, Source
from app.cytometry.populations import Kind, populations
from app.donors.queries import site_day
from app.evidence.files import keep
from app.evidence.ledger import Subject, record
from app.kernel.refusals import Refusal, first_of
from app.kernel.tables import known
from app.kernel.units import number
from app.kernel.work import Work
from app.recipients import queries as recipients
from app.recipients.models import Recipient


@dataclass(frozen=True, slots=True)
class Sample:
    """Whose cells of which day were counted; ``file`` is the code of the cytometry file, if Hilo has it."""

    recipient: str
    collected_on: date
    file: str = ""
    explanation: str = ""
    reason: str = ""


def record_counts(
    work: Work, sample: Sample, values: Mapping[Kind, Decimal]
) -> list[PopulationValue] | Refusal:
    """Keep values that were typed twice alike; values in place of others need a reason."""
    return _record(work, sample, values, None)


def import_counts(work: Work, sample: Sample, data: bytes, came_as: str) -> list[PopulationValue] | Refusal:
    """Keep the values of the laboratory's table, and the table as it came."""
    values = read_table(data)
    return values if isinstance(values, Refusal) else _record(work, sample, values, (data, came_as))


def _record(
    work: Work, sample: Sample, values: Mapping[Kind, Decimal], table: tuple[bytes, str] | None
) -> list[PopulationValue] | Refusal:
    recipient = recipients.by_code(work.db, sample.recipient)
    if recipient is None:
        return rules.recipient_unknown(sample.recipient)
    standing = standing_counts(work.db, known(recipient.id))
    here = {kind: row for (day, kind), row in standing.items() if day == sample.collected_on}
    new = {kind: value for kind, value in values.items() if kind not in here or here[kind].value != value}
    file = queries.by_code(work.db, sample.file) if sample.file else None
    counted = rules.Counted(
        today=site_day(work.db, work.at),
        recipient=recipient.code,
        collected_on=sample.collected_on,
        values=new,
        replaced=frozenset(new.keys() & here.keys()),
        nearest=_nearest(standing, sample.collected_on),
        file=sample.file,
        file_of=None if file is None else (_owner(work.db, file), file.collected_on),
        explanation=sample.explanation.strip(),
        reason=sample.reason.strip(),
    )
    refusal = first_of(rules.COUNT_QUESTIONS, counted)
    return refusal or _keep(work, recipient, counted, here, file, table)


def _owner(db: Session, file: FlowFile) -> str:
    return db.get_one(Recipient, file.recipient_id).code


def _nearest(
    standing: Mapping[tuple[date, Kind], PopulationValue], day: date
) -> dict[Kind, tuple[date, Decimal]]:
    others = sorted(
        ((when, kind, row.value) for (when, kind), row in standing.items() if when != day),
        key=lambda one: abs((one[0] - day).days),
        reverse=True,
    )
    return {kind: (when, value) for when, kind, value in others}


def _keep(
    work: Work,
    recipient: Recipient,
    counted: rules.Counted,
    here: Mapping[Kind, PopulationValue],
    file: FlowFile | None,
    table: tuple[bytes, str] | None,
) -> list[PopulationValue]:
    stored = None if table is None else keep(work, *table)
    kept = [
        PopulationValue(
            recipient_id=known(recipient.id),
            collected_on=counted.collected_on,
            population=kind.population,
            gate=kind.of,
            statistic=kind.statistic,
            value=value,
            source=Source.TYPED_TWICE if stored is None else Source.FILE,
            flow_file_id=None if file is None else file.id,
            stored_file_id=None if stored is None else stored.id,
            populations_version=populations().version,
            explanation=counted.explanation,
            recorded_at=work.at,
            supersedes_id=here[kind].id if kind in here else None,
            reason=counted.reason if kind in here else None,
        )
        for kind, value in counted.values.items()
    ]
    work.db.add_all(kept)
    record(
        work,
        events.COUNTED,
        Subject("recipient", recipient.code),
        reason=counted.reason or counted.explanation or None,
        recipient=recipient.code,
        collected_on=counted.collected_on,
        source="typed twice" if stored is None else f"from table {stored.sha256}",
        told=", ".join(f"{kind.name} {number(value)}" for kind, value in counted.values.items()),
        version=populations().version,
    )
    return kept


def standing_counts(db: Session, recipient_id: int) -> dict[tuple[date, Kind], PopulationValue]:
    """The values of a recipient that nothing supersedes, by day and kind, oldest sample first."""
    found = select(PopulationValue).where(PopulationValue.recipient_id == recipient_id)
    rows = db.exec(found.order_by(col(PopulationValue.collected_on), col(PopulationValue.id))).all()
    former = {row.supersedes_id for row in rows}
    return {(row.collected_on, kind_of(row)): row for row in rows if row.id not in former}


def kind_of(row: PopulationValue) -> Kind:
    """What a stored value counts."""
    return Kind(row.population, row.gate, row.statistic)


def past_counts(db: Session, recipient_id: int) -> list[PopulationValue]:
    """Every value ever entered, superseded ones too, in order of entry."""
    found = select(PopulationValue).where(PopulationValue.recipient_id == recipient_id)
    return list(db.exec(found.order_by(col(PopulationValue.id))).all())


def files_of(db: Session, rows: list[PopulationValue]) -> dict[int, str]:
    """Codes of the cytometry files that values were counted in, by key."""
    keys = {row.flow_file_id for row in rows} - {None}
    found = db.exec(select(FlowFile).where(col(FlowFile.id).in_(keys))).all()
    return {known(file.id): file.code for file in found}
