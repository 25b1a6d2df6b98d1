"""Quality decides: adopt a specification, release a lot, reject it, call it back."""

from sqlmodel import Session, col, select

from app.access.permissions import Permission
from app.concerns.rules import unsigned
from app.evidence.canonical import sha256_of
from app.evidence.checkpoints import make_checkpoint
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Meaning, Occasion
from app.evidence.signatures import Proof, sign
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import queries as lots
from app.lots.models import Lot, LotState, Unit, UnitKind, UnitState
from app.lots.operations import move_unit, set_lot_state
from app.quality import events
from app.quality.concerned import critical_on_lot, holds_on_lot
from app.quality.forms import SpecificationForm
from app.quality.models import (
    Decision,
    ReleaseDecision,
    Specification,
    SpecificationState,
    SpecificationTest,
)
from app.quality.queries import (
    checklist,
    failing,
    history_of,
    in_force,
    pending,
    record_of_release,
    release_of,
    release_stands,
    specification_by,
    specification_for,
)
from app.quality.rules import AGAINST, QUESTIONS, Desk, Why, no_lot, no_specification


def adopt_specification(work: Work, form: SpecificationForm, proof: Proof) -> Specification | Refusal:
    """Put a version of a specification in force; the former version is replaced, and kept."""
    refusal = first(unsigned(work.actor, proof, Permission.SPECIFICATION_WRITE), _version_free(work.db, form))
    if refusal is not None:
        return refusal
    former = in_force(work.db, form.product, form.lot_kind)
    subject = Subject("specification", f"{form.code} v{form.version}")
    signature = sign(work, proof, Meaning.APPROVED, subject, form.model_dump())
    if former is not None:
        former.state = SpecificationState.REPLACED
    specification = Specification(
        code=form.code,
        version=form.version,
        product=form.product,
        lot_kind=form.lot_kind,
        state=SpecificationState.IN_FORCE,
        adopted_at=work.at,
        signature_id=known(signature.id),
    )
    work.db.add(specification)
    work.db.flush()
    _add_tests(work.db, specification, form)
    record(work, events.ADOPTED, subject, code=form.code, version=form.version, tests=len(form.tests))
    return specification


def _version_free(db: Session, form: SpecificationForm) -> Refusal | None:
    if specification_by(db, form.code, form.version) is None:
        return None
    return Refusal(
        Why.VERSION_TAKEN,
        say(
            "{code} version {version} exists already; a version is never changed.",
            code=form.code,
            version=form.version,
        ),
        say("Give the new limits the next version number."),
    )


def _add_tests(db: Session, specification: Specification, form: SpecificationForm) -> None:
    for place, test in enumerate(form.tests, start=1):
        db.add(
            SpecificationTest(
                specification_id=known(specification.id),
                place=place,
                test=test.test,
                name=test.name,
                comparator=test.comparator,
                limit_number=test.limit,
                limit_words=test.limit_words,
                unit=test.unit,
                method=test.method,
                weight=test.weight,
                retest=test.retest,
                severity=test.severity,
                source=test.source,
            )
        )


def decide_release(
    work: Work,
    lot_code: str,
    decision: Decision,
    named_pending: tuple[str, ...],
    reason: str,
    proof: Proof,
    *,
    shown: str = "",
) -> ReleaseDecision | Refusal:
    """Release, conditionally release, reject or recall a lot, signed by somebody who took no part in it.

    ``shown`` is the SHA-256 of the record the page showed; when the lot changed since, nothing is signed.
    """
    lot = lots.lot_by_code(work.db, lot_code)
    if lot is None:
        return no_lot(lot_code)
    specification = specification_for(work.db, lot)
    if specification is None:
        return no_specification(lot.product)
    if shown and shown != sha256_of(record_of_release(work.db, lot, Decision.RELEASED, "", "")):
        return Refusal(
            Why.RECORD_CHANGED,
            say("Lot {code} changed while you were reading it.", code=lot.code),
            say("Read the lot again, then sign what you see."),
        )
    refusal = unsigned(work.actor, proof, Permission.RELEASE) or first_of(
        QUESTIONS, _desk(work, lot, decision, named_pending, reason, proof)
    )
    if refusal is not None:
        return refusal
    return _decide(work, lot, specification, decision, " ".join(sorted(named_pending)), reason, proof)


