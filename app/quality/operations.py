"""The only writers of quality: adopt a specification, enter and supersede results, decide a lot."""

from decimal import Decimal

from sqlmodel import Session, col, select

from app.access.permissions import Permission
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.concerns.rules import unsigned
from app.evidence.canonical import sha256_of
from app.evidence.checkpoints import make_checkpoint
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Meaning, Occasion
from app.evidence.signatures import Proof, sign
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import queries as lots
from app.lots.models import Lot, LotState, Unit, UnitKind, UnitState
from app.lots.operations import move_unit, set_lot_state
from app.quality import events
from app.quality.forms import ResultForm, SpecificationForm, SupersedeForm
from app.quality.models import (
    Decision,
    Flag,
    ReleaseDecision,
    Specification,
    SpecificationState,
    SpecificationTest,
    TestResult,
    Weight,
)
from app.quality.queries import (
    checklist,
    failing,
    history_of,
    holds_on_lot,
    in_force,
    limit_of,
    pending,
    plain_number,
    record_of_release,
    release_of,
    release_stands,
    specification_by,
    specification_for,
    standing_results,
)
from app.quality.rules import QUESTIONS, Desk, Value, Why, flag_of, outcome_after, read_value, times_in_order


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
        f"{form.code} version {form.version} exists already; a version is never changed.",
        "Give the new limits the next version number.",
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
                source=test.source,
            )
        )


def record_result(work: Work, lot_code: str, form: ResultForm) -> TestResult | Refusal:
    """Enter the first result of a test of a lot; its flag is computed."""
    found = _test_of(work, lot_code, form.test)
    if isinstance(found, Refusal):
        return found
    lot, test = found
    if standing_results(work.db, known(lot.id)).get(known(test.id)) is not None:
        return Refusal(
            Why.ALREADY_RESULTED,
            f"{test.name} of lot {lot.code} has a result; a result is never edited.",
            "Enter a superseding result with its reason.",
        )
    return _enter(work, lot, test, form, None)


def supersede_result(work: Work, lot_code: str, form: SupersedeForm) -> TestResult | Refusal:
    """Enter a result in place of the standing one, with a reason; the lot is judged again."""
    found = _test_of(work, lot_code, form.test)
    if isinstance(found, Refusal):
        return found
    lot, test = found
    former = standing_results(work.db, known(lot.id)).get(known(test.id))
    if former is None:
        return Refusal(
            Why.NO_SUCH_RESULT,
            f"{test.name} of lot {lot.code} has no result to supersede.",
            "Enter it as a first result.",
        )
    return _enter(work, lot, test, form, former)


def _test_of(work: Work, lot_code: str, test_code: str) -> tuple[Lot, SpecificationTest] | Refusal:
    lot = lots.lot_by_code(work.db, lot_code)
    if lot is None:
        return _no_lot(lot_code)
    specification = specification_for(work.db, lot)
    if specification is None:
        return _no_specification(lot)
    test = work.db.exec(
        select(SpecificationTest).where(
            SpecificationTest.specification_id == specification.id, SpecificationTest.test == test_code
        )
    ).one_or_none()
    if test is None:
        return Refusal(
            Why.NO_SUCH_TEST,
            f"{specification.code} version {specification.version} has no test {test_code[:60]}.",
            "Choose a test from the list.",
        )
    return lot, test


def _no_lot(code: str) -> Refusal:
    return Refusal(Why.NO_SUCH_LOT, f"There is no lot {code[:40]}.", "Check the code on the label.")


def _no_specification(lot: Lot) -> Refusal:
    return Refusal(
        Why.NO_SPECIFICATION, f"No specification is in force for {lot.product}.", "Quality adopts one first."
    )


