"""Donors: register, ask, examine, test, type; what is known is added to, never edited."""

from datetime import date

from sqlmodel import col, func, select

from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.concerns.rules import lacks_reason
from app.donors import events, rules
from app.donors.decisions import decide_eligibility, defer_donor, done, judge_again
from app.donors.forms import (
    ConsentForm,
    HistoryForm,
    IdentityForm,
    MarkerForm,
    ScreeningForm,
    SupersedingForm,
    TypingForm,
    WithdrawalForm,
)
from app.donors.models import (
    Consent,
    ConsentWithdrawal,
    Donor,
    DonorIdentity,
    DonorState,
    DonorTyping,
    MarkerResult,
    Screening,
    Withdrawn,
)
from app.donors.queries import (
    consents_of,
    donor,
    results_of,
    screening_by_code,
    site_day,
    typing_of,
)
from app.donors.rules import Why
from app.evidence.ledger import Subject, record
from app.hla.typing import read_typing
from app.kernel.ids import next_code, next_plain
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.work import Work

__all__ = [
    "complete_history",
    "decide_eligibility",
    "defer_donor",
    "open_screening",
    "read_identity",
    "record_consent",
    "record_marker",
    "record_typing",
    "register_donor",
    "supersede_marker",
    "withdraw_consent",
]


def _subject(someone: Donor) -> Subject:
    return Subject(SubjectKind.DONOR, someone.code)


def _today(work: Work) -> date:
    return site_day(work.db, work.at)


def register_donor(work: Work, *, identity: IdentityForm, code: str | None = None) -> Donor | Refusal:
    """A new donor under a code; the identity goes to a table of its own.

    Refused when the same person (record number, or name and birth date) is already a donor.
    """
    refusal = first(
        rules.day_in_future(say("The date of birth"), identity.born_on, _today(work)),
        None if code is None else rules.bad_code(code),
        None if code is None or donor(work.db, code) is None else rules.code_taken(code),
        rules.known_person() if _is_known(work, identity) else None,
    )
    if refusal is not None:
        return refusal
    someone = Donor(
        code=code or next_plain(work.db, Donor.code, "D", 4),
        state=DonorState.IN_SCREENING,
        registered_at=work.at,
    )
    work.db.add(someone)
    work.db.flush()
    assert someone.id is not None
    work.db.add(DonorIdentity(donor_id=someone.id, **identity.model_dump()))
    record(work, events.REGISTERED, _subject(someone), donor=someone.code)
    return someone


def _is_known(work: Work, identity: IdentityForm) -> bool:
    row = DonorIdentity
    same_record = func.lower(col(row.record_number)) == identity.record_number.lower()
    same_person = (
        (func.lower(col(row.family_name)) == identity.family_name.lower())
        & (func.lower(col(row.given_name)) == identity.given_name.lower())
        & (col(row.born_on) == identity.born_on)
    )
    return work.db.exec(select(row.id).where(same_record | same_person)).first() is not None


def read_identity(work: Work, donor_code: str, why: str) -> DonorIdentity | Refusal:
    """Who the donor is; that somebody asked, and why, is kept, and nothing of the answer."""
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    if refusal := lacks_reason(why):
        return refusal
    identity = work.db.exec(select(DonorIdentity).where(DonorIdentity.donor_id == someone.id)).one()
    record(work, events.IDENTITY_READ, _subject(someone), reason=why.strip(), donor=someone.code)
    return identity


def record_consent(work: Work, donor_code: str, form: ConsentForm) -> Consent | Refusal:
    """A consent that the donor signed."""
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    if refusal := rules.day_in_future(say("The consent's signature"), form.signed_on, _today(work)):
        return refusal
    assert someone.id is not None
    consent = Consent(donor_id=someone.id, recorded_at=work.at, **form.model_dump())
    work.db.add(consent)
    facts = {"form_version": form.form_version, "scope": form.scope, "signed_on": form.signed_on}
    record(work, events.CONSENTED, _subject(someone), reason=None, **facts)
    return consent


