"""Visits are recorded, and sera are held against the donors whose cells the recipient has or will get."""

from datetime import date

from app.antibodies import sera
from app.antibodies.operations import call_serum
from app.donors import queries as donors
from app.evidence.ledger import Entry, Subject, record
from app.followup import events, queries, rules
from app.followup.models import Timepoint, Visit
from app.followup.windows import schedule
from app.kernel.refusals import Refusal, first_of
from app.kernel.speech import phrase
from app.kernel.work import Work
from app.recipients import queries as recipients


def record_visit(
    work: Work, recipient_code: str, timepoint: Timepoint, happened_on: date, note: str = ""
) -> Visit | Refusal:
    """Record a visit that took place; its window is computed under the schedule in force."""
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    assert recipient.id is not None
    infused_on = queries.first_infused_on(work.db, recipient.id)
    former = queries.visits_of(work.db, recipient.id).get(timepoint)
    recording = rules.Recording(
        recipient=recipient.code,
        timepoint=timepoint,
        happened_on=happened_on,
        today=donors.site_day(work.db, work.at),
        infused_on=infused_on,
        recorded_on=None if former is None else former.happened_on,
        note=note.strip(),
    )
    return first_of(rules.QUESTIONS, recording) or _recorded(work, recipient.id, recording)


#: How the ledger tells of a visit's window.
PLACES = {True: phrase("in"), False: phrase("outside"), None: phrase("before an infusion sets")}


def within(recording: rules.Recording) -> bool | None:
    """Whether the day lies in the visit's window under the schedule in force; None before any infusion."""
    if recording.infused_on is None:
        return None
    return schedule().window(recording.timepoint, recording.infused_on).holds(recording.happened_on)


def _recorded(work: Work, recipient_id: int, recording: rules.Recording) -> Visit:
    """Keep the visit and tell of it; before an infusion nothing is known of its window."""
    in_window = within(recording)
    visit = Visit(
        recipient_id=recipient_id,
        timepoint=recording.timepoint,
        happened_on=recording.happened_on,
        in_window=in_window,
        window_version=schedule().version,
        note=recording.note,
        recorded_at=work.at,
    )
    work.db.add(visit)
    record(
        work,
        events.VISITED,
        Subject("recipient", recording.recipient),
        timepoint=rules.named(recording.timepoint),
        recipient=recording.recipient,
        happened_on=recording.happened_on,
        place=PLACES[in_window],
        version=visit.window_version,
    )
    return visit


def call_against_donors(work: Work, entry: Entry) -> None:
    """Hold every serum of the recipient an entry tells of against every donor of every unit they received
    or are promised. Follows new bead results, an allocation, and the start of an infusion."""
    recipient = recipients.by_code(work.db, str(entry.facts["recipient"]))
    assert recipient is not None and recipient.id is not None
    _call_all(work, recipient.id)


def call_again_for_recipient(work: Work, entry: Entry) -> None:
    """The recipient's typing changed: every judgement that rested on it is made again."""
    recipient = recipients.by_code(work.db, entry.subject.code)
    assert recipient is not None and recipient.id is not None
    _call_all(work, recipient.id)


def call_again_for_donor(work: Work, entry: Entry) -> None:
    """The donor's typing changed: every judgement against this donor is made again."""
    donor = donors.donor(work.db, entry.subject.code)
    assert donor is not None and donor.id is not None
    for recipient_id in queries.recipients_of_donor(work.db, donor.id):
        _call_all(work, recipient_id)


def _call_all(work: Work, recipient_id: int) -> None:
    donor_ids = queries.promised_donors(work.db, recipient_id).keys()
    for serum in sera.sera_of(work.db, recipient_id):
        assert serum.id is not None
        call_serum(work, serum.id, donor_ids)
