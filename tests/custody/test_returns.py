"""A unit that came back goes to stock only where custody and temperature held, by a signature of quality."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.access.models import Person, Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody import rules
from app.custody.operations import issue_unit, return_unit
from app.custody.return_limits import return_limits
from app.custody.return_rules import Away, Why
from app.custody.returns import accept_return, acceptances
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.lots.models import Unit, UnitState
from app.lots.rules import Why as LotsWhy
from app.site import Site
from tests.access.factories import kinds
from tests.custody.factories import ISSUED_AT, bank, carrier, leaving_bag, set_aside
from tests.custody.shipping import ARRIVED_AT, BAGS, FINE, JUDGED_AT, arrived, judging, warm
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import refused, sure, unit

BAG = "MSC-25-001-B01"
BACK_AT = ISSUED_AT + timedelta(minutes=40)
DECIDED_AT = BACK_AT + timedelta(hours=1)
COLD = Decimal("-162.5")
OK = "frozen, intact"


def decider(site: Site) -> Person:
    return someone(site, Role.QUALITY, "decider")


def away(site: Site, out: Decimal | None = COLD, back: Decimal | None = COLD, at: datetime = BACK_AT) -> str:
    """A bag that was handed over and came back."""
    bag = leaving_bag(site)
    taker = carrier(site).sign_in
    with act(site, bank(site), ISSUED_AT) as work:
        sure(issue_unit(work, bag, "WARD-4", taker, OK, out))
    with act(site, bank(site), at) as work:
        sure(return_unit(work, bag, "T2", OK, back))
    return bag


def deciding(
    site: Site,
    bag: str = BAG,
    who: Callable[[Site], Person] = decider,
    at: datetime = DECIDED_AT,
    reason: str = "never left the dry shipper",
) -> Unit | Refusal:
    person = who(site)
    with act(site, person, at) as work:
        answer = accept_return(work, bag, reason, proof(person))
        return refused(work, answer) if isinstance(answer, Refusal) else answer


def why(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def test_a_bag_that_stayed_cold_in_known_hands_is_available_again_and_signed_for(site: Site) -> None:
    away(site)
    assert isinstance(deciding(site), Unit)
    assert unit(site, BAG).state is UnitState.AVAILABLE and kinds(site)[-1] == "custody.return_accepted"
    with site.db.reading() as db:
        (kept,) = acceptances(db, unit(site, BAG).id or 0)
        assert (kept.limits, kept.warmest_celsius, kept.minutes_unwatched) == ("returns-1", COLD, 40)
        assert kept.link == 3 and verify(db).ok
    set_aside(site, BAG, DECIDED_AT)
    assert unit(site, BAG).state is UnitState.ALLOCATED


def test_what_was_not_read_or_too_warm_or_away_too_long_stays_out(site: Site) -> None:
    away(site, back=None)
    assert why(deciding(site)) is Why.NOT_READ
    assert unit(site, BAG).state is UnitState.RETURNED


def test_a_reading_above_the_limit_keeps_it_out(site: Site) -> None:
    away(site, out=Decimal("-149.9"))
    answer = deciding(site)
    assert why(answer) is Why.TOO_WARM and "−149.9" in str(answer)


def test_the_limit_itself_is_still_allowed(site: Site) -> None:
    away(site, out=Decimal(-150), at=ISSUED_AT + timedelta(minutes=60))
    assert isinstance(deciding(site), Unit)


def test_longer_than_the_limit_without_a_logger_keeps_it_out(site: Site) -> None:
    away(site, at=ISSUED_AT + timedelta(minutes=60, seconds=1))
    answer = deciding(site, at=DECIDED_AT + timedelta(hours=1))
    assert why(answer) is Why.UNWATCHED and "61 minutes" in str(answer)


def test_who_brought_it_back_does_not_decide(site: Site) -> None:
    away(site)
    assert why(deciding(site, who=bank)) is Why.RETURNED_IT
    person = decider(site)
    with act(site, person, DECIDED_AT) as work:
        answer = accept_return(work, BAG, "it was cold", proof(bank(site)))
        assert refused(work, answer).reason is LotsWhy.NOT_YOUR_SIGNATURE


def test_a_reason_and_a_returned_unit_are_needed(site: Site) -> None:
    away(site)
    assert why(deciding(site, reason=" ")) is Why.REASON_NEEDED
    assert why(deciding(site, "MSC-99-999-B01")) is rules.Why.NO_UNIT
    assert isinstance(deciding(site), Unit)
    assert why(deciding(site)) is Why.NOT_RETURNED


def test_a_hold_keeps_it_out(site: Site) -> None:
    away(site)
    with act(site, bank(site), BACK_AT) as work:
        sure(place_hold(work, SubjectKind.PLACE, "T2", "the tank warmed up over night"))
    assert why(deciding(site)) is rules.Why.ON_HOLD


def test_time_under_a_logger_that_was_within_its_limits_counts_as_watched(site: Site) -> None:
    arrived(site, 1)
    judging(site, FINE)
    with act(site, bank(site), ARRIVED_AT + timedelta(minutes=50)) as work:
        sure(return_unit(work, BAG, "T2", OK, COLD))
    assert isinstance(deciding(site, at=JUDGED_AT + timedelta(hours=2)), Unit)
    with site.db.reading() as db:
        (kept,) = acceptances(db, unit(site, BAG).id or 0)
    assert kept.minutes_unwatched == 50, "26 hours under the logger, then by hand"


def test_a_shipment_not_judged_within_keeps_it_out_even_when_its_hold_is_lifted(site: Site) -> None:
    arrived(site, 1)
    with act(site, bank(site), ARRIVED_AT + timedelta(minutes=50)) as work:
        sure(return_unit(work, BAGS[0], "T2", OK, COLD))
    answer = deciding(site, at=JUDGED_AT + timedelta(hours=2))
    assert why(answer) is Why.WAY_NOT_SHOWN and "logger not judged" in str(answer)
    judging(site, warm())
    assert why(deciding(site, at=JUDGED_AT + timedelta(hours=2))) is rules.Why.ON_HOLD


MINUTES = st.integers(0, 300)


@given(
    MINUTES, MINUTES, st.lists(st.tuples(MINUTES, MINUTES).map(lambda pair: tuple(sorted(pair))), max_size=4)
)
def test_unwatched_minutes_agree_with_a_count_minute_by_minute(
    one: int, other: int, spans: list[tuple[int, int]]
) -> None:
    start, began, ended = datetime(2025, 3, 1, tzinfo=UTC), min(one, other), max(one, other)
    facts = Away(
        unit=BAG, state=UnitState.RETURNED,
        since=start + timedelta(minutes=began), until=start + timedelta(minutes=ended),
        celsius=(COLD,), not_shown=(), returned_by=1, decides=2,
        watched=tuple((start + timedelta(minutes=a), start + timedelta(minutes=b)) for a, b in spans),
    )  # fmt: skip
    slow = sum(not any(a <= minute < b for a, b in spans) for minute in range(began, ended))
    assert facts.minutes_unwatched == slow


def test_the_limits_are_data_with_a_name() -> None:
    limits = return_limits()
    assert (limits.name, limits.celsius_at_most, limits.minutes_without_logger_at_most) == (
        "returns-1",
        -150,
        60,
    )