def withdraw_consent(work: Work, donor_code: str, form: WithdrawalForm) -> ConsentWithdrawal | Refusal:
    """The donor takes the newest consent back, for research or for everything.

    Taken back for everything, a hold is placed on the donor: it reaches all that descends.
    """
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    assert someone.id is not None
    rows = consents_of(work.db, someone.id)
    standing = next((row for row in rows if row.in_force), None)
    if standing is None:
        return rules.no_consent_to_withdraw(someone.code)
    taken_back = [one.scope for one in standing.withdrawals]
    refusal = first(
        lacks_reason(form.reason),
        rules.day_in_future(say("The withdrawal"), form.withdrawn_on, _today(work)),
        rules.cannot_withdraw(standing.consent, taken_back, form.scope, form.withdrawn_on),
    )
    if refusal is not None:
        return refusal
    assert standing.consent.id is not None
    taken = ConsentWithdrawal(consent_id=standing.consent.id, recorded_at=work.at, **form.model_dump())
    work.db.add(taken)
    facts = {"form_version": standing.consent.form_version, "scope": form.scope, "on": form.withdrawn_on}
    record(work, events.WITHDRAWN, _subject(someone), reason=form.reason, **facts)
    if form.scope is Withdrawn.EVERYTHING:
        why = say("Consent taken back on {withdrawn_on}.", withdrawn_on=form.withdrawn_on)
        done(place_hold(work, SubjectKind.DONOR, someone.code, why))
    return taken


def open_screening(
    work: Work, donor_code: str, form: ScreeningForm, code: str | None = None
) -> Screening | Refusal:
    """A new screening episode of a donor who is not closed."""
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    refusal = first(
        rules.donor_closed(someone.code, someone.state),
        None if code is None else rules.bad_code(code),
        None if code is None or screening_by_code(work.db, code) is None else rules.code_taken(code),
        _history_in_future(work, form),
    )
    if refusal is not None:
        return refusal
    assert someone.id is not None
    screening = Screening(
        code=code or next_code(work.db, Screening.code, "SCR", work.at),
        donor_id=someone.id,
        opened_at=work.at,
        **form.model_dump(),
    )
    work.db.add(screening)
    subject = _subject(someone)
    record(work, events.SCREENING_OPENED, subject, screening=screening.code, tissue=form.tissue)
    _tell_history(work, subject, screening, form)
    return screening


def complete_history(work: Work, screening_code: str, form: HistoryForm) -> Screening | Refusal:
    """Add the interview, the examination or both to the newest screening; what is there stays."""
    screening = screening_by_code(work.db, screening_code)
    if screening is None:
        return rules.no_such(Why.NO_SUCH_SCREENING, "screening", screening_code)
    someone = work.db.get_one(Donor, screening.donor_id)
    refusal = first(
        rules.donor_closed(someone.code, someone.state),
        rules.history_already_there(screening, form.interviewed_on, form.examined_on),
        _history_in_future(work, form),
    )
    if refusal is not None:
        return refusal
    if form.interviewed_on is not None:
        screening.interviewed_on, screening.interview_clear = form.interviewed_on, form.interview_clear
        screening.htlv_risk_area = form.htlv_risk_area
    if form.examined_on is not None:
        screening.examined_on, screening.examination_clear = form.examined_on, form.examination_clear
    _tell_history(work, _subject(someone), screening, form)
    return screening


def _history_in_future(work: Work, form: HistoryForm) -> Refusal | None:
    given = ((say("The interview"), form.interviewed_on), (say("The examination"), form.examined_on))
    return first(*(rules.day_in_future(what, on, _today(work)) for what, on in given if on is not None))


def _tell_history(work: Work, subject: Subject, screening: Screening, form: HistoryForm) -> None:
    for what, on, clear in (
        ("interview", form.interviewed_on, form.interview_clear),
        ("examination", form.examined_on, form.examination_clear),
    ):
        if on is not None:
            outcome = say("no obstacle") if clear else say("an obstacle")
            facts = {"screening": screening.code, "what": what, "on": on, "outcome": outcome}
            record(work, events.HISTORY_RECORDED, subject, reason=None, **facts)


