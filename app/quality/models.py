"""Specifications as versioned data, results with computed flags, and the signed release."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.concerns.models import Severity
from app.kernel.tables import Row, check, choice, fixed, key, moment, points
from app.lots.models import LotKind

#: The highest version a specification can have.
MOST_VERSIONS = 999


class SpecificationState(StrEnum):
    """A version of a specification is in force until the next one replaces it."""

    IN_FORCE = "in_force"
    REPLACED = "replaced"


SPECIFICATION_MOVES: dict[SpecificationState, frozenset[SpecificationState]] = {
    SpecificationState.IN_FORCE: frozenset({SpecificationState.REPLACED}),
    SpecificationState.REPLACED: frozenset(),
}


class Specification(Row, table=True):
    """One version of the list of tests a product must pass."""

    __table_args__ = (UniqueConstraint("code", "version"),)
    frozen: ClassVar[tuple[str, ...]] = ("code", "version", "lot_kind", "product")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", SPECIFICATION_MOVES)

    id: int | None = key()
    code: str = Field(max_length=30)
    version: int
    product: str = Field(max_length=120)
    lot_kind: LotKind = choice(LotKind)
    state: SpecificationState = choice(SpecificationState)
    adopted_at: datetime = moment()
    signature_id: int = points("signature")


class Comparator(StrEnum):
    """How a result is held against its limit."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    EXACTLY = "exactly"


class Weight(StrEnum):
    """Whether failing this test stops the lot."""

    RELEASE = "release"
    INFORMATIVE = "informative"


class Retest(StrEnum):
    """Which result counts when a test was done again; all are kept, and none is ever averaged away."""

    #: The test is not repeated: its result stands unless it is corrected with a reason.
    NONE = "none"
    #: One failing result is a failing test, whatever the others say.
    WORST = "worst"
    #: The latest result counts.
    LATEST = "latest"


class SpecificationTest(Row, table=True):
    """One test of a specification: its limit, unit, method, source, and what an excess means."""

    __table_args__ = (
        UniqueConstraint("specification_id", "test"),
        check("one_limit", "(limit_number IS NULL) <> (limit_words IS NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    specification_id: int = points("specification")
    place: int
    test: str = Field(max_length=60)
    name: str = Field(max_length=120)
    comparator: Comparator = choice(Comparator)
    limit_number: Decimal | None = fixed(4, nullable=True)
    limit_words: str | None = Field(default=None, max_length=80)
    unit: str = Field(default="", max_length=20)
    method: str = Field(max_length=120)
    weight: Weight = choice(Weight)
    retest: Retest = choice(Retest)
    #: How grave the deviation is that a failing result opens before the lot is decided.
    severity: Severity = choice(Severity)
    source: str = Field(default="", max_length=200)


class Flag(StrEnum):
    """What a result means against its limit; computed, never typed."""

    PASS = "pass"
    FAIL = "fail"
    INFORMATIVE = "informative"


class TestResult(Row, table=True):
    """One result of one test of one lot; never edited, but superseded or repeated with a reason."""

    __test__: ClassVar[bool] = False
    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        check("one_value", "(value_number IS NULL) <> (value_words IS NULL)"),
        check("first_has_no_reason", "(supersedes_id IS NULL AND retest_of_id IS NULL) = (reason IS NULL)"),
        check("corrects_or_repeats", "supersedes_id IS NULL OR retest_of_id IS NULL"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    lot_id: int = points("lot")
    specification_test_id: int = points("specification_test")
    #: ``<`` where the laboratory reported a value below its limit of detection.
    qualifier: str = Field(default="", max_length=1)
    value_number: Decimal | None = fixed(4, nullable=True)
    value_words: str | None = Field(default=None, max_length=80)
    flag: Flag = choice(Flag)
    sampled_at: datetime = moment()
    resulted_at: datetime = moment()
    entered_by_id: int = points("person")
    #: The result this one replaces: a correction. The replaced one no longer counts.
    supersedes_id: int | None = points("test_result", nullable=True, index=False)
    #: The first result, which this one repeats and leaves standing: a retest.
    retest_of_id: int | None = points("test_result", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class Decision(StrEnum):
    """What the releaser certified."""

    RELEASED = "released"
    CONDITIONALLY_RELEASED = "conditionally_released"
    REJECTED = "rejected"
    RECALLED = "recalled"


class ReleaseDecision(Row, table=True):
    """The signed decision on a lot, the specification it was judged under, and what was still pending."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    lot_id: int = points("lot")
    specification_id: int = points("specification")
    decision: Decision = choice(Decision)
    #: Codes of tests still pending, separated by blanks; only for a conditional release.
    pending: str = Field(default="", max_length=500)
    reason: str = Field(default="", max_length=500)
    decided_at: datetime = moment()
    signature_id: int = points("signature")
