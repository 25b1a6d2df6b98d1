"""A second, slow reading of the EU rules, written from the directive and not from the rule-set file.

It shares no code with `app.donors.judgement` and walks days one by one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

ORDER = ("eligible", "incomplete", "risk_assessment", "ineligible")
SINGLE = ("anti_hiv_1_2", "hbsag", "anti_hcv", "nat_hiv", "nat_hbv", "nat_hcv", "anti_htlv_i_ii", "nat_wnv")
NAT = ("nat_hiv", "nat_hbv", "nat_hcv")


@dataclass(frozen=True)
class Case:
    """Plain words and days only."""

    tissue: str
    consent: bool
    interview: bool | None
    examination: bool | None
    risk_area: bool
    results: tuple[tuple[str, str, date], ...]
    on: date
    #: Whose blood each result is of; the EU set does not ask.
    bloods: tuple[str, ...] = ()


def _days_reach(first: date, last: date, most: int) -> bool:
    """Whether ``last`` is met within ``most`` steps of one day from ``first``."""
    return any(first + timedelta(days=step) == last for step in range(most + 1))


def _asked(case: Case) -> list[set[str]]:
    """What must be tested; of a set, any one will do."""
    sets = [{"anti_hiv_1_2"}, {"hbsag"}, {"anti_hbc"}, {"anti_hcv"}]
    sets.append({"syphilis_specific", "syphilis_non_specific"})
    if case.risk_area:
        sets.append({"anti_htlv_i_ii"})
    return sets


def _repeated(case: Case) -> bool:
    late = {
        name
        for name, outcome, drawn in case.results
        if outcome == "non_reactive" and not drawn < case.on and not _days_reach(case.on, drawn, 179)
    }
    return case.tissue != "bone_marrow" and all(names & late for names in _asked(case))


def _clean(case: Case, name: str, *, as_donation_sample: bool = False) -> bool:
    """Whether a non-reactive result in the window stands for this test."""
    if case.tissue == "bone_marrow":
        before, after = 30, 0
    else:
        before, after = 0, 7
        if _repeated(case) and not as_donation_sample:
            before = 30
    return any(
        test == name
        and outcome == "non_reactive"
        and (_days_reach(drawn, case.on, before) or _days_reach(case.on, drawn, after))
        for test, outcome, drawn in case.results
    )


def second_opinion(case: Case) -> str:
    """The verdict in one word."""
    had = {(test, outcome) for test, outcome, _ in case.results}
    found = {"eligible"}
    if not case.consent or case.interview is None or case.examination is None:
        found.add("incomplete")
    if case.interview is False or case.examination is False:
        found.add("risk_assessment")
    if any((name, "reactive") in had for name in SINGLE):
        found.add("ineligible")
    if ("anti_hbc", "reactive") in had or ("syphilis_specific", "reactive") in had:
        found.add("risk_assessment")
    if any((name, "indeterminate") in had for name in (*SINGLE, "anti_hbc")):
        found.add("incomplete")
    for names in _asked(case):
        if not any(_clean(case, name) or (name, "reactive") in had for name in names):
            found.add("incomplete")
    found |= _syphilis(case, had)
    has_nat = all(_clean(case, name, as_donation_sample=True) for name in NAT)
    if case.tissue != "bone_marrow" and not _repeated(case) and not has_nat:
        found.add("incomplete")
    return max(found, key=ORDER.index)


def _syphilis(case: Case, had: set[tuple[str, str]]) -> set[str]:
    if _clean(case, "syphilis_specific"):
        bad = {("syphilis_specific", "indeterminate")}
    else:
        bad = {
            ("syphilis_specific", "indeterminate"),
            ("syphilis_non_specific", "reactive"),
            ("syphilis_non_specific", "indeterminate"),
        }
    return {"incomplete"} if bad & had else set()
