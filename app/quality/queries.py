"""What quality knows of a lot: its specification, its results against their limits, its decision."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from app.access.models import Person
from app.evidence.models import Signature
from app.evidence.signatures import stands
from app.kernel.tables import known
from app.lots.models import Lot, LotKind, LotState
from app.quality.models import (
    MOST_VERSIONS,
    Decision,
    Flag,
    ReleaseDecision,
    Retest,
    Specification,
    SpecificationState,
    SpecificationTest,
    TestResult,
    Weight,
)
from app.quality.rules import Limit, which_counts

#: What stands for a test without a result.
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A result of the same test that stands beside the one that counts."""

    value: str
    flag: Flag
    resulted_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the release checklist: a test, and the result that counts."""

    test_id: int
    limit: Limit
    method: str
    source: str
    result_id: int | None
    qualifier: str
    value_number: Decimal | None
    value_words: str | None
    flag: Flag | None
    sampled_at: datetime | None
    resulted_at: datetime | None
    entered_by: str | None = None
    #: Results of retests, or what they repeat: kept, shown, and not what counts.
    repeats: tuple[Repeat, ...] = ()

    @property
    def value(self) -> str | None:
        """The value as people read it, or None while the test is pending."""
        if self.result_id is None:
            return None
        return told_value(self.qualifier, self.value_number, self.value_words)

    @property
    def measured(self) -> str | None:
        """The value with its unit."""
        unit = self.limit.unit if self.value_words is None else ""
        return None if self.value is None else f"{self.value} {unit}".strip()

    @property
    def limit_words(self) -> str:
        """The limit as people read it: ``≥ 95 %`` or ``no growth``."""
        return limit_told(self.limit)

    @property
    def state(self) -> str:
        """pass, fail, informative or pending."""
        return self.flag.value if self.flag is not None else PENDING


def limit_told(limit: Limit) -> str:
    """A limit as people read it: ``≥ 95 %`` or ``no growth``."""
    if limit.words is not None:
        return limit.words
    sign = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<", "exactly": "="}
    assert limit.number is not None  # the CHECK one_limit of specification_test
    return f"{sign[limit.comparator.value]} {plain_number(limit.number)} {limit.unit}".strip()


def told_value(qualifier: str, number: Decimal | None, words: str | None) -> str:
    """A result as people read it: ``<0.5`` or ``no growth``."""
    return words if words is not None else f"{qualifier}{plain_number(number or Decimal(0))}"


def plain_number(number: Decimal) -> str:
    """A number without trailing zeros: 98.4, 5, 0.5."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def specification_for(db: Session, lot: Lot) -> Specification | None:
    """The specification in force for the lot's product and tier, or the one it was decided under."""
    decided = release_of(db, known(lot.id))
    if decided is not None:
        return db.get(Specification, decided.specification_id)
    return in_force(db, lot.product, lot.kind)


def in_force(db: Session, product: str, kind: LotKind) -> Specification | None:
    """The version in force for this product and tier."""
    found = select(Specification).where(
        Specification.product == product,
        Specification.lot_kind == kind,
        Specification.state == SpecificationState.IN_FORCE,
    )
    return db.exec(found).one_or_none()


def limit_of(test: SpecificationTest) -> Limit:
    """The limit as the rules judge it."""
    return Limit(
        test.test, test.name, test.comparator, test.limit_number, test.limit_words, test.unit, test.weight,
        test.retest,
    )  # fmt: skip


def checklist(db: Session, lot: Lot) -> list[Line]:
    """Every test of the lot's specification with its standing result, in the specification's order."""
    specification = specification_for(db, lot)
    if specification is None:
        return []
    tests = db.exec(
        select(SpecificationTest)
        .where(SpecificationTest.specification_id == specification.id)
        .order_by(col(SpecificationTest.place))
    ).all()
    results = standing_results(db, known(lot.id))
    names = _names(db, {one.entered_by_id for every in results.values() for one in every})
    return [_line(test, results.get(known(test.id), []), names) for test in tests]


