"""The patient's consent to be treated: recorded as signed, and taken back when the patient says so."""

from app.evidence import files
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.recipients import consent_rules, events, queries, rules
from app.recipients.forms import ConsentForm, ConsentWithdrawalForm
from app.recipients.models import ConsentState, RecipientConsent
from app.recipients.operations import read_identity


def record_consent(
    work: Work, recipient_code: str, form: ConsentForm, sheet: tuple[bytes, str] | None = None
) -> RecipientConsent | Refusal:
    """Record what the patient signed; ``sheet`` is the scanned paper and what it was called.

    The newest signature counts: a consent to a new version of the form takes the former's place.
    """
    recipient = queries.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.unknown(recipient_code)
    refusal = consent_rules.signed_when(form.signed_on, work.at)
    if refusal is not None:
        return refusal
    stored = None if sheet is None else files.keep(work, *sheet)
    consent = RecipientConsent(
        code=next_code(work.db, RecipientConsent.code, "CST", work.at),
        recipient_id=known(recipient.id),
        state=ConsentState.SIGNED,
        form_version=form.form_version,
        scope=form.scope,
        signed_on=form.signed_on,
        kept_at=form.kept_at,
        stored_file_id=None if stored is None else stored.id,
        recorded_at=work.at,
        recorded_by_id=known(work.actor.person_id),
    )
    work.db.add(consent)
    record(
        work,
        events.CONSENTED,
        Subject("recipient", recipient.code),
        consent=consent.code,
        code=recipient.code,
        signed_on=form.signed_on,
        version=form.form_version,
        scope=form.scope.words,
        sheet=say("kept as a file") if stored is not None else say("on paper"),
    )
    return consent


def withdraw_consent(
    work: Work, recipient_code: str, form: ConsentWithdrawalForm
) -> RecipientConsent | Refusal:
    """The patient took the consent back: from now on nothing is issued or given."""
    recipient = queries.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.unknown(recipient_code)
    consent = queries.consent_by_code(work.db, known(recipient.id), form.consent)
    if consent is None:
        return consent_rules.consent_unknown(form.consent)
    refusal = first(
        consent_rules.already_withdrawn(consent),
        consent_rules.withdrawn_when(form.withdrawn_on, consent.signed_on, work.at),
    )
    if refusal is not None:
        return refusal
    consent.withdrawn_on = form.withdrawn_on
    consent.withdrawn_reason = form.withdrawn_reason
    consent.state = ConsentState.WITHDRAWN
    record(
        work,
        events.CONSENT_WITHDRAWN,
        Subject("recipient", recipient.code),
        reason=form.withdrawn_reason,
        consent=consent.code,
        code=recipient.code,
        withdrawn_on=form.withdrawn_on,
    )
    return consent


def read_sheet(work: Work, recipient_code: str, consent_code: str) -> bytes | Refusal:
    """The signed sheet as it was scanned. It bears the name: the reading is kept like any of the identity."""
    recipient = queries.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.unknown(recipient_code)
    consent = queries.consent_by_code(work.db, known(recipient.id), consent_code)
    if consent is None:
        return consent_rules.consent_unknown(consent_code)
    if consent.stored_file_id is None:
        return consent_rules.sheet_missing(consent)
    read = read_identity(work, recipient.code, say("the signed sheet of {code}", code=consent.code))
    if isinstance(read, Refusal):
        return read
    return files.read(work.db, work.db.get_one(StoredFile, consent.stored_file_id))
