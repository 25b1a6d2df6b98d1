"""A journey is judged by its logger: too warm or too long is an excursion, a gap is not proven."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.custody.loggerfile import Reading
from app.custody.shipment_models import SHIPMENT_MOVES as MOVES
from app.custody.shipment_models import LoggerVerdict, ShipmentState
from app.custody.shipment_pages import pieces, thinned
from app.custody.shipment_rules import Judged, judge
from app.custody.shipping_limits import BadLimits, read_limits, shipping_limits
from tests.custody.loggers import Point, steady

LIMITS = shipping_limits()
START = datetime(2025, 5, 6, 7, 40, tzinfo=UTC)
#: The gravest last.
GRAVITY = list(LoggerVerdict)


def readings(points: Sequence[Point]) -> list[Reading]:
    return [Reading(START + timedelta(minutes=m), Decimal(str(c))) for m, c in points]


def judged(points: Sequence[Point], hours: float = 2) -> Judged:
    return judge(readings(points), START, START + timedelta(hours=hours), LIMITS)


def test_every_state_of_a_shipment_has_its_moves() -> None:
    assert set(MOVES) == set(ShipmentState)


def test_a_cold_journey_read_all_the_way_is_within() -> None:
    found = judged(steady(2, -158))
    assert (found.verdict, found.findings) == (LoggerVerdict.WITHIN, ())
    assert (found.warmest, found.minutes_above) == (Decimal(-158), 0)


@pytest.mark.parametrize(("celsius", "verdict"), [(-150, "within"), (-149.99, "excursion")])
def test_the_limit_itself_is_still_allowed(celsius: float, verdict: str) -> None:
    points = steady(2)
    points[10] = (points[10][0], celsius)
    assert judged(points).verdict.value == verdict


def test_an_excursion_names_its_warmest_reading_and_how_long_it_may_have_lasted() -> None:
    points = [(m, -120.5 if 30 <= m <= 45 else c) for m, c in steady(2)]
    found = judged(points)
    assert found.verdict is LoggerVerdict.EXCURSION and found.minutes_above == 25
    assert "−120.5 °C at 2025-05-06 08:10 UTC; at most −150 °C" in found.findings[0]


def test_what_happens_before_the_packing_and_after_the_receipt_does_not_count() -> None:
    warm = [(-10, 20.0), (-5, 20.0), *steady(2)[2:], (125, 20.0)]
    assert judged(warm).verdict is LoggerVerdict.WITHIN


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([p for p in steady(2) if not 30 < p[0] < 45], "No reading for 15 minutes"),
        ([p for p in steady(2) if p[0] >= 15], "The readings start at 2025-05-06 07:55 UTC"),
        ([p for p in steady(2) if p[0] <= 60], "The readings end at 2025-05-06 08:40 UTC"),
        ([(-10, -175.0), (500, -175.0)], "No reading lies between"),
    ],
)
def test_a_gap_a_late_start_and_an_early_end_are_not_proven(points: list[Point], words: str) -> None:
    found = judged(points)
    assert found.verdict is LoggerVerdict.NOT_PROVEN
    assert words in found.findings[0]


def test_a_gap_of_exactly_the_limit_is_allowed() -> None:
    assert judged(steady(2, every=LIMITS.longest_gap_minutes)).verdict is LoggerVerdict.WITHIN
    assert judged(steady(2, every=LIMITS.longest_gap_minutes + 1)).verdict is LoggerVerdict.NOT_PROVEN


def test_a_journey_longer_than_the_shipper_holds_is_an_excursion() -> None:
    assert judged(steady(96), 96).verdict is LoggerVerdict.WITHIN
    found = judged(steady(97), 97)
    assert found.verdict is LoggerVerdict.EXCURSION and "97.0 h; at most 96 h" in found.findings[0]


POINTS = st.dictionaries(
    st.integers(-20, 140), st.sampled_from([-190.0, -160.0, -150.0, -149.9, -80.0, 20.0])
)


@settings(max_examples=150, deadline=None)
@given(POINTS, st.integers(0, 120), st.integers(1, 60))
def test_a_reading_above_the_limit_is_an_excursion_whatever_the_others_say(
    points: dict[int, float], minute: int, above: int
) -> None:
    warm = points | {minute: -150.0 + above}
    assert judged(sorted(warm.items())).verdict is LoggerVerdict.EXCURSION


@settings(max_examples=150, deadline=None)
@given(POINTS, st.data())
def test_a_warmer_reading_never_improves_a_verdict(points: dict[int, float], data: st.DataObject) -> None:
    """Any reading becomes warmer, or one warmer than all others comes between those of a whole file."""
    whole = {int(minute): celsius for minute, celsius in steady(2)} | points
    minute = data.draw(st.sampled_from(range(-20, 141)))
    warmer = whole | {minute: max(whole.values()) + 1}
    before, after = (judged(sorted(one.items())).verdict for one in (whole, warmer))
    assert GRAVITY.index(after) >= GRAVITY.index(before)
    if points:
        chosen = data.draw(st.sampled_from(sorted(points)))
        risen = points | {chosen: points[chosen] + data.draw(st.floats(0, 100))}
        assert GRAVITY.index(judged(sorted(risen.items())).verdict) >= GRAVITY.index(
            judged(sorted(points.items())).verdict
        )


@settings(max_examples=150, deadline=None)
@given(POINTS, st.data())
def test_readings_taken_away_never_prove_a_journey(points: dict[int, float], data: st.DataObject) -> None:
    if judged(sorted(points.items())).verdict is LoggerVerdict.NOT_PROVEN:
        left = data.draw(st.sets(st.sampled_from(sorted(points)))) if points else set()
        fewer = [(minute, points[minute]) for minute in sorted(left)]
        assert judged(fewer).verdict is LoggerVerdict.NOT_PROVEN


def test_limits_that_cannot_be_used_say_where(tmp_path: Path) -> None:
    file = tmp_path / "shipping-9.toml"
    shipped = (Path(__file__).parents[2] / "app/custody/limits/shipping-1.toml").read_text("utf-8")
    for text, said in (
        (shipped, "name: the limits are called shipping-1"),
        (shipped.replace("= 10", '= "often"'), "longest_gap_minutes"),
        ("name = ", "shipping-9.toml"),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(BadLimits, match=said):
            read_limits(file)


def test_a_long_series_is_thinned_for_the_picture_without_losing_its_peak() -> None:
    points = [(float(minute), -175.0) for minute in range(20_000)]
    points[12_345] = (12_345.0, -20.0)
    drawn = thinned(readings(points), 1600)
    assert len(drawn) <= 1600 and max(one.celsius for one in drawn) == Decimal("-20.0")
    assert thinned(readings(points[:10]), 1600) == readings(points[:10])


def test_a_gap_is_drawn_as_a_gap() -> None:
    assert [len(piece) for piece in pieces([(0, 1), (0.1, 1), (2, 1), (2.1, 1), (2.2, 1)], 0.2)] == [2, 3]
