"""Holds: place a stop on anything, and lift it with a reason and a signature."""

from app.access.permissions import Permission
from app.concerns.events import HOLD_LIFTED, HOLD_PLACED
from app.concerns.models import Ends, Hold, HoldState, SubjectKind
from app.concerns.queries import exists, hold_by_code, record_of_hold
from app.concerns.rules import lacks_reason, no_such_hold, no_such_subject, not_liftable, unsigned
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.work import Work


def place_hold(
    work: Work, kind: SubjectKind, code: str, why: str, ends: Ends = Ends.BY_HAND
) -> Hold | Refusal:
    """Stop this subject and everything that descends from it, from now on.

    A second hold on a held subject is a stop of its own. ``ends`` names what may end it.
    """
    if refusal := lacks_reason(why):
        return refusal
    if not exists(work.db, kind, code):
        return no_such_subject(kind, code)
    hold = Hold(
        code=next_code(work.db, Hold.code, "HLD", work.at),
        subject_kind=kind,
        subject_code=code,
        state=HoldState.IN_FORCE,
        ends=ends,
        why=why.strip(),
        placed_at=work.at,
        placed_by_id=work.actor.person_id,
    )
    work.db.add(hold)
    record(work, HOLD_PLACED, Subject(kind, code), reason=hold.why, hold=hold.code, held_kind=kind, held=code)
    return hold


def lift_hold(
    work: Work, hold_code: str, reason: str, proof: Proof, by: Ends = Ends.BY_HAND
) -> Hold | Refusal:
    """End a hold, with a reason, signed by somebody who may lift holds.

    ``by`` is what ends it: a hold that waits for a risk assessment is lifted by that decision alone.
    """
    hold = hold_by_code(work.db, hold_code)
    if hold is None:
        return no_such_hold(hold_code)
    permission = Permission.DONOR_DECIDE if by is Ends.BY_RISK_ASSESSMENT else Permission.HOLD_LIFT
    refusal = first(not_liftable(hold, by), lacks_reason(reason), unsigned(work.actor, proof, permission))
    if refusal is not None:
        return refusal
    subject = Subject(hold.subject_kind, hold.subject_code)
    shown = {**record_of_hold(hold), "lift_reason": reason.strip()}
    signature = sign(work, proof, Meaning.APPROVED, subject, shown)
    assert hold.id is not None
    change_if(
        work.db,
        Hold,
        hold.id,
        {"state": HoldState.IN_FORCE},
        state=HoldState.LIFTED,
        lifted_at=work.at,
        lifted_by_id=work.actor.person_id,
        lift_reason=reason.strip(),
        lift_signature_id=signature.id,
    )
    record(
        work,
        HOLD_LIFTED,
        subject,
        reason=reason.strip(),
        hold=hold.code,
        held_kind=hold.subject_kind,
        held=hold.subject_code,
        signature=signature.id,
    )
    return hold
