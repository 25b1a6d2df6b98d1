"""Facts of donors in short words, and what Hilo and the second reading of a rule set answer to them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, product

from hypothesis import strategies as st

from app.donors.judgement import Facts, Result, judge
from app.donors.models import BloodOf, Marker, Outcome, Tissue
from app.donors.ruleset import rule_set
from tests.donors.second_opinion import Case, second_opinion
from tests.donors.us_opinion import us_opinion

EU, US = "eu-2006-17", "us-1271"
SETS = (EU, US)
OPINIONS: dict[str, Callable[[Case], str]] = {EU: second_opinion, US: us_opinion}

ON = date(2025, 1, 13)
SUMMER = date(2025, 7, 14)
NOT_DONE = None
#: Days before the donation on which a sample was drawn; minus is after it.
FRESH, STALE = 0, 31
Status = tuple[Outcome, int] | None
#: Everything that can be known of one marker.
STATUSES: tuple[Status, ...] = (
    NOT_DONE,
    (Outcome.NON_REACTIVE, FRESH),
    (Outcome.NON_REACTIVE, STALE),
    (Outcome.REACTIVE, FRESH),
    (Outcome.INDETERMINATE, FRESH),
)
CLEAN: dict[Marker, Status] = dict.fromkeys(Marker, (Outcome.NON_REACTIVE, FRESH))
#: Donation days whose windows cross a leap day, a year's end, both changes of the clock, and the season.
DONATIONS = (
    date(2024, 3, 1),
    date(2025, 3, 1),
    date(2024, 3, 28),
    date(2025, 1, 13),
    date(2025, 4, 2),
    date(2025, 6, 1),
    date(2025, 10, 31),
    date(2025, 11, 3),
)


def facts(
    results: tuple[Result, ...],
    tissue: Tissue = Tissue.BONE_MARROW,
    *,
    risk_area: bool = True,
    consent: bool = True,
    interview: bool | None = True,
    examination: bool | None = True,
) -> Facts:
    """A donor's facts, clear unless the test says otherwise."""

    def seen(clear: bool | None) -> date | None:
        return None if clear is None else ON

    return Facts(
        tissue, consent, seen(interview), interview, seen(examination), examination, risk_area, results
    )


def results_of(
    statuses: Mapping[Marker, Status], on: date = ON, blood_of: BloodOf = BloodOf.BIRTH_MOTHER
) -> tuple[Result, ...]:
    """One result a marker. The EU set does not ask whose blood it was, the US set asks for the mother's."""
    return tuple(
        Result(marker, status[0], on - timedelta(days=status[1]), blood_of)
        for marker, status in statuses.items()
        if status
    )


def both(known: Facts, on: date = ON, name: str = EU) -> tuple[str, str]:
    """What Hilo answers and what the second reading answers."""
    case = Case(
        known.tissue.value,
        known.consent,
        known.interview_clear,
        known.examination_clear,
        known.htlv_risk_area,
        tuple((r.marker.value, r.outcome.value, r.sampled_on) for r in known.results),
        on,
        tuple(r.blood_of.value for r in known.results),
    )
    return judge(rule_set(name), known, on).verdict.value, OPINIONS[name](case)


def pairs() -> Iterator[dict[Marker, Status]]:
    """Every status of every two markers, the others clean."""
    for one, other in combinations(Marker, 2):
        for first, second in product(STATUSES, STATUSES):
            yield {**CLEAN, one: first, other: second}


def crossing() -> Iterator[dict[Marker, Status]]:
    """Every status of the markers whose rules look at one another or at the donor."""
    together = (
        Marker.HBSAG,
        Marker.ANTI_HBC,
        Marker.SYPHILIS_SPECIFIC,
        Marker.SYPHILIS_NON_SPECIFIC,
        Marker.ANTI_HTLV_I_II,
    )
    for statuses in product(STATUSES, repeat=len(together)):
        yield {**CLEAN, **dict(zip(together, statuses, strict=True))}


one_result = st.builds(
    Result,
    st.sampled_from(list(Marker)),
    st.sampled_from(list(Outcome)),
    st.integers(-200, 40).map(lambda days: ON - timedelta(days=days)),
    st.sampled_from(list(BloodOf)),
)
any_facts = st.builds(
    facts,
    st.lists(one_result, max_size=24).map(tuple),
    st.sampled_from(list(Tissue)),
    risk_area=st.booleans(),
    consent=st.booleans(),
    interview=st.sampled_from([True, False, None]),
    examination=st.sampled_from([True, False, None]),
)
