"""When things happened in the story: the series' calendar, moved 364 days earlier so that weekdays stay."""

from datetime import UTC, date, datetime, timedelta


def at(day: str, clock: str = "09:00") -> datetime:
    """A moment of the story, in UTC: ``at("2025-01-13", "08:30")``."""
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=UTC)


def after(day: str, days: int) -> str:
    """The day so many days later."""
    return (on(day) + timedelta(days=days)).isoformat()


def on(day: str) -> date:
    """A day of the story."""
    return date.fromisoformat(day)


FOUNDED = "2024-11-04"
STOCKED = "2024-12-02"
SCREENED = "2025-01-06"
DECIDED = "2025-01-09"
COLLECTED = "2025-01-13"
HARVEST_0 = "2025-01-27"
BANKED = "2025-02-03"
BANK_RELEASED = "2025-03-03"
THAWED = "2025-03-10"
HARVEST_2 = "2025-03-17"
FILLED = "2025-03-23"
STERILE = "2025-04-06"
SCREENED_OTHERS = "2025-04-14"
DECIDED_OTHERS = "2025-04-17"
RELEASED = "2025-04-21"
REGISTERED = "2025-04-22"
BROKEN = "2025-04-28"
ORDERED = "2025-04-29"
ALLOCATED = "2025-04-30"
SHIPPED = "2025-05-06"
INFUSED = "2025-05-07"
#: The marrow of donor D-0009, and the day its bags were filled, 27 days later.
OTHER_COLLECTED = "2025-04-22"
OTHER_FILLED = "2025-05-19"
#: LN-02 and LN-03: ordered, allocated, shipped, infused. The first bag for LN-02 was lost on its way.
LOST = ("2025-05-13", "2025-05-14", "2025-05-15", "2025-05-16")
LOST_RETURNED = "2025-05-19"
SECOND = ("2025-05-16", "2025-05-19", "2025-05-20", "2025-05-21")
THIRD = ("2025-06-17", "2025-06-18", "2025-06-24", "2025-06-25")
MONTH_1 = "2025-06-06"
MONTH_3 = "2025-08-06"
RECALIBRATED = "2025-08-25"
MONTH_6 = "2025-11-06"
MONTH_9 = "2026-02-06"