def _enter(
    work: Work, lot: Lot, test: SpecificationTest, form: ResultForm, former: TestResult | None
) -> TestResult | Refusal:
    limit = limit_of(test)
    value = read_value(form.value, limit)
    if isinstance(value, Refusal):
        return value
    wrong = times_in_order(form.sampled_at, form.resulted_at, work.at)
    if wrong is not None:
        return wrong
    reason = form.reason if isinstance(form, SupersedeForm) else None
    result = TestResult(
        lot_id=known(lot.id),
        specification_test_id=known(test.id),
        qualifier=value.qualifier,
        value_number=value.number,
        value_words=value.words,
        flag=flag_of(value, limit),
        sampled_at=form.sampled_at,
        resulted_at=form.resulted_at,
        entered_by_id=known(work.actor.person_id),
        supersedes_id=former.id if former else None,
        reason=reason,
    )
    work.db.add(result)
    work.db.flush()
    _tell(work, lot, test, result, value, former, reason)
    _judge_again(work, lot, test, result)
    return result


def _tell(
    work: Work,
    lot: Lot,
    test: SpecificationTest,
    result: TestResult,
    value: Value,
    former: TestResult | None,
    reason: str | None,
) -> None:
    subject = Subject("lot", lot.code)
    shown = f"{value} {test.unit}".strip()
    if former is None:
        record(work, events.RESULTED, subject, lot=lot.code, test=test.test, value=shown, flag=result.flag)
        return
    was = former.value_words or f"{former.qualifier}{plain_number(former.value_number or Decimal(0))}"
    record(
        work,
        events.SUPERSEDED,
        subject,
        reason=reason,
        lot=lot.code,
        test=test.test,
        value=shown,
        flag=result.flag,
        former=was,
    )


def _judge_again(work: Work, lot: Lot, test: SpecificationTest, result: TestResult) -> None:
    """A result after the decision is judged at once: a failing lot is held, so the bedside stops."""
    decided = lot.state in (LotState.RELEASED, LotState.CONDITIONALLY_RELEASED)
    if not decided or test.weight is Weight.INFORMATIVE:
        return
    outcome = outcome_after([result.flag])
    if result.flag is Flag.FAIL:
        held = place_hold(work, SubjectKind.LOT, lot.code, f"{test.name} failed after release")
        assert not isinstance(held, Refusal), held
    record(work, events.JUDGED_AGAIN, Subject("lot", lot.code), lot=lot.code, test=test.test, outcome=outcome)


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
    """Release, conditionally release or reject a lot, signed by somebody who took no part in making it.

    ``shown`` is the SHA-256 of the record the page showed; when the lot changed since, nothing is signed.
    """
    lot = lots.lot_by_code(work.db, lot_code)
    if lot is None:
        return _no_lot(lot_code)
    specification = specification_for(work.db, lot)
    if specification is None:
        return _no_specification(lot)
    if shown and shown != sha256_of(record_of_release(work.db, lot, Decision.RELEASED, "", "")):
        return Refusal(
            Why.RECORD_CHANGED,
            f"Lot {lot.code} changed while you were reading it.",
            "Read the lot again, then sign what you see.",
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
}


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
    columns = {} if decision is Decision.REJECTED or lot.released_at else {"released_at": work.at}
    new = _STATE[decision]
    if old is not new and not set_lot_state(work, known(lot.id), old, new, **columns):
        return Refusal(
            Why.RECORD_CHANGED,
            f"Lot {lot.code} was decided by somebody else just now.",
            "Open the lot again.",
        )
    meaning = Meaning.REJECTED if decision is Decision.REJECTED else Meaning.CERTIFIED
    signature = sign(work, proof, meaning, subject, shown)
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
    if decision is not Decision.REJECTED:
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
    }
    facts = {
        "lot": lot.code,
        "specification": f"{specification.code} v{specification.version}",
        "signer": proof.printed_name,
    }
    if decided.decision is Decision.CONDITIONALLY_RELEASED:
        facts["pending"] = decided.pending
    record(work, kinds[decided.decision], Subject("lot", lot.code), reason=decided.reason or None, **facts)
