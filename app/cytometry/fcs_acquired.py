"""When an FCS data set was acquired: the words of the file, the date they mean, and by which rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from app.cytometry.fcs_privacy import plain

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class DateRule(StrEnum):
    """How the acquisition date was understood."""

    ISO_DATE_TIME = "iso_date_time"
    DAY_MONTH_YEAR = "day_month_year"
    DAY_MONTH_SHORT_YEAR = "day_month_short_year"
    YEAR_MONTH_DAY = "year_month_day"
    NOT_UNDERSTOOD = "not_understood"
    NOT_STATED = "not_stated"


#: Month names in letters, or ISO order: nothing else says for certain which number is the day.
_SHAPES = (
    (DateRule.DAY_MONTH_YEAR, re.compile(r"(?P<d>\d{1,2})[- ](?P<m>[A-Z]{3})[- ](?P<y>\d{4})")),
    (DateRule.DAY_MONTH_SHORT_YEAR, re.compile(r"(?P<d>\d{1,2})[- ](?P<m>[A-Z]{3})[- ](?P<y>\d{2})")),
    (DateRule.YEAR_MONTH_DAY, re.compile(r"(?P<y>\d{4})-(?P<m>[A-Z]{3}|\d{2})-(?P<d>\d{2})")),
)
_TIME = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(?:[.:]\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Acquired:
    """When the tube was measured, in the local time of the cytometer's computer.

    ``raw`` is what the file says ($DATE, or $BEGINDATETIME of FCS 3.2); ``day`` is None when it says
    nothing or leaves open which number is the day. ``begun`` and ``ended`` are cut to whole seconds.
    """

    raw: str
    day: date | None
    begun: time | None
    ended: time | None
    rule: DateRule


def acquired(keywords: Mapping[str, str]) -> Acquired:
    """Read the date and times; a day and a month in figures are never guessed apart.

    A year of two figures means 1970 to 2069: the format is from 1984, so 70 to 99 lie in the last century.
    """
    if stamp := keywords.get("$BEGINDATETIME"):
        begun, ended = _stamp(stamp), _stamp(keywords.get("$ENDDATETIME", ""))
        if begun is not None:
            last = ended.time() if ended else None
            return Acquired(plain(stamp), begun.date(), begun.time(), last, DateRule.ISO_DATE_TIME)
    raw = keywords.get("$DATE", "")
    day, rule = _day(raw.upper())
    return Acquired(plain(raw), day, _time(keywords.get("$BTIM", "")), _time(keywords.get("$ETIM", "")), rule)


def _stamp(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _day(raw: str) -> tuple[date | None, DateRule]:
    if not raw:
        return None, DateRule.NOT_STATED
    for rule, shape in _SHAPES:
        if match := shape.fullmatch(raw):
            month = match["m"]
            try:
                number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
                return date(_year(match["y"]), number, int(match["d"])), rule
            except ValueError:
                break
    return None, DateRule.NOT_UNDERSTOOD


def _year(figures: str) -> int:
    year = int(figures)
    if len(figures) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def _time(raw: str) -> time | None:
    match = _TIME.fullmatch(raw.strip())
    if match is None:
        return None
    hour, minute, second = (int(part) for part in match.groups())
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None
