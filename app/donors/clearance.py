"""Clearance: may this donor give this tissue at this time?"""

from datetime import datetime

from sqlmodel import Session

from app.concerns.models import SubjectKind
from app.concerns.queries import holds_on
from app.donors import giving_rules, rules
from app.donors.models import EligibilityDecision, Screening, Tissue
from app.donors.queries import donor, eligibility, lines_of, standing_consent, standing_decision
from app.donors.rules import Why
from app.donors.urgent import decision_under_need
from app.kernel.refusals import Refusal, first


def may_donate(
    db: Session, donor_code: str, tissue: Tissue, collected_at: datetime
) -> EligibilityDecision | Refusal:
    """The standing signed decision under which the donor gives at ``collected_at``, or why not.

    Asked: eligible (or incomplete with a documented urgent need, where the rule set knows one), consent for
    treatment, no hold, a signature that stands, the tissue that was screened for, and the rule set once more
    for the day of the donation (a sample may have grown too old).
    """
    someone = donor(db, donor_code)
    if someone is None:
        return rules.no_such(Why.NO_SUCH_DONOR, "donor", donor_code)
    assert someone.id is not None
    needed = decision_under_need(db, someone.id)
    held = holds_on(db, [(SubjectKind.DONOR, someone.code)])
    refusal = first(
        giving_rules.not_eligible(someone.code, someone.state, needed is not None),
        None if standing_consent(db, someone.id) else giving_rules.no_consent(someone.code),
        giving_rules.on_hold(someone.code, held[0].code, held[0].why) if held else None,
    )
    if refusal is not None:
        return refusal
    decision = standing_decision(db, someone.id) or needed
    if decision is None:
        return giving_rules.no_decision(someone.code)
    screening = db.get_one(Screening, decision.screening_id)
    judged = eligibility(db, screening, collected_at)
    refusal = first(
        giving_rules.other_tissue(someone.code, screening.tissue, tissue),
        giving_rules.no_longer_eligible(someone.code, lines_of(decision), judged.lines),
    )
    return refusal or decision
