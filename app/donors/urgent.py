"""An incomplete donor whose cells are needed now: documented, signed, the physician told, and labelled so."""

from datetime import date

from sqlmodel import Session, select

from app.access.models import Person, Role
from app.access.permissions import Permission, allowed
from app.concerns.models import SubjectKind
from app.concerns.rules import lacks_reason, unsigned
from app.donors import events, rules
from app.donors.models import DonorState, EligibilityDecision, UrgentNeed, Verdict
from app.donors.queries import decision_stands, donor, latest_decision, site_day
from app.donors.rules import Why
from app.donors.ruleset import rule_set
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.work import Work


def decision_under_need(db: Session, donor_id: int) -> EligibilityDecision | None:
    """The newest decision, where it says incomplete, stands, and an urgent need was documented for it."""
    decision = latest_decision(db, donor_id)
    if decision is None or decision.decided is not Verdict.INCOMPLETE or need_of(db, decision) is None:
        return None
    return decision if decision_stands(db, decision) else None


def need_of(db: Session, decision: EligibilityDecision) -> UrgentNeed | None:
    """The urgent need documented for this decision."""
    return db.exec(select(UrgentNeed).where(UrgentNeed.decision_id == decision.id)).one_or_none()


def knows_urgent_need(decision: EligibilityDecision) -> bool:
    """Whether the rule set of the decision lets an incomplete donor be used, and says with which words."""
    return any(text.when is Verdict.INCOMPLETE for text in rule_set(decision.rule_set).label_text)


def document_need(
    work: Work, donor_code: str, need: str, physician: str, told_on: date, proof: Proof
) -> UrgentNeed | Refusal:
    """Document why an incomplete donor is needed now; a person of quality signs, a physician was told.

    Source: 21 CFR 1271.60(d)(3) and (4). The determination of the donor is finished afterwards.
    """
    someone = donor(work.db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    decision = latest_decision(work.db, known(someone.id))
    told = work.db.exec(
        select(Person).where(Person.sign_in == physician.strip().lower(), Person.active)
    ).one_or_none()
    refusal = first(
        unsigned(work.actor, proof, Permission.DONOR_DECIDE),
        _not_incomplete(someone.code, someone.state),
        None if decision is not None and knows_urgent_need(decision) else _no_urgent_need(),
        None if decision is None or need_of(work.db, decision) is None else _documented(someone.code),
        _no_physician(physician, told),
        _told_in_future(told_on, site_day(work.db, work.at)),
        lacks_reason(need),
    )
    if refusal is not None:
        return refusal
    assert decision is not None and told is not None
    on = told_on.isoformat()
    shown = {"donor": someone.code, "need": need.strip(), "physician": told.sign_in, "told_on": on}
    subject = Subject(SubjectKind.DONOR, someone.code)
    signature = sign(work, proof, Meaning.DECIDED, subject, shown)
    row = UrgentNeed(
        donor_id=known(someone.id),
        decision_id=known(decision.id),
        need=need.strip(),
        physician_id=known(told.id),
        told_on=told_on,
        documented_at=work.at,
        signature_id=known(signature.id),
    )
    work.db.add(row)
    record(
        work,
        events.URGENT_NEED,
        subject,
        reason=need.strip(),
        donor=someone.code,
        physician=told.sign_in,
        told_on=told_on,
        signature=signature.id,
    )
    return row


def _not_incomplete(code: str, state: DonorState) -> Refusal | None:
    if state is DonorState.INCOMPLETE:
        return None
    return Refusal(
        Why.NOT_INCOMPLETE,
        say("Donor {code} is {state}, not incomplete.", code=code, state=word(state)),
        say("An urgent need is documented for a donor whose determination is not finished."),
    )


def _no_urgent_need() -> Refusal:
    return Refusal(
        Why.NO_URGENT_NEED,
        say("The rule set of this decision knows no use of an incomplete donor."),
        say("Finish the screening, and have the donor decided again."),
    )


def _documented(code: str) -> Refusal:
    return Refusal(
        Why.NEED_DOCUMENTED,
        say("The urgent need for donor {code} is documented already.", code=code),
        say("Read it on the donor's page."),
    )


def _no_physician(typed: str, told: Person | None) -> Refusal | None:
    if told is not None and allowed(Role(told.role), Permission.ORDER_PRESCRIBE):
        return None
    return Refusal(
        Why.NO_PHYSICIAN,
        say("No physician here signs in as {typed}.", typed=typed[:40]),
        say("Name the physician who was told that the determination is not finished."),
    )


def _told_in_future(told_on: date, today: date) -> Refusal | None:
    if told_on <= today:
        return None
    return Refusal(
        Why.TOLD_IN_FUTURE,
        say("{isoformat} lies in the future.", isoformat=told_on.isoformat()),
        say("Tell the physician first, then document it."),
    )
