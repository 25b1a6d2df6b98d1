"""When visits are due, as versioned data."""

import calendar
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from app.followup.models import Timepoint

HERE = Path(__file__).parent
#: The version that judges from now on; earlier files stay, so that old visits can be explained.
IN_FORCE = "visits-1"


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which one visit counts as on time, both ends included."""

    timepoint: Timepoint
    target_on: date
    opens_on: date
    closes_on: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in the window."""
        return self.opens_on <= day <= self.closes_on


@dataclass(frozen=True, slots=True)
class VisitRule:
    """One visit of the schedule, relative to day zero."""

    timepoint: Timepoint
    months: int
    days_before: int
    days_after: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """One version of the schedule."""

    version: str
    visits: tuple[VisitRule, ...]

    def windows(self, day_zero: date) -> tuple[Window, ...]:
        """The windows of all visits, in the order of life."""
        return tuple(self._window(visit, day_zero) for visit in self.visits)

    def window(self, timepoint: Timepoint, day_zero: date) -> Window:
        """The window of one visit. Raises KeyError for a visit that this version does not know."""
        found = {window.timepoint: window for window in self.windows(day_zero)}
        return found[timepoint]

    @staticmethod
    def _window(visit: VisitRule, day_zero: date) -> Window:
        target = months_after(day_zero, visit.months)
        before, after = timedelta(days=visit.days_before), timedelta(days=visit.days_after)
        return Window(visit.timepoint, target, target - before, target + after)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    whole = day.month - 1 + months
    year, month = day.year + whole // 12, whole % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@cache
def schedule(version: str = IN_FORCE) -> Schedule:
    """The schedule of a version. Raises FileNotFoundError for a version that is not shipped, and ValueError
    for a day zero it does not know."""
    data = tomllib.loads((HERE / f"{version}.toml").read_text("utf-8"))
    if data["time_zero"] != "first_infusion":
        raise ValueError(f"{version}: day zero can only be the first infusion")
    return Schedule(
        data["version"],
        tuple(
            VisitRule(
                Timepoint(visit["timepoint"]), visit["months"], visit["days_before"], visit["days_after"]
            )
            for visit in data["visits"]
        ),
    )