def _names(db: Session, people: set[int]) -> dict[int, str]:
    """Printed names of members of staff, by key."""
    return dict(db.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all())  # type: ignore[arg-type]  # a key read is not None


def _line(test: SpecificationTest, standing: list[TestResult], names: dict[int, str]) -> Line:
    result = counting(standing, test.retest)
    return Line(
        known(test.id),
        limit_of(test),
        test.method,
        test.source,
        result.id if result else None,
        result.qualifier if result else "",
        result.value_number if result else None,
        result.value_words if result else None,
        result.flag if result else None,
        result.sampled_at if result else None,
        result.resulted_at if result else None,
        names.get(result.entered_by_id) if result else None,
        tuple(_repeat(other) for other in standing if other is not result),
    )


def _repeat(result: TestResult) -> Repeat:
    value = told_value(result.qualifier, result.value_number, result.value_words)
    return Repeat(value, result.flag, result.resulted_at, result.reason)


def counting(standing: list[TestResult], rule: Retest) -> TestResult | None:
    """The result of a test that counts, among those that no later one superseded."""
    if not standing:
        return None
    return standing[which_counts([result.flag for result in standing], rule)]


def standing_results(db: Session, lot_id: int) -> dict[int, list[TestResult]]:
    """The results that no later one superseded, by test: the first, then its retests.

    A correction stands in the place of what it corrects, so that it is no later retest.
    """
    found: dict[int, list[TestResult]] = {}
    for result in history_of(db, lot_id):
        standing = found.setdefault(result.specification_test_id, [])
        places = [at for at, other in enumerate(standing) if other.id == result.supersedes_id]
        if places:
            standing[places[0]] = result
        else:
            standing.append(result)
    return found


def history_of(db: Session, lot_id: int) -> list[TestResult]:
    """All results of the lot, superseded ones too, in order of entry."""
    return list(
        db.exec(select(TestResult).where(TestResult.lot_id == lot_id).order_by(col(TestResult.id))).all()
    )


def failing(lines: list[Line]) -> tuple[str, ...]:
    """Names of the release tests that fail."""
    return tuple(line.limit.name for line in lines if line.flag is Flag.FAIL)


def pending(lines: list[Line]) -> tuple[str, ...]:
    """Codes of the release tests without a result."""
    return tuple(
        line.limit.test for line in lines if line.flag is None and line.limit.weight is Weight.RELEASE
    )


def names_of(lines: list[Line], codes: str) -> list[str]:
    """The names of tests kept by code, separated by blanks; a code of an earlier specification stays one."""
    names = {line.limit.test: line.limit.name for line in lines}
    return [names.get(code, code) for code in codes.split()]


def release_of(db: Session, lot_id: int) -> ReleaseDecision | None:
    """The latest decision on the lot."""
    found = (
        select(ReleaseDecision)
        .where(ReleaseDecision.lot_id == lot_id)
        .order_by(col(ReleaseDecision.id).desc())
    )
    return db.exec(found).first()


def decisions_of(db: Session, lot_id: int) -> list[ReleaseDecision]:
    """Every decision on the lot, in the order of signing."""
    found = select(ReleaseDecision).where(ReleaseDecision.lot_id == lot_id)
    return list(db.exec(found.order_by(col(ReleaseDecision.id))).all())


def record_of_release(
    db: Session, lot: Lot, decision: Decision, named_pending: str, reason: str
) -> dict[str, Any]:
    """What the release desk shows and the releaser signs; the same words make the signature void later."""
    specification = specification_for(db, lot)
    return {
        "lot": lot.code,
        "product": lot.product,
        "made_at": lot.made_at,
        "expires_at": lot.expires_at,
        "specification": f"{specification.code} v{specification.version}" if specification else None,
        "results": [
            [line.limit.test, line.limit_words, line.value, line.state, line.result_id]
            for line in checklist(db, lot)
        ],
        "decision": decision,
        "pending": named_pending,
        "reason": reason,
    }


