"""What labels and accompanying papers must say of a donor's cells, as the rule set words it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from app.donors.judgement import Line
from app.donors.models import Donor, DonorState, Screening, Verdict
from app.donors.queries import eligibility, latest_decision, lines_of, rules_of_site
from app.donors.ruleset import RuleSet, rule_set
from app.kernel.tables import known


class Wording(NamedTuple):
    """The lines to print, what allows any use of such cells, and the law that says so."""

    words: tuple[str, ...]
    allowed: str
    source: str


def wording(rules: RuleSet, decided: Verdict, lines: Iterable[Line]) -> Wording | None:
    """What must be printed for a donor decided so; None where the rule set asks for nothing.

    ``lines`` is the explanation of the decision: the tests that exclude the donor are named from it.
    """
    found = next((text for text in rules.label_text if text.when is decided), None)
    if found is None:
        return None
    excluding = (rules.label_of(line.rule) for line in lines if line.answer is Verdict.INELIGIBLE)
    agents = ", ".join(label for label in excluding if label)
    words = tuple(text.format(agents=agents) for text in found.words if agents or "{agents}" not in text)
    return Wording(words, found.allowed, found.source)


def wording_of(db: Session, someone: Donor, at: datetime) -> Wording | None:
    """What labels must say of this donor's cells now: by the newest decision, or by the deferral since.

    For labels, accompanying papers and pages; None for a donor nobody decided on, and where nothing is asked.
    """
    decision = latest_decision(db, known(someone.id))
    if decision is None:
        return None
    if someone.state is DonorState.DEFERRED:
        judged = eligibility(db, db.get_one(Screening, decision.screening_id), at)
        return wording(rules_of_site(db), Verdict.INELIGIBLE, judged.lines)
    return wording(rule_set(decision.rule_set), decision.decided, lines_of(decision))
