"""Outside text about quality: specifications from files, results and decisions from pages."""

import tomllib
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.concerns.models import Severity
from app.lots.models import LotKind
from app.quality.models import MOST_VERSIONS, Comparator, Decision, Retest, Weight
from app.web.forms import PlainMoment

SHIPPED = Path(__file__).parent / "specifications"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class TestOfSpecification(BaseModel):
    """One test as a specification file writes it; exactly one of ``limit`` and ``limit_words``."""

    __test__ = False
    model_config = ConfigDict(extra="forbid")

    test: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,58}$")]
    name: Words
    comparator: Comparator
    limit: Decimal | None = None
    limit_words: Words | None = None
    unit: str = ""
    method: Words
    weight: Weight
    retest: Retest = Retest.WORST
    severity: Severity = Severity.MAJOR
    source: str = ""

    @model_validator(mode="after")
    def one_limit(self) -> "TestOfSpecification":
        """A limit is a number or words, and only words are compared exactly."""
        if (self.limit is None) == (self.limit_words is None):
            raise ValueError(f"test {self.test}: give either limit or limit_words")
        if (self.comparator is Comparator.EXACTLY) != (self.limit_words is not None):
            raise ValueError(f"test {self.test}: words are compared with exactly, numbers with the others")
        return self


class SpecificationForm(BaseModel):
    """A whole version of a specification."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{2,28}$")]
    version: Annotated[int, Field(ge=1, le=MOST_VERSIONS)]
    product: Words
    lot_kind: LotKind
    tests: Annotated[list[TestOfSpecification], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def each_test_once(self) -> "SpecificationForm":
        """A test stands once in a specification."""
        codes = [test.test for test in self.tests]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


def shipped_names() -> list[str]:
    """Names of the specifications that ship with Hilo."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def shipped(name: str) -> SpecificationForm:
    """A specification that ships with Hilo, by the name of its file without the ending."""
    return SpecificationForm.model_validate(tomllib.loads((SHIPPED / f"{name}.toml").read_text("utf-8")))


class ResultForm(BaseModel):
    """One result as typed: a number (``<0.5`` below detection) or words."""

    test: Annotated[str, StringConstraints(max_length=60)]
    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    sampled_at: PlainMoment
    resulted_at: PlainMoment


class SupersedeForm(ResultForm):
    """A later result in place of a former one, with the reason."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class RetestForm(SupersedeForm):
    """A result of the test done again beside the former one, with the reason."""


class Entry(StrEnum):
    """What a result that is entered is."""

    FIRST = "first"
    CORRECTION = "correction"
    RETEST = "retest"


class EntryForm(BaseModel):
    """Which sort of entry the page was sent for."""

    entry: Entry


#: The form that reads each sort of entry.
ENTRIES: dict[Entry, type[ResultForm]] = {
    Entry.FIRST: ResultForm,
    Entry.CORRECTION: SupersedeForm,
    Entry.RETEST: RetestForm,
}


class DecisionForm(BaseModel):
    """The release desk's decision."""

    decision: Decision
    pending: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=100)] = []
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    #: SHA-256 of the record the page showed.
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