def release_stands(db: Session, lot: Lot) -> bool:
    """Whether the latest decision still is about the lot as it was signed.

    A later result of a test that was pending completes the record, it does not change it: the signature is
    held against the results that were there when it was signed. A test that fails later places a hold.
    """
    decided = release_of(db, known(lot.id))
    if decided is None:
        return False
    signature = db.get_one(Signature, decided.signature_id)
    record = record_of_release(db, lot, decided.decision, decided.pending, decided.reason)
    waited = {row[0] for row in json.loads(signature.record)["results"] if row[3] == PENDING}
    record["results"] = [
        [row[0], row[1], None, PENDING, None] if row[0] in waited else row for row in record["results"]
    ]
    return stands(signature, record)


def open_decisions(lot: Lot, void: bool) -> list[Decision]:
    """What a releaser can decide on the lot now; empty when it waits for nobody."""
    if lot.state is LotState.QUARANTINE:
        return [Decision.RELEASED, Decision.CONDITIONALLY_RELEASED, Decision.REJECTED]
    if lot.state is LotState.CONDITIONALLY_RELEASED:
        again = [Decision.CONDITIONALLY_RELEASED] if void else []
        return [Decision.RELEASED, *again, Decision.REJECTED, Decision.RECALLED]
    if lot.state is LotState.RELEASED:
        return [*([Decision.RELEASED] if void else []), Decision.RECALLED]
    return []


def desk_rows(db: Session) -> list[dict[str, Any]]:
    """Lots that wait for a decision or were decided, newest first, as plain rows."""
    found = select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
        Lot.code, Lot.product, Lot.kind, Lot.state, Lot.made_at, Lot.released_at
    ).where(col(Lot.state) != LotState.IN_PROCESS)
    rows = db.exec(found.order_by(col(Lot.id).desc()).limit(200)).all()
    names = ("code", "product", "kind", "state", "made_at", "released_at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def signer_name(db: Session, signature_id: int) -> str:
    """Printed name of a signature's signer."""
    signature = db.get_one(Signature, signature_id)
    return signature.printed_name


def person_name(db: Session, person_id: int) -> str:
    """Printed name of a member of staff."""
    return db.get_one(Person, person_id).name


def specifications(db: Session) -> list[Specification]:
    """All versions of all specifications, newest version first."""
    found = select(Specification).order_by(col(Specification.code), col(Specification.version).desc())
    return list(db.exec(found).all())


def specification_by(db: Session, code: str, version: int) -> Specification | None:
    """One version of a specification."""
    if version > MOST_VERSIONS:
        return None
    found = select(Specification).where(Specification.code == code, Specification.version == version)
    return db.exec(found).one_or_none()


def tests_of(db: Session, specification: Specification) -> list[Line]:
    """The tests of a specification as checklist lines without results."""
    found = select(SpecificationTest).where(SpecificationTest.specification_id == specification.id)
    return [_line(test, [], {}) for test in db.exec(found.order_by(col(SpecificationTest.place))).all()]


def told_history(db: Session, lot_id: int) -> list[dict[str, Any]]:
    """Every result ever entered, superseded ones struck through on the page, with who and why."""
    every = history_of(db, lot_id)
    former = {result.supersedes_id for result in every}
    return [
        {
            "name": db.get_one(SpecificationTest, result.specification_test_id).name,
            "value": told_value(result.qualifier, result.value_number, result.value_words),
            "flag": result.flag,
            "resulted_at": result.resulted_at,
            "by": person_name(db, result.entered_by_id),
            "superseded": result.id in former,
            "retest": result.retest_of_id is not None,
            "reason": result.reason,
        }
        for result in every
    ]