def _desk(
    work: Work, lot: Lot, decision: Decision, named_pending: tuple[str, ...], reason: str, proof: Proof
) -> Desk:
    lines = checklist(work.db, lot)
    key = known(lot.id)
    testers = {result.entered_by_id for result in history_of(work.db, key)}
    return Desk(
        lot=lot.code,
        state=lot.state,
        decision=decision,
        failing=failing(lines),
        pending=pending(lines),
        named_pending=named_pending,
        holds=holds_on_lot(work.db, lot),
        critical=critical_on_lot(work.db, lot),
        makers=frozenset(lots.makers_of_lot(work.db, key) | testers),
        signer=proof.person_id,
        reason=reason,
        has_expiry=lot.expires_at is not None,
        void=release_of(work.db, key) is not None and not release_stands(work.db, lot),
    )


_STATE = {
    Decision.RELEASED: LotState.RELEASED,
    Decision.CONDITIONALLY_RELEASED: LotState.CONDITIONALLY_RELEASED,
    Decision.REJECTED: LotState.REJECTED,
    Decision.RECALLED: LotState.RECALLED,
}
_MEANING = {Decision.REJECTED: Meaning.REJECTED, Decision.RECALLED: Meaning.DECIDED}


def _decide(
    work: Work,
    lot: Lot,
    specification: Specification,
    decision: Decision,
    named_pending: str,
    reason: str,
    proof: Proof,
) -> ReleaseDecision | Refusal:
    subject = Subject("lot", lot.code)
    shown = record_of_release(work.db, lot, decision, named_pending, reason)
    old = lot.state
    columns = {} if decision in AGAINST or lot.released_at else {"released_at": work.at}
    new = _STATE[decision]
    if old is not new and not set_lot_state(work, known(lot.id), old, new, **columns):
        return Refusal(
            Why.RECORD_CHANGED,
            say("Lot {code} was decided by somebody else just now.", code=lot.code),
            say("Open the lot again."),
        )
    signature = sign(work, proof, _MEANING.get(decision, Meaning.CERTIFIED), subject, shown)
    decided = ReleaseDecision(
        lot_id=known(lot.id),
        specification_id=known(specification.id),
        decision=decision,
        pending=named_pending,
        reason=reason,
        decided_at=work.at,
        signature_id=known(signature.id),
    )
    work.db.add(decided)
    if decision not in AGAINST:
        _make_available(work, lot)
    _tell_decision(work, lot, specification, decided, proof)
    make_checkpoint(work, Occasion.RELEASE)
    return decided


def _make_available(work: Work, lot: Lot) -> None:
    """Containers for patients leave quarantine with their lot."""
    waiting = select(Unit).where(
        Unit.lot_id == lot.id,
        col(Unit.kind).in_((UnitKind.BAG, UnitKind.VIAL)),
        Unit.state == UnitState.IN_QUARANTINE,
    )
    for unit in work.db.exec(waiting.order_by(col(Unit.id))).all():
        move_unit(work, known(unit.id), UnitState.IN_QUARANTINE, UnitState.AVAILABLE)


def _tell_decision(
    work: Work, lot: Lot, specification: Specification, decided: ReleaseDecision, proof: Proof
) -> None:
    kinds: dict[Decision, EventKind] = {
        Decision.RELEASED: events.RELEASED,
        Decision.CONDITIONALLY_RELEASED: events.CONDITIONALLY_RELEASED,
        Decision.REJECTED: events.REJECTED,
        Decision.RECALLED: events.RECALLED,
    }
    facts = {
        "lot": lot.code,
        "specification": f"{specification.code} v{specification.version}",
        "signer": proof.printed_name,
    }
    if decided.decision is Decision.CONDITIONALLY_RELEASED:
        facts["pending"] = decided.pending
    record(work, kinds[decided.decision], Subject("lot", lot.code), reason=decided.reason or None, **facts)
