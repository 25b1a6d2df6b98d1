"""When visits are due."""

from datetime import date

import pytest

from app.followup.models import Timepoint
from app.followup.windows import Window, months_after, schedule

ZERO = date(2025, 5, 6)


def window(timepoint: Timepoint) -> Window:
    return schedule().window(timepoint, ZERO)


@pytest.mark.parametrize(
    ("timepoint", "opens_on", "target_on", "closes_on"),
    [
        (Timepoint.BASELINE, date(2025, 4, 6), ZERO, ZERO),
        (Timepoint.MONTH_1, date(2025, 5, 30), date(2025, 6, 6), date(2025, 6, 13)),
        (Timepoint.MONTH_3, date(2025, 7, 23), date(2025, 8, 6), date(2025, 8, 20)),
        (Timepoint.MONTH_6, date(2025, 10, 23), date(2025, 11, 6), date(2025, 11, 20)),
        (Timepoint.MONTH_9, date(2026, 1, 23), date(2026, 2, 6), date(2026, 2, 20)),
    ],
)
def test_the_windows_count_calendar_months_from_the_infusion(
    timepoint: Timepoint, opens_on: date, target_on: date, closes_on: date
) -> None:
    found = window(timepoint)
    assert (found.opens_on, found.target_on, found.closes_on) == (opens_on, target_on, closes_on)


def test_both_ends_of_a_window_belong_to_it() -> None:
    month_1 = window(Timepoint.MONTH_1)
    assert month_1.holds(date(2025, 5, 30)) and month_1.holds(date(2025, 6, 13))
    assert not month_1.holds(date(2025, 5, 29)) and not month_1.holds(date(2025, 6, 14))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 5, 31), 9, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
    ],
)
def test_a_month_without_such_a_day_ends_on_its_last(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_the_schedule_knows_every_visit() -> None:
    assert [visit.timepoint for visit in schedule().visits] == list(Timepoint)
