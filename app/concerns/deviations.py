"""Deviations: opened by a person or by a rule, assessed and closed with signatures."""

from typing import Any

from app.access.permissions import Permission
from app.concerns.events import DEVIATION_ASSESSED, DEVIATION_CLOSED, DEVIATION_OPENED
from app.concerns.models import Deviation, DeviationState, Severity, SubjectKind
from app.concerns.queries import deviation_by_code, exists, record_of_deviation
from app.concerns.rules import (
    LONGEST_REASON,
    no_such_deviation,
    no_such_subject,
    not_assessable,
    not_closable,
    not_said,
    opened_it,
    unsigned,
)
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Meaning, Signature
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work


def open_deviation(
    work: Work, kind: SubjectKind, code: str, what: str, severity: Severity, rule: str = ""
) -> Deviation | Refusal:
    """Keep that something went otherwise than planned on this subject.

    ``rule`` names the rule that found it, empty when a person opens it by hand; what a rule says is cut at
    500 characters rather than refused. A critical deviation on a lot or its units blocks the release until
    it is closed.
    """
    told = what[:LONGEST_REASON] if rule else what
    if refusal := not_said("description", told):
        return refusal
    if not exists(work.db, kind, code):
        return no_such_subject(kind, code)
    deviation = Deviation(
        code=next_code(work.db, Deviation.code, "DEV", work.at),
        subject_kind=kind,
        subject_code=code,
        state=DeviationState.OPEN,
        severity=severity,
        what=told.strip(),
        rule=rule,
        opened_at=work.at,
        opened_by_id=work.actor.person_id,
    )
    work.db.add(deviation)
    found_by = say("by the rule {rule}", rule=rule) if rule else say("by hand")
    _tell(work, DEVIATION_OPENED, deviation, severity=severity, rule=found_by)
    return deviation


def assess_deviation(
    work: Work, dev_code: str, impact: str, severity: Severity, proof: Proof
) -> Deviation | Refusal:
    """Say what the deviation means for the product and the people, and how grave it is; signed."""
    deviation = deviation_by_code(work.db, dev_code)
    if deviation is None:
        return no_such_deviation(dev_code)
    refusal = first(
        not_assessable(deviation),
        not_said("impact", impact),
        unsigned(work.actor, proof, Permission.DEVIATION_DECIDE),
    )
    if refusal is not None:
        return refusal
    said: dict[str, Any] = {"impact": impact.strip(), "severity": severity}
    signature = _signed(work, proof, Meaning.REVIEWED, deviation, said)
    change_if(
        work.db,
        Deviation,
        known(deviation.id),
        {"state": DeviationState.OPEN},
        state=DeviationState.ASSESSED,
        assessed_at=work.at,
        assessed_by_id=work.actor.person_id,
        assess_signature_id=signature.id,
        **said,
    )
    _tell(work, DEVIATION_ASSESSED, deviation, impact.strip(), severity=severity, signature=signature.id)
    return deviation


def close_deviation(
    work: Work, dev_code: str, root_cause: str, correction: str, proof: Proof
) -> Deviation | Refusal:
    """Close an assessed deviation with its cause and what was done; signed by another than its opener."""
    deviation = deviation_by_code(work.db, dev_code)
    if deviation is None:
        return no_such_deviation(dev_code)
    refusal = first(
        not_closable(deviation),
        opened_it(deviation, work.actor),
        not_said(say("root cause"), root_cause),
        not_said("correction", correction),
        unsigned(work.actor, proof, Permission.DEVIATION_DECIDE),
    )
    if refusal is not None:
        return refusal
    said: dict[str, Any] = {"root_cause": root_cause.strip(), "correction": correction.strip()}
    signature = _signed(work, proof, Meaning.APPROVED, deviation, said)
    change_if(
        work.db,
        Deviation,
        known(deviation.id),
        {"state": DeviationState.ASSESSED},
        state=DeviationState.CLOSED,
        closed_at=work.at,
        closed_by_id=work.actor.person_id,
        close_signature_id=signature.id,
        **said,
    )
    _tell(work, DEVIATION_CLOSED, deviation, correction.strip(), signature=signature.id)
    return deviation


def _signed(
    work: Work, proof: Proof, meaning: Meaning, deviation: Deviation, said: dict[str, Any]
) -> Signature:
    subject = Subject(deviation.subject_kind, deviation.subject_code)
    return sign(work, proof, meaning, subject, record_of_deviation(deviation) | said)


def _tell(work: Work, kind: EventKind, deviation: Deviation, reason: str = "", **facts: object) -> None:
    """The entry stands under the subject, so that the subject's history shows it."""
    record(
        work,
        kind,
        Subject(deviation.subject_kind, deviation.subject_code),
        reason=reason or deviation.what,
        deviation=deviation.code,
        deviant_kind=deviation.subject_kind,
        deviant=deviation.subject_code,
        **facts,
    )
