"""Cytometry files are kept as they came, tied to a recipient."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date

from app.cytometry import events, fcs, queries, rules
from app.cytometry.models import FlowFile
from app.donors.queries import site_day
from app.evidence.files import keep
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first_of
from app.kernel.speech import say
from app.kernel.work import Work
from app.recipients import queries as recipients
from app.recipients.models import Recipient


@dataclass(frozen=True, slots=True)
class FlowRead:
    """A file whose bytes were read and found in order: made by `read_flow` before the act opens."""

    data: bytes = field(repr=False)
    sha256: str
    file: fcs.FcsFile


def read_flow(data: bytes, today: date) -> FlowRead | Refusal:
    """Read a file, or say why it cannot be taken. It may take a second: never inside a transaction."""
    file = fcs.read(data, today=today)
    if isinstance(file, Refusal):
        return file
    return FlowRead(data, hashlib.sha256(data).hexdigest(), file)


def import_flow(
    work: Work,
    recipient_code: str,
    data: bytes | FlowRead,
    came_as: str,
    collected_on: date,
    panel: str,
    code: str | None = None,
) -> FlowFile | Refusal:
    """Keep a cytometry file of a recipient with its keywords (none that tells of a person) and warnings.

    A page reads the bytes beforehand with `read_flow`; bytes given here are read in the act. A torn or
    mislabelled file is refused in the reader's words, and nothing of it is kept.
    """
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    today = site_day(work.db, work.at)
    taken = data if isinstance(data, FlowRead) else read_flow(data, today)
    if isinstance(taken, Refusal):
        return taken
    kept_as, kept_for = queries.kept_with(work.db, taken.sha256) or ("", "")
    arrival = rules.Arrival(
        today=today,
        recipient=recipient.code,
        panel=panel.strip(),
        collected_on=collected_on,
        kept_as=kept_as,
        kept_for=kept_for,
        code=code or "",
        code_taken=code is not None and queries.by_code(work.db, code) is not None,
    )
    return first_of(rules.QUESTIONS, arrival) or _keep(work, recipient, taken, came_as, arrival)


def _keep(
    work: Work, recipient: Recipient, taken: FlowRead, came_as: str, arrival: rules.Arrival
) -> FlowFile:
    """Keep the bytes and what was read from them, and tell of it."""
    stored = keep(work, taken.data, came_as)
    sets = taken.file.data_sets
    warnings = _warnings(taken.file, arrival.collected_on)
    assert recipient.id is not None and stored.id is not None
    kept = FlowFile(
        code=arrival.code or next_code(work.db, FlowFile.code, "FCM", work.at),
        recipient_id=recipient.id,
        stored_file_id=stored.id,
        collected_on=arrival.collected_on,
        panel=arrival.panel,
        fcs_version=sets[0].version,
        data_sets=len(sets),
        event_count=sum(one.events for one in sets),
        channels=json.dumps(_channels(taken.file)),
        keywords=json.dumps([dict(one.keywords) for one in sets]),
        warnings=json.dumps(warnings),
        imported_at=work.at,
    )
    work.db.add(kept)
    record(
        work,
        events.IMPORTED,
        Subject("recipient", recipient.code),
        file=kept.code,
        recipient=recipient.code,
        version=kept.fcs_version,
        events=kept.event_count,
        data_sets=kept.data_sets,
        warnings=len(warnings),
        sha256=taken.sha256,
    )
    return kept


def _channels(file: fcs.FcsFile) -> list[dict[str, str | int]]:
    return [
        {"data_set": one.number, "number": channel.number, "name": channel.name, "marker": channel.marker}
        for one in file.data_sets
        for channel in one.parameters
    ]


def _warnings(file: fcs.FcsFile, collected_on: date) -> list[dict[str, str]]:
    told = [{"flag": caution.flag.value, "sentence": caution.sentence} for caution in file.warnings]
    for one in file.data_sets:
        measured_on = one.acquired.day
        if measured_on is not None and measured_on < collected_on:
            sentence = say(
                "Data set {number} was measured on {isoformat}, before the sample was collected "
                "on {isoformat2}: check the tube, the day and the cytometer's clock.",
                number=one.number,
                isoformat=measured_on.isoformat(),
                isoformat2=collected_on.isoformat(),
            )
            told.append({"flag": rules.MEASURED_BEFORE_COLLECTED, "sentence": sentence})
    return told
