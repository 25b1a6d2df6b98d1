"""Windows about to close: until when may each donor give, as the rule set counts the days?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from app.donors.judgement import Facts, Judgement, judge
from app.donors.models import GRAVITY, Donor, DonorState, Verdict
from app.donors.queries import (
    consents_of,
    facts_of,
    held_donors,
    latest_decision,
    results_of,
    rules_of_site,
    screenings_of,
    standing_results,
)
from app.donors.ruleset import RuleSet
from app.kernel.speech import say

#: How far ahead windows are looked for, and when one is about to close, in days.
HORIZON, SOON = 400, 7


@dataclass(frozen=True, slots=True)
class DonorWindow:
    """One donor: what the rules answer for a donation today, and until when that stays so."""

    code: str
    state: DonorState
    tissue: str
    consent: str
    judged: Verdict | None
    #: First and last day of the window in which today lies; None when there is none or no end in sight.
    opened_on: date | None
    closes_on: date | None
    #: What the rules ask once it is closed, in words.
    then: str
    #: First day of a repeat sample where one is needed, and whether that day has come.
    retest_from: date | None
    #: A hold in force lies on the donor: nothing is taken, whatever the window says.
    held: bool = False

    def standing(self, today: date) -> str:
        """In one word: may_give, closing, new_sample, or none when nothing is decided that could close."""
        if self.state is not DonorState.ELIGIBLE:
            return "none"
        if self.judged is not Verdict.ELIGIBLE:
            return "new_sample"
        soon = self.closes_on is not None and (self.closes_on - today).days <= SOON
        return "closing" if soon else "may_give"


def closing(rules: RuleSet, facts: Facts, today: date) -> tuple[date, Judgement] | None:
    """The last day on which the rules answer no graver than today, and what they answer on the next.

    None where nothing changes within the horizon. Only days on which an answer can change are asked.
    """
    now = GRAVITY[judge(rules, facts, today).verdict]
    for day in _turning(rules, facts, today):
        after = judge(rules, facts, day)
        if GRAVITY[after.verdict] > now:
            return day - timedelta(days=1), after
    return None


def opening(rules: RuleSet, facts: Facts, today: date) -> date | None:
    """The first day since which the rules answer no graver than today; None where there is no sample."""
    now = GRAVITY[judge(rules, facts, today).verdict]
    days = sorted({result.sampled_on for result in facts.results if result.sampled_on <= today})
    return next((day for day in days if GRAVITY[judge(rules, facts, day).verdict] <= now), None)


def _turning(rules: RuleSet, facts: Facts, today: date) -> Iterator[date]:
    """Days after today on which a sample grows too old or a season begins, in order."""
    timing = rules.timing_of(facts.tissue)
    ages = {timing.days_before + 1} | ({timing.repeat.days_before + 1} if timing.repeat else set())
    days = {result.sampled_on + timedelta(days=age) for result in facts.results for age in ages}
    for rule in rules.marker:
        if rule.season:
            month, day = (int(part) for part in rule.season.first.split("-"))
            days |= {date(year, month, day) for year in (today.year, today.year + 1)}
    yield from sorted(day for day in days if today < day <= today + timedelta(days=HORIZON))


def donor_windows(db: Session, today: date, after: str = "", page: int = 50) -> list[DonorWindow]:
    """A page of donors by code with their windows, and one more when there are others behind."""
    donors = db.exec(select(Donor).where(Donor.code > after).order_by(col(Donor.code)).limit(page + 1)).all()
    rules = rules_of_site(db)
    held = held_donors(db, (someone.code for someone in donors))
    return [replace(_window(db, rules, one, today), held=one.code in held) for one in donors]


def _window(db: Session, rules: RuleSet, someone: Donor, today: date) -> DonorWindow:
    assert someone.id is not None
    screening = next(iter(screenings_of(db, someone.id)), None)
    consent = _consent(db, someone.id)
    if screening is None:
        return DonorWindow(someone.code, someone.state, "", consent, None, None, None, "", None)
    facts = facts_of(db, screening, standing_results(results_of(db, someone.id)))
    judged = judge(rules, facts, today)
    last = closing(rules, facts, today) if judged.verdict is Verdict.ELIGIBLE else None
    return DonorWindow(
        code=someone.code,
        state=someone.state,
        tissue=screening.tissue.value,
        consent=consent,
        judged=judged.verdict,
        opened_on=opening(rules, facts, today) if judged.verdict is Verdict.ELIGIBLE else None,
        closes_on=last[0] if last else None,
        then=_anew(rules, last[1]) if last else "",
        retest_from=_retest(db, rules, someone.id, facts),
    )


def _anew(rules: RuleSet, judged: Judgement) -> str:
    """What is asked for once the window is closed: the first test by name, the others counted."""
    asked = [line.rule for line in judged.lines if line.answer is judged.verdict]
    others = say(" and {asked} more", asked=len(asked) - 1) if len(asked) > 1 else ""
    return say(
        "{what}{others} on a new sample",
        what=rules.label_of(asked[0]) or asked[0].replace("_", " "),
        others=others,
    )


def _consent(db: Session, donor_id: int) -> str:
    rows = consents_of(db, donor_id)
    if not rows:
        return "none"
    return say("in force") if any(row.in_force for row in rows) else say("taken back")


def _retest(db: Session, rules: RuleSet, donor_id: int, facts: Facts) -> date | None:
    """The first day of the repeat sample that the decision's day asks for; None where it is not needed."""
    repeat, decision = rules.timing_of(facts.tissue).repeat, latest_decision(db, donor_id)
    if repeat is None or decision is None:
        return None
    asked = judge(rules, facts, decision.judged_on).lines
    waits = any(line.rule == "repeat_sample" and line.answer is not Verdict.ELIGIBLE for line in asked)
    return decision.judged_on + timedelta(days=repeat.after_days) if waits else None
