"""Rule sets: which tests a donor needs, in which window, and what each outcome means; data, never code."""

import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.donors.models import GRAVITY, BloodOf, Marker, Tissue, Verdict

FOLDER = Path(__file__).parent / "rulesets"
#: The rule set that a site judges by unless its settings choose another: the name of a file in `FOLDER`.
IN_FORCE = "eu-2006-17"

Days = Annotated[int, Field(ge=0, le=3660, strict=True)]


class BadRuleSet(ValueError):
    """A rule-set file that cannot be used; says which file, where, and what is wrong."""


class Asked(StrEnum):
    """Of whom a marker is asked; a result that nobody asked for is judged all the same."""

    ALWAYS = "always"
    RISK_AREA = "risk_area"
    NEVER = "never"


class Part(BaseModel):
    """A part of a rule set: unknown names are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Need(Part):
    """Something every screening holds: a consent, an interview, an examination."""

    missing: Verdict
    not_clear: Verdict = Verdict.INELIGIBLE
    source: str


class Season(Part):
    """A part of every year, both days included, as month and day: ``06-01``."""

    first: Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    last: Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("a season begins before it ends, in one calendar year")
        return self

    def holds(self, on: date) -> bool:
        """Whether the day lies in the season."""
        return self.first <= f"{on:%m-%d}" <= self.last


class MarkerRule(Part):
    """What one marker's outcomes mean."""

    marker: Marker
    label: str
    asked: Asked
    #: Of which tissues it is asked; a result of another tissue's donor is judged all the same.
    tissues: tuple[Tissue, ...] = tuple(Tissue)
    #: Donations of these days are asked for it; None is all year.
    season: Season | None = None
    missing: Verdict
    indeterminate: Verdict
    reactive: Verdict
    #: The outcome is told to whoever uses the cells and excludes nobody.
    disclosed: bool = False
    source: str

    @model_validator(mode="after")
    def _grows_graver(self) -> Self:
        if self.disclosed:
            _in_order(self.indeterminate, self.reactive)
        else:
            _in_order(self.missing, self.indeterminate, self.reactive)
        if self.disclosed is not (self.reactive is Verdict.ELIGIBLE):
            raise ValueError("a reactive result answers eligible exactly where it is only disclosed")
        if self.asked is not Asked.NEVER and self.missing is Verdict.ELIGIBLE:
            raise ValueError("a marker that is asked for cannot be eligible when it is missing")
        return self


class TwoStepRule(Part):
    """A screening test whose reactive result a specific test may clear."""

    id: str
    label: str
    screen: Marker
    confirm: Marker
    missing: Verdict
    indeterminate: Verdict
    screen_reactive: Verdict
    confirm_reactive: Verdict
    source: str

    @model_validator(mode="after")
    def _grows_graver(self) -> Self:
        _in_order(self.missing, self.indeterminate, self.screen_reactive, self.confirm_reactive)
        if self.missing is Verdict.ELIGIBLE:
            raise ValueError("a test that is asked for cannot be eligible when it is missing")
        return self


class Repeat(Part):
    """A second sample long after the donation, unless the donation sample had these tests."""

    after_days: Days
    #: With a repeat sample the donation sample may be this many days older than the donation.
    days_before: Days
    missing: Verdict
    waived_by: tuple[Marker, ...]


class Timing(Part):
    """When the blood sample must be drawn, in calendar days before and after the donation, both included."""

    tissues: tuple[Tissue, ...]
    days_before: Days
    days_after: Days
    out_of_window: Verdict
    #: Whose blood counts as done; None is anybody's. A reactive result counts whoever's blood it was.
    blood_of: BloodOf | None = None
    source: str
    repeat: Repeat | None = None


class LabelText(Part):
    """What labels and accompanying papers must say of cells from a donor decided so."""

    when: Verdict
    #: What allows any use of such cells, in words.
    allowed: str
    #: ``{agents}`` stands for the tests that exclude the donor; without any, the line is left out.
    words: tuple[str, ...]
    source: str


class RuleSet(Part):
    """One version of the rules by which donors are judged."""

    name: str
    version: str
    title: str
    consent: Need
    interview: Need
    examination: Need
    marker: tuple[MarkerRule, ...]
    two_step: tuple[TwoStepRule, ...] = ()
    timing: tuple[Timing, ...]
    label_text: tuple[LabelText, ...] = ()

    @model_validator(mode="after")
    def _judges_everything_once(self) -> Self:
        judged = [rule.marker for rule in self.marker]
        judged += [marker for rule in self.two_step for marker in (rule.screen, rule.confirm)]
        _each_once("marker", judged, Marker)
        _each_once("tissue", [tissue for timing in self.timing for tissue in timing.tissues], Tissue)
        for timing in self.timing:
            if timing.out_of_window is Verdict.ELIGIBLE:
                raise ValueError("a sample outside the window cannot be eligible")
        return self

    def timing_of(self, tissue: Tissue) -> Timing:
        """The window for this tissue."""
        return next(timing for timing in self.timing if tissue in timing.tissues)

    def label_of(self, rule: str) -> str | None:
        """How a marker or a two-step test is called; None for other lines of an explanation."""
        singles = {one.marker.value: one.label for one in self.marker}
        return (singles | {one.id: one.label for one in self.two_step}).get(rule)


def _in_order(*verdicts: Verdict) -> None:
    """A graver outcome never has a milder answer: a reactive result can never improve a verdict."""
    grades = [GRAVITY[verdict] for verdict in verdicts]
    if grades != sorted(grades):
        raise ValueError(f"the answers must grow graver in this order: {', '.join(verdicts)}")


def _each_once(what: str, found: list[Marker] | list[Tissue], all_of: type[Marker] | type[Tissue]) -> None:
    twice = sorted({one for one in found if found.count(one) > 1})  # type: ignore[arg-type]  # one list, one kind
    missing = sorted(set(all_of) - set(found))
    if twice:
        raise ValueError(f"{what} {twice[0]} is judged by two rules")
    if missing:
        raise ValueError(f"{what} {missing[0]} is judged by no rule")


def read_rule_set(path: Path) -> RuleSet:
    """The rule set in a TOML file. Raises BadRuleSet naming the file, the place and the fault."""
    try:
        rules = RuleSet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as faults:
        first = faults.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        words = first["msg"].removeprefix("Value error, ")
        raise BadRuleSet(f"{path.name}: {place}: {words}") from faults
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadRuleSet(f"{path.name}: {fault}") from fault
    if rules.name != path.stem:
        raise BadRuleSet(f"{path.name}: name: the set is called {rules.name}, not like its file")
    return rules


@cache
def rule_set(name: str = IN_FORCE) -> RuleSet:
    """A rule set that ships with Hilo, read once."""
    return read_rule_set(FOLDER / f"{name}.toml")