def record_marker(work: Work, screening_code: str, form: MarkerForm) -> MarkerResult | Refusal:
    """A result as the laboratory reported it. After a decision, the donor is judged again at once."""
    found = _screening_for_result(work, screening_code, form)
    if isinstance(found, Refusal):
        return found
    someone, screening = found
    assert screening.id is not None
    result = MarkerResult(
        screening_id=screening.id,
        recorded_at=work.at,
        entered_by_id=work.actor.person_id,
        **form.model_dump(),
    )
    work.db.add(result)
    facts = {
        "screening": screening.code,
        "marker": form.marker,
        "outcome": form.outcome,
        "sampled_on": site_day(work.db, result.sampled_at),
    }
    record(work, events.MARKER_RECORDED, _subject(someone), reason=None, **facts)
    judge_again(work, someone, result)
    return result


def supersede_marker(work: Work, result_id: int, form: SupersedingForm) -> MarkerResult | Refusal:
    """A later report takes a result's place, with a reason; the earlier one stays visible.

    After a decision, the donor is judged again in the same act.
    """
    before = work.db.get(MarkerResult, result_id)
    if before is None:
        return rules.no_such(Why.NO_SUCH_RESULT, say("marker result"), str(result_id))
    screening = work.db.get_one(Screening, before.screening_id)
    found = _screening_for_result(work, screening.code, form)
    if isinstance(found, Refusal):
        return found
    someone, _ = found
    refusal = first(lacks_reason(form.reason), _already_superseded(work, someone, result_id))
    if refusal is not None:
        return refusal
    result = MarkerResult(
        screening_id=before.screening_id,
        marker=before.marker,
        recorded_at=work.at,
        entered_by_id=work.actor.person_id,
        supersedes_id=result_id,
        **form.model_dump(),
    )
    work.db.add(result)
    facts = {
        "screening": screening.code,
        "marker": before.marker,
        "before": before.outcome,
        "outcome": form.outcome,
        "result": result_id,
    }
    record(work, events.MARKER_SUPERSEDED, _subject(someone), reason=form.reason, **facts)
    judge_again(work, someone, result)
    return result


def _screening_for_result(
    work: Work, screening_code: str, form: MarkerForm | SupersedingForm
) -> tuple[Donor, Screening] | Refusal:
    """The screening a result may be entered in. Results of closed donors are kept too: they are facts."""
    screening = screening_by_code(work.db, screening_code)
    if screening is None:
        return rules.no_such(Why.NO_SUCH_SCREENING, "screening", screening_code)
    refusal = first(
        rules.in_future(say("The sample"), form.sampled_at, work.at),
        rules.in_future(say("The result"), form.resulted_at, work.at),
        rules.sample_after_result(form.sampled_at, form.resulted_at),
    )
    return refusal or (work.db.get_one(Donor, screening.donor_id), screening)


def _already_superseded(work: Work, someone: Donor, result_id: int) -> Refusal | None:
    assert someone.id is not None
    rows = results_of(work.db, someone.id)
    gone = any(row.result.id == result_id and row.superseded for row in rows)
    return rules.already_superseded() if gone else None


def record_typing(work: Work, donor_code: str, form: TypingForm) -> DonorTyping | Refusal:
    """The donor's HLA typing; a later one takes the earlier one's place, with a reason."""
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    assert someone.id is not None
    typing = read_typing(form.alleles.split())
    if isinstance(typing, tuple):
        return rules.bad_typing(typing)
    before = typing_of(work.db, someone.id)
    refusal = first(
        rules.day_in_future(say("The typing"), form.typed_on, _today(work)),
        rules.typing_lacks_reason(form.reason) if before else None,
    )
    if refusal is not None:
        return refusal
    kept = DonorTyping(
        donor_id=someone.id,
        alleles=" ".join(str(name) for name in typing.names),
        method=form.method,
        laboratory=form.laboratory,
        typed_on=form.typed_on,
        supersedes_id=before.id if before else None,
        reason=form.reason if before else None,
    )
    work.db.add(kept)
    record(work, events.TYPED, _subject(someone), reason=kept.reason, alleles=kept.alleles)
    return kept
