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
from app.lots import queries as lots
from app.lots.models import Lot, LotKind, LotState
from app.quality.models import (
    MOST_VERSIONS,
    Decision,
    Flag,
    ReleaseDecision,
    Specification,
    SpecificationState,
    SpecificationTest,
    TestResult,
    Weight,
)
from app.quality.rules import Limit

#: What stands for a test without a result.
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the release checklist."""

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

    @property
    def value(self) -> str | None:
        """The value as people read it, or None while the test is pending."""
        if self.value_words is not None:
            return self.value_words
        if self.value_number is None:
            return None
        return f"{self.qualifier}{plain_number(self.value_number)}"

    @property
    def limit_words(self) -> str:
        """The limit as people read it: ``≥ 95 %`` or ``no growth``."""
        if self.limit.words is not None:
            return self.limit.words
        sign = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<", "exactly": "="}
        assert self.limit.number is not None  # the CHECK one_limit of specification_test
        shown = f"{sign[self.limit.comparator.value]} {plain_number(self.limit.number)} {self.limit.unit}"
        return shown.strip()

    @property
    def state(self) -> str:
        """pass, fail, informative or pending."""
        return self.flag.value if self.flag is not None else PENDING


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
        test.test, test.name, test.comparator, test.limit_number, test.limit_words, test.unit, test.weight
    )


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
    return [_line(test, results.get(known(test.id))) for test in tests]


def _line(test: SpecificationTest, result: TestResult | None) -> Line:
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
    )


def standing_results(db: Session, lot_id: int) -> dict[int, TestResult]:
    """The results that no later one superseded, by test."""
    every = db.exec(select(TestResult).where(TestResult.lot_id == lot_id).order_by(col(TestResult.id))).all()
    former = {result.supersedes_id for result in every}
    return {result.specification_test_id: result for result in every if result.id not in former}


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


def release_of(db: Session, lot_id: int) -> ReleaseDecision | None:
    """The latest decision on the lot."""
    found = (
        select(ReleaseDecision)
        .where(ReleaseDecision.lot_id == lot_id)
        .order_by(col(ReleaseDecision.id).desc())
    )
    return db.exec(found).first()


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
        return [Decision.RELEASED, *again, Decision.REJECTED]
    return [Decision.RELEASED] if void and lot.state is LotState.RELEASED else []


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
    return [_line(test, None) for test in db.exec(found.order_by(col(SpecificationTest.place))).all()]


def told_history(db: Session, lot_id: int) -> list[dict[str, Any]]:
    """Every result ever entered, superseded ones struck through on the page, with who and why."""
    every = history_of(db, lot_id)
    former = {result.supersedes_id for result in every}
    return [
        {
            "name": db.get_one(SpecificationTest, result.specification_test_id).name,
            "value": result.value_words
            or f"{result.qualifier}{plain_number(result.value_number or Decimal(0))}",
            "flag": result.flag,
            "resulted_at": result.resulted_at,
            "by": person_name(db, result.entered_by_id),
            "superseded": result.id in former,
            "reason": result.reason,
        }
        for result in every
    ]


def holds_on_lot(db: Session, lot: Lot) -> tuple[str, ...]:
    """Codes of the holds that reach the lot or any unit of it."""
    return tuple(hold.code for hold in lots.holds_reaching_lot(db, known(lot.id)))
