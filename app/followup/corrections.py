"""The day of a visit is corrected: the former one stays readable, and responses are judged again."""

from datetime import date

from sqlmodel import Session, col, select

from app.access.models import Person
from app.donors.queries import site_day
from app.evidence.ledger import Subject, record
from app.followup import events, queries, questions, rules
from app.followup.findings import judge_again
from app.followup.models import Timepoint, Visit, VisitDate
from app.followup.operations import PLACES, within
from app.followup.windows import schedule
from app.kernel.db import change_if
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.tables import known
from app.kernel.work import Work
from app.recipients import queries as recipients


def move_visit(
    work: Work, recipient_code: str, timepoint: Timepoint, happened_on: date, reason: str
) -> Visit | Refusal:
    """Correct the day on which a visit took place, with a reason; its window is judged anew."""
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    visit = queries.visits_of(work.db, known(recipient.id)).get(timepoint)
    if visit is None:
        return questions.visit_unknown(recipient_code, timepoint)
    if work.actor.person_id is None:
        return rules.no_person()
    recording = rules.Recording(
        recipient=recipient.code,
        timepoint=timepoint,
        happened_on=happened_on,
        today=site_day(work.db, work.at),
        infused_on=queries.first_infused_on(work.db, known(recipient.id)),
        recorded_on=visit.happened_on,
        note="",
    )
    refusal = first(rules.same_day(recording), first_of(rules.DAYS, recording), rules.reason_needed(reason))
    if refusal is not None:
        return refusal
    _moved(work, visit, recording, reason.strip(), work.actor.person_id)
    judge_again(work, recipient)
    return visit


def _moved(work: Work, visit: Visit, recording: rules.Recording, reason: str, person_id: int) -> None:
    was, in_window, version = visit.happened_on, within(recording), schedule().version
    work.db.add(
        VisitDate(
            visit_id=known(visit.id),
            was=was,
            became=recording.happened_on,
            reason=reason,
            corrected_at=work.at,
            corrected_by_id=person_id,
        )
    )
    won = change_if(
        work.db, Visit, known(visit.id), {"happened_on": was},
        happened_on=recording.happened_on, in_window=in_window, window_version=version,
    )  # fmt: skip
    assert won  # its day was read in this same act, and acts take turns
    record(
        work,
        events.MOVED,
        Subject("recipient", recording.recipient),
        reason=reason,
        timepoint=rules.named(recording.timepoint),
        recipient=recording.recipient,
        was=was,
        became=recording.happened_on,
        place=PLACES[in_window],
        version=version,
    )


def former_days(db: Session, visit: Visit) -> list[tuple[VisitDate, str]]:
    """The days a visit was thought to have had, the latest correction first, each with who corrected it."""
    found = (
        select(VisitDate, Person.name)
        .join(Person, col(Person.id) == col(VisitDate.corrected_by_id))
        .where(VisitDate.visit_id == visit.id)
    )
    return [(row, name) for row, name in db.exec(found.order_by(col(VisitDate.id).desc())).all()]
