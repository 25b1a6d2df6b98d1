"""Results: entered, corrected, repeated; each is judged at once, and what fails is a deviation."""

from collections.abc import Callable
from typing import Any

from sqlmodel import select

from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.concerns.operations import place_hold
from app.evidence.ledger import Subject, record
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import queries as lots
from app.lots.models import Lot, LotState
from app.quality import events
from app.quality.forms import Entry, ResultForm, RetestForm, SupersedeForm
from app.quality.models import Flag, Retest, Specification, SpecificationTest, TestResult, Weight
from app.quality.queries import (
    counting,
    limit_of,
    limit_told,
    specification_for,
    standing_results,
    told_value,
)
from app.quality.rules import (
    Value,
    Why,
    flag_of,
    no_lot,
    no_specification,
    outcome_after,
    read_value,
    times_in_order,
)

#: States in which a lot may be in use: what fails now stops it at once.
IN_USE = frozenset({LotState.RELEASED, LotState.CONDITIONALLY_RELEASED})


def record_result(work: Work, lot_code: str, form: ResultForm) -> TestResult | Refusal:
    """Enter the first result of a test of a lot; its flag is computed."""
    found = _test_of(work, lot_code, form.test)
    if isinstance(found, Refusal):
        return found
    lot, test = found
    if _standing(work, lot, test):
        return Refusal(
            Why.ALREADY_RESULTED,
            say(
                "{name} of lot {code} has a result; a result is never edited.", name=test.name, code=lot.code
            ),
            say("Enter a correction or a retest, with its reason."),
        )
    return _enter(work, lot, test, form)


def supersede_result(work: Work, lot_code: str, form: SupersedeForm) -> TestResult | Refusal:
    """Correct a result: a new one takes the place of the one that counts, with a reason; both are kept."""
    found = _test_of(work, lot_code, form.test)
    if isinstance(found, Refusal):
        return found
    lot, test = found
    former = counting(_standing(work, lot, test), test.retest)
    if former is None:
        return _nothing_yet(lot, test, say("to correct"))
    return _enter(work, lot, test, form, corrects=former)


def retest(work: Work, lot_code: str, form: RetestForm) -> TestResult | Refusal:
    """Enter the result of a test done again, with a reason; the former stays, the specification says which
    counts."""
    found = _test_of(work, lot_code, form.test)
    if isinstance(found, Refusal):
        return found
    lot, test = found
    standing = _standing(work, lot, test)
    if not standing:
        return _nothing_yet(lot, test, say("to repeat"))
    if test.retest is Retest.NONE:
        return Refusal(
            Why.NO_RETEST,
            say("{name} is not done again: its specification allows no retest.", name=test.name),
            say("If the laboratory made an error, enter a correction that says which."),
        )
    return _enter(work, lot, test, form, repeats=standing[0])


def _test_of(work: Work, lot_code: str, test_code: str) -> tuple[Lot, SpecificationTest] | Refusal:
    lot = lots.lot_by_code(work.db, lot_code)
    if lot is None:
        return no_lot(lot_code)
    specification = specification_for(work.db, lot)
    if specification is None:
        return no_specification(lot.product)
    test = work.db.exec(
        select(SpecificationTest).where(
            SpecificationTest.specification_id == specification.id, SpecificationTest.test == test_code
        )
    ).one_or_none()
    if test is None:
        return Refusal(
            Why.NO_SUCH_TEST,
            say(
                "{code} version {version} has no test {test_code}.",
                code=specification.code,
                version=specification.version,
                test_code=test_code[:60],
            ),
            say("Choose a test from the list."),
        )
    return lot, test


def _standing(work: Work, lot: Lot, test: SpecificationTest) -> list[TestResult]:
    return standing_results(work.db, known(lot.id)).get(known(test.id), [])


def _nothing_yet(lot: Lot, test: SpecificationTest, to_do: str) -> Refusal:
    return Refusal(
        Why.NO_SUCH_RESULT,
        say("{name} of lot {code} has no result {to_do}.", name=test.name, code=lot.code, to_do=to_do),
        say("Enter a first result."),
    )


def _enter(
    work: Work,
    lot: Lot,
    test: SpecificationTest,
    form: ResultForm,
    *,
    corrects: TestResult | None = None,
    repeats: TestResult | None = None,
) -> TestResult | Refusal:
    limit = limit_of(test)
    value = read_value(form.value, limit)
    if isinstance(value, Refusal):
        return value
    wrong = times_in_order(form.sampled_at, form.resulted_at, work.at)
    if wrong is not None:
        return wrong
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
        supersedes_id=corrects.id if corrects else None,
        retest_of_id=repeats.id if repeats else None,
        reason=form.reason if isinstance(form, SupersedeForm) else None,
    )
    work.db.add(result)
    work.db.flush()
    _tell(work, lot, test, result, value, corrects)
    _judge(work, lot, test, result, value)
    return result


def _tell(
    work: Work,
    lot: Lot,
    test: SpecificationTest,
    result: TestResult,
    value: Value,
    corrects: TestResult | None,
) -> None:
    subject = Subject("lot", lot.code)
    facts = {"lot": lot.code, "test": test.test, "value": _with_unit(value, test), "flag": result.flag}
    if corrects is not None:
        was = told_value(corrects.qualifier, corrects.value_number, corrects.value_words)
        record(work, events.SUPERSEDED, subject, reason=result.reason, **facts, former=was)
    elif result.retest_of_id is not None:
        record(work, events.RETESTED, subject, reason=result.reason, **facts, rule=test.retest)
    else:
        record(work, events.RESULTED, subject, **facts)


def _with_unit(value: Value, test: SpecificationTest) -> str:
    return str(value) if value.words is not None else f"{value} {test.unit}".strip()


def _judge(work: Work, lot: Lot, test: SpecificationTest, result: TestResult, value: Value) -> None:
    """What fails is a deviation; on a lot in use a critical one, with a hold, so that the bedside stops."""
    in_use = lot.state in IN_USE
    if result.flag is Flag.FAIL:
        _deviation(work, lot, test, value, Severity.CRITICAL if in_use else test.severity)
        if in_use:
            held = place_hold(
                work, SubjectKind.LOT, lot.code, say("{name} failed after release", name=test.name)
            )
            assert not isinstance(held, Refusal), held
    if in_use and test.weight is not Weight.INFORMATIVE:
        counts = counting(_standing(work, lot, test), test.retest)
        outcome = outcome_after([counts.flag] if counts else [])
        record(
            work, events.JUDGED_AGAIN, Subject("lot", lot.code), lot=lot.code, test=test.test, outcome=outcome
        )


def _deviation(work: Work, lot: Lot, test: SpecificationTest, value: Value, severity: Severity) -> None:
    specification = work.db.get_one(Specification, test.specification_id)
    opened = open_deviation(
        work,
        SubjectKind.LOT,
        lot.code,
        say(
            "{name}: {value}, out of the limit {test}",
            name=test.name,
            value=_with_unit(value, test),
            test=limit_told(limit_of(test)),
        ),
        severity,
        rule=f"{specification.code} v{specification.version}",
    )
    assert not isinstance(opened, Refusal), opened


#: The operation that enters each sort of result.
ENTER: dict[Entry, Callable[[Work, str, Any], TestResult | Refusal]] = {
    Entry.FIRST: record_result,
    Entry.CORRECTION: supersede_result,
    Entry.RETEST: retest,
}
