"""The only place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware and in UTC, cut to whole microseconds as the database keeps it."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as fixed-width UTC text (``2025-05-06T09:40:00.000000Z``): sorts as text, one form only.

    Raises ValueError for a naive datetime: a time without a zone is not a fact.
    """
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {moment!r}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_stamp(text: str) -> datetime:
    """The moment written by `stamp`. Raises ValueError for any other form."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
