"""Judging a donor: what the rule set says of the facts, one explained line a rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.donors.models import GRAVITY, BloodOf, Marker, Outcome, Tissue, Verdict
from app.donors.ruleset import Asked, MarkerRule, Need, RuleSet, Timing, TwoStepRule
from app.kernel.speech import phrase, say, word

OK = Verdict.ELIGIBLE


@dataclass(frozen=True, slots=True)
class Result:
    """One standing result: what the laboratory reported of a sample drawn on this day at the site."""

    marker: Marker
    outcome: Outcome
    sampled_on: date
    blood_of: BloodOf = BloodOf.DONOR


@dataclass(frozen=True, slots=True)
class Facts:
    """All that eligibility is judged from."""

    tissue: Tissue
    consent: bool
    interviewed_on: date | None
    interview_clear: bool | None
    examined_on: date | None
    examination_clear: bool | None
    htlv_risk_area: bool
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule answers, and why, in words."""

    rule: str
    answer: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of a rule set for a donation on this day, with every line that led to it."""

    rule_set: str
    version: str
    on: date
    verdict: Verdict
    lines: tuple[Line, ...]

    @property
    def missing(self) -> tuple[Line, ...]:
        """The lines that still lack something."""
        return tuple(line for line in self.lines if line.answer is Verdict.INCOMPLETE)


def judge(rules: RuleSet, facts: Facts, on: date) -> Judgement:
    """What the rules say of these facts for a donation on this day at the site.

    The verdict is the gravest answer of any line: eligible, incomplete, risk assessment, ineligible.
    """
    case = _Case(rules, facts, on)
    lines = (
        _consent(rules.consent, facts),
        _seen("interview", say("Interview"), rules.interview, facts.interviewed_on, facts.interview_clear),
        _seen(
            "examination", say("Examination"), rules.examination, facts.examined_on, facts.examination_clear
        ),
        *(case.marker(rule) for rule in rules.marker),
        *(case.two_step(rule) for rule in rules.two_step),
        *case.repeat(),
    )
    verdict = max((line.answer for line in lines), key=GRAVITY.__getitem__)
    return Judgement(rules.name, rules.version, on, verdict, lines)


def alarming(before: Judgement, after: Judgement, outcome: Outcome) -> tuple[Line, ...]:
    """The lines by which a later result speaks against the donor: a graver answer than before, or a new
    reactive or indeterminate result that is not merely disclosed."""
    known = {line.rule: line for line in before.lines}
    found = []
    for line in after.lines:
        was = known.get(line.rule)
        is_graver = was is None or GRAVITY[line.answer] > GRAVITY[was.answer]
        is_new = outcome is not Outcome.NON_REACTIVE and line != was
        if line.answer is not OK and (is_graver or is_new):
            found.append(line)
    return tuple(found)


def _consent(need: Need, facts: Facts) -> Line:
    if facts.consent:
        return Line("consent", OK, say("Consent for treatment is in force."))
    return Line("consent", need.missing, say("No consent for treatment is in force."))


def _seen(rule: str, label: str, need: Need, on: date | None, clear: bool | None) -> Line:
    if on is None or clear is None:
        return Line(rule, need.missing, say("{label}: not recorded.", label=label))
    if clear:
        return Line(rule, OK, say("{label} of {on}: nothing against donation.", label=label, on=on))
    return Line(
        rule, need.not_clear, say("{label} of {on}: something speaks against donation.", label=label, on=on)
    )


class _Case:
    """One donor's results held against one rule set and one day."""

    def __init__(self, rules: RuleSet, facts: Facts, on: date) -> None:
        self.rules = rules
        self.facts = facts
        self.on = on
        self.timing: Timing = rules.timing_of(facts.tissue)
        self.repeated = self._is_repeated()

    def of(self, marker: Marker, outcome: Outcome | None = None) -> list[Result]:
        """Results of this marker, newest sample first."""
        found = [
            r for r in self.facts.results if r.marker is marker and (outcome is None or r.outcome is outcome)
        ]
        return sorted(found, key=lambda result: result.sampled_on, reverse=True)

    def counted(self, marker: Marker, *outcomes: Outcome) -> list[Result]:
        """Results of the blood that the rules ask for, newest sample first; of these outcomes, or of any."""
        whose = self.timing.blood_of
        return [
            result
            for result in self.of(marker)
            if (whose is None or result.blood_of is whose) and (not outcomes or result.outcome in outcomes)
        ]

    def timely(self, marker: Marker, *outcomes: Outcome, strictly: bool = False) -> Result | None:
        """The newest result, non-reactive unless other outcomes are named, in the window of this tissue."""
        before = self.timing.days_before
        if self.timing.repeat and self.repeated and not strictly:
            before = max(before, self.timing.repeat.days_before)
        for result in self.counted(marker, *(outcomes or (Outcome.NON_REACTIVE,))):
            if -self.timing.days_after <= (self.on - result.sampled_on).days <= before:
                return result
        return None

    def marker(self, rule: MarkerRule) -> Line:
        """What the results of one marker mean."""
        if line := self._against(rule):
            return line
        asked = self._asked(rule)
        counted = self.counted(rule.marker)
        if not counted:
            return self._never_done(rule, asked)
        found = self.timely(rule.marker)
        if found:
            return Line(
                rule.marker,
                OK,
                say("{label}: non-reactive, {found}.", label=rule.label, found=self._when(found)),
            )
        answer = self.timing.out_of_window if asked else OK
        return Line(rule.marker, answer, self._outside(rule.label, counted[0]))

    def _never_done(self, rule: MarkerRule, asked: bool) -> Line:
        if not asked:
            return Line(rule.marker, OK, say("{label}: not asked for, not done.", label=rule.label))
        told = say("{label}: not done{on_whom}.", label=rule.label, on_whom=self._on_whom())
        return Line(rule.marker, rule.missing, told)

    def _against(self, rule: MarkerRule) -> Line | None:
        """A reactive or indeterminate result counts whenever its sample was drawn, whoever's blood it was.

        One that is only disclosed leaves the test to be done in its window, like any other outcome.
        """
        if rule.disclosed and self._asked(rule) and not self.timely(rule.marker, *Outcome):
            return None
        told = say(" It is disclosed and excludes nobody.") if rule.disclosed else ""
        for outcome, answer, words in (
            (Outcome.REACTIVE, rule.reactive, phrase("{label}: reactive, {when}.{needs}")),
            (Outcome.INDETERMINATE, rule.indeterminate, phrase("{label}: indeterminate, {when}.{needs}")),
        ):
            if found := self.of(rule.marker, outcome):
                when, needs = self._when(found[0]), told or _needs(answer)
                return Line(rule.marker, answer, say(words, label=rule.label, when=when, needs=needs))
        return None

    def _asked(self, rule: MarkerRule) -> bool:
        if self.facts.tissue not in rule.tissues or (rule.season and not rule.season.holds(self.on)):
            return False
        return rule.asked is Asked.ALWAYS or (rule.asked is Asked.RISK_AREA and self.facts.htlv_risk_area)

    def _on_whom(self) -> str:
        return say(" on the birth mother's blood") if self.timing.blood_of is BloodOf.BIRTH_MOTHER else ""

    def two_step(self, rule: TwoStepRule) -> Line:
        """A screening test and the specific test that may clear it."""
        reactive = phrase("{label}: specific test reactive, {when}.{needs}")
        undecided = phrase("{label}: specific test indeterminate, {when}.{needs}")
        for marker, outcome, answer, words in (
            (rule.confirm, Outcome.REACTIVE, rule.confirm_reactive, reactive),
            (rule.confirm, Outcome.INDETERMINATE, rule.indeterminate, undecided),
        ):
            if found := self.of(marker, outcome):
                when, needs = self._when(found[0]), _needs(answer)
                return Line(rule.id, answer, say(words, label=rule.label, when=when, needs=needs))
        cleared = self.timely(rule.confirm)
        screened = self.of(rule.screen, Outcome.REACTIVE)
        if cleared:
            told = say("non-specific test reactive, ") if screened else ""
            sentence = say(
                "{label}: {told}specific test non-reactive, {cleared}.",
                label=rule.label,
                told=told,
                cleared=self._when(cleared),
            )
            return Line(rule.id, OK, sentence)
        return self._screened_only(rule)

    def _screened_only(self, rule: TwoStepRule) -> Line:
        """The screening test, where no specific test in the window clears the donor."""
        if found := self.of(rule.screen, Outcome.REACTIVE):
            when = self._when(found[0])
            sentence = say(
                "{label}: non-specific test reactive, {when}. A specific test must clear it.",
                label=rule.label,
                when=when,
            )
            return Line(rule.id, rule.screen_reactive, sentence)
        if found := self.of(rule.screen, Outcome.INDETERMINATE):
            when, needs = self._when(found[0]), _needs(rule.indeterminate)
            sentence = say(
                "{label}: non-specific test indeterminate, {when}.{needs}",
                label=rule.label,
                when=when,
                needs=needs,
            )
            return Line(rule.id, rule.indeterminate, sentence)
        if clear := self.timely(rule.screen):
            return Line(
                rule.id,
                OK,
                say(
                    "{label}: non-specific test non-reactive, {clear}.",
                    label=rule.label,
                    clear=self._when(clear),
                ),
            )
        late = [*self.counted(rule.confirm), *self.counted(rule.screen)]
        if late:
            return Line(rule.id, self.timing.out_of_window, self._outside(rule.label, late[0]))
        return Line(
            rule.id,
            rule.missing,
            say("{label}: not done{on_whom}.", label=rule.label, on_whom=self._on_whom()),
        )

    def repeat(self) -> Iterable[Line]:
        """Whether a second sample is needed long after the donation."""
        repeat = self.timing.repeat
        if repeat is None:
            return
        waived = all(self.timely(marker, strictly=True) for marker in repeat.waived_by)
        if waived:
            words = say(
                "not needed: the donation sample was tested by NAT for HIV, HBV and HCV, all non-reactive"
            )
        elif self.repeated:
            words = say("done, at least {after_days} days after the donation", after_days=repeat.after_days)
        else:
            words = say(
                "needed at least {after_days} days after the donation, or NAT on the donation sample",
                after_days=repeat.after_days,
            )
        yield Line(
            "repeat_sample",
            OK if waived or self.repeated else repeat.missing,
            say("Repeat sample: {words}.", words=words),
        )

    def _is_repeated(self) -> bool:
        """Whether every test that is asked for was done again on a late sample, and non-reactive."""
        repeat = self.timing.repeat
        if repeat is None:
            return False
        late = {
            result.marker
            for marker in Marker
            for result in self.counted(marker, Outcome.NON_REACTIVE)
            if (result.sampled_on - self.on).days >= repeat.after_days
        }
        singles = all(rule.marker in late for rule in self.rules.marker if self._asked(rule))
        return singles and all({rule.screen, rule.confirm} & late for rule in self.rules.two_step)

    def _when(self, result: Result) -> str:
        days = (self.on - result.sampled_on).days
        if days == 0:
            return say("sample of {sampled_on}, the day of donation", sampled_on=result.sampled_on)
        many = say("1 day") if abs(days) == 1 else say("{days} days", days=abs(days))
        words = phrase("sample of {sampled_on}, {many} before {on}")
        if days < 0:
            words = phrase("sample of {sampled_on}, {many} after {on}")
        return say(words, sampled_on=result.sampled_on, many=many, on=self.on)

    def _outside(self, label: str, result: Result) -> str:
        window = say(
            "{days_before} days before to {days_after} days after the donation",
            days_before=self.timing.days_before,
            days_after=self.timing.days_after,
        )
        if self.timing.days_after == 0:
            window = say("the {days_before} days before the donation", days_before=self.timing.days_before)
        return say(
            "{label}: {outcome}, but {result}, outside {window}.",
            label=label,
            outcome=say("non-reactive") if result.outcome is Outcome.NON_REACTIVE else word(result.outcome),
            result=self._when(result),
            window=window,
        )


def _needs(answer: Verdict) -> str:
    """What a bad outcome asks for."""
    return {
        Verdict.ELIGIBLE: "",
        Verdict.INCOMPLETE: say(" The laboratory must conclude it."),
        Verdict.RISK_ASSESSMENT: say(" A signed risk assessment is needed."),
        Verdict.INELIGIBLE: say(" This excludes the donor."),
    }[answer]
