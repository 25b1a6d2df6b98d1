"""A second, slow reading of 21 CFR 1271 subpart C, written from the law and not from the rule-set file.

It shares no code with `app.donors.judgement`: a table of who is tested for what, and days walked one by one.
"""

from datetime import date, timedelta

from tests.donors.second_opinion import ORDER, Case

#: Agent: its tests, and who is tested for it.
AGENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "HIV": (("anti_hiv_1_2", "nat_hiv"), "all"),
    "HBV": (("hbsag", "anti_hbc", "nat_hbv"), "all"),
    "HCV": (("anti_hcv", "nat_hcv"), "all"),
    "HTLV": (("anti_htlv_i_ii",), "leukocyte-rich"),
    "WNV": (("nat_wnv",), "summer"),
}
#: Days before and after recovery on which a specimen may be drawn.
WINDOW = {"bone_marrow": (30, 7), "adipose": (7, 7), "whartons_jelly": (7, 7)}


def _tested(case: Case, who: str) -> bool:
    if who == "leukocyte-rich":
        return case.tissue == "bone_marrow"
    if who == "summer":
        return case.on.month in (6, 7, 8, 9, 10)
    return True


def _days_of_specimen(case: Case) -> set[date]:
    before, after = WINDOW[case.tissue]
    return {case.on + timedelta(days=step) for step in range(-before, after + 1)}


def _specimens(case: Case, test: str) -> list[str]:
    """Outcomes of this test on specimens that may stand for the donor."""
    days = _days_of_specimen(case)
    found = []
    for (name, outcome, drawn), whose in zip(case.results, case.bloods or ("donor",) * 999, strict=False):
        newborn = case.tissue == "whartons_jelly"
        if name == test and drawn in days and (whose == "birth_mother" or not newborn):
            found.append(outcome)
    return found


def us_opinion(case: Case) -> str:
    """The verdict in one word: eligible, incomplete or ineligible."""
    had = {(test, outcome) for test, outcome, _ in case.results}
    found = {"eligible"}
    if not case.consent or case.interview is None or case.examination is None:
        found.add("incomplete")
    if case.interview is False or case.examination is False:
        found.add("ineligible")
    for tests, who in AGENTS.values():
        for test in tests:
            found.add(_agent(case, had, test, needed=_tested(case, who)))
    if case.tissue == "bone_marrow" and not _specimens(case, "anti_cmv"):
        found.add("incomplete")
    found.add(_syphilis(case, had))
    return max(found, key=ORDER.index)


def _agent(case: Case, had: set[tuple[str, str]], test: str, *, needed: bool) -> str:
    if (test, "reactive") in had:
        return "ineligible"
    if (test, "indeterminate") in had:
        return "incomplete"
    if needed and "non_reactive" not in _specimens(case, test):
        return "incomplete"
    return "eligible"


def _syphilis(case: Case, had: set[tuple[str, str]]) -> str:
    """A reactive screening test is cleared by a confirmatory test that is not."""
    if ("syphilis_specific", "reactive") in had:
        return "ineligible"
    if ("syphilis_specific", "indeterminate") in had:
        return "incomplete"
    if "non_reactive" in _specimens(case, "syphilis_specific"):
        return "eligible"
    doubts = {("syphilis_non_specific", "reactive"), ("syphilis_non_specific", "indeterminate")}
    if doubts & had or "non_reactive" not in _specimens(case, "syphilis_non_specific"):
        return "incomplete"
    return "eligible"
