"""A temperature logger's CSV file: read strictly, or refused with the place at fault.

Lines of ``name,value`` come first, among them the logger's serial number and perhaps the zone of its clock.
Then a header with one time and one temperature column, and one line for each reading. A file that can be read
but is not whole (a gap, an early end) is read: the limits judge it.
"""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from struct import iter_unpack, pack
from zoneinfo import ZoneInfo

from app.custody.loggerprofiles import Profile, profiles
from app.kernel.speech import say

#: A reading each minute for ten days is some 0.5 MB.
MAX_BYTES = 1_000_000
#: No dry shipper and no vapour is outside these, in °C.
COLDEST, WARMEST = Decimal(-200), Decimal(60)
EXPORT_AGAIN = say("Export the logger again and upload the new file unchanged.")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FAHRENHEIT = re.compile(r"°\s*f\b|[(\[]\s*°?f\s*[)\]]|fahrenheit|deg\.?\s*f\b", re.IGNORECASE)
_CELSIUS = re.compile(r"°\s*c\b|[(\[]\s*°?c\s*[)\]]|celsius|deg\.?\s*c\b", re.IGNORECASE)
#: What stands beside a column's name: a unit or a zone.
_BESIDE = re.compile(r"[(\[][^)\]]*[)\]]|°\s*[cf]\b|celsius|fahrenheit|\butc\b|\bgmt\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})", re.IGNORECASE)


class FaultKind(StrEnum):
    """Why a logger's file is refused."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    TORN = "torn"
    NO_SERIAL = "no_serial"
    HEADER = "header"
    FAHRENHEIT = "fahrenheit"
    NO_ZONE = "no_zone"
    ROW_LENGTH = "row_length"
    TIME = "time"
    TIME_BACKWARDS = "time_backwards"
    DECIMAL = "decimal"
    NUMBER = "number"
    OUT_OF_RANGE = "out_of_range"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a file: the line (from 1), what is wrong there, and what to do."""

    kind: FaultKind
    line: int
    sentence: str
    next_step: str = EXPORT_AGAIN


@dataclass(frozen=True, slots=True)
class Reading:
    """One line: when, and how warm it was, in °C with at most two decimals."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True, slots=True)
class LoggerFile:
    """A whole file, its readings in order of time."""

    serial: str
    profile: str
    #: Whose clock the times are: ``file`` where the file says so, else the zone that was stated.
    zone: str
    readings: tuple[Reading, ...]


class _Bad(Exception):
    def __init__(self, kind: FaultKind, line: int, sentence: str, next_step: str = EXPORT_AGAIN) -> None:
        super().__init__(sentence)
        self.fault = Fault(kind, line, sentence, next_step)


_Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class _Table:
    """A file taken apart by the profile that knows its header."""

    profile: Profile
    before: _Rows
    head: tuple[int, list[str]]
    rows: _Rows
    time: int
    temperature: int


def read_logger(data: bytes, stated: ZoneInfo | None = None) -> LoggerFile | Fault:
    """The readings in the file, or the first fault that keeps it from being read.

    ``stated`` is the zone of the logger's clock as the person says; a zone in the file itself counts first.
    """
    try:
        table = _table(_text(data))
        _check_unit(table)
        serial = _serial(table)
        told = _zone(table)
        zone = told or stated
        readings = tuple(_reading(line, cells, table, zone) for line, cells in table.rows)
        _check_times(readings, table)
    except _Bad as bad:
        return bad.fault
    own = told is not None or stated is None
    return LoggerFile(serial, table.profile.name, "file" if own else str(stated), readings)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Bad(
            FaultKind.TOO_LARGE,
            1,
            say("the file has {size} bytes, at most {most} are read.", size=len(data), most=MAX_BYTES),
            say("Check that it is the file of this journey alone; set the logger to one reading a minute."),
        )
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Bad(FaultKind.NOT_UTF8, line, say("this is not text in UTF-8.")) from None
    if not text.strip():
        raise _Bad(FaultKind.EMPTY, 1, say("the file holds nothing."))
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _Bad(
            FaultKind.NOT_TEXT, line, say("the control character {sign} stands here.", sign=ord(found[0]))
        )
    if not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        raise _Bad(FaultKind.TORN, line, say("the last line has no end: the file may be cut."))
    return text


def _rows(text: str, separator: str) -> _Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found: _Rows = []
    before = 0
    try:
        for cells in reader:
            if reader.line_num - before > 1:
                raise _Bad(FaultKind.TORN, before + 1, say("a line breaks inside a field."))
            before = reader.line_num
            if any(cell.strip() for cell in cells):
                found.append((before, [cell.strip() for cell in cells]))
    except csv.Error:
        raise _Bad(FaultKind.TORN, before + 1, say("the quotes of a field are not closed.")) from None
    return found


def _table(text: str) -> _Table:
    """The file as the first profile sees it that knows its header."""
    torn: _Bad | None = None
    for profile in profiles():
        for separator in profile.separators:
            try:
                rows = _rows(text, separator)
            except _Bad as bad:
                torn = torn or bad
                continue
            if table := _with_header(profile, rows):
                return table
    if torn is not None:
        raise torn
    raise _Bad(
        FaultKind.HEADER,
        text.count("\n"),
        say("no line names one column of times and one of temperatures."),
        say("Export the table with the columns Time and Temperature (°C)."),
    )


def _with_header(profile: Profile, rows: _Rows) -> _Table | None:
    for at, (line, cells) in enumerate(rows):
        names = [" ".join(_BESIDE.sub(" ", cell).lower().split()) for cell in cells]
        times = [place for place, name in enumerate(names) if name in profile.time]
        warmths = [place for place, name in enumerate(names) if name in profile.temperature]
        if not times or not warmths:
            continue
        if len(times) + len(warmths) > 2:
            raise _Bad(
                FaultKind.HEADER,
                line,
                say("{count} columns of times or temperatures stand here.", count=len(times) + len(warmths)),
                say("Export the one probe that lay beside the bags, alone."),
            )
        return _Table(profile, rows[:at], (line, cells), rows[at + 1 :], times[0], warmths[0])
    return None


def _check_unit(table: _Table) -> None:
    line, cells = table.head
    head = cells[table.temperature]
    if _FAHRENHEIT.search(head):
        raise _Bad(
            FaultKind.FAHRENHEIT,
            line,
            say("the column “{head}” is in Fahrenheit.", head=printable(head)),
            say("Set the logger's export to °C and export it again; Hilo does not convert a record."),
        )
    if not _CELSIUS.search(head):
        raise _Bad(
            FaultKind.HEADER,
            line,
            say("the column “{head}” does not say its unit, °C.", head=printable(head)),
            say("Export the table with the unit in the header, such as Temperature (°C)."),
        )


def _line_named(table: _Table, words: tuple[str, ...]) -> tuple[int, str] | None:
    """The value of the line before the table whose name is one of these words."""
    for line, cells in table.before:
        if len(cells) > 1 and cells[0].rstrip(":").strip().lower() in words and cells[1]:
            return line, cells[1]
    return None


def _serial(table: _Table) -> str:
    found = _line_named(table, table.profile.serial)
    if found is None:
        raise _Bad(
            FaultKind.NO_SERIAL,
            1,
            say("no line names the logger's serial number, so nobody can tell whose readings these are."),
            say("Export the file with its head, where the line Logger or Serial stands."),
        )
    return printable(found[1])


def _zone(table: _Table) -> timezone | ZoneInfo | None:
    """The zone that the file names in its header or in a line of its own; None where it names none."""
    if re.search(r"\b(utc|gmt)\b", table.head[1][table.time], re.IGNORECASE):
        return UTC
    found = _line_named(table, table.profile.zone)
    if found is None:
        return None
    line, text = found
    if text.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if offset := _OFFSET.fullmatch(text):
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise _Bad(
            FaultKind.NO_ZONE,
            line,
            say("“{zone}” is no time zone.", zone=printable(text)),
            say("Name it as UTC, as an offset such as +02:00, or as Europe/Madrid."),
        ) from None


def _reading(line: int, cells: list[str], table: _Table, zone: timezone | ZoneInfo | None) -> Reading:
    width = len(table.head[1])
    if len(cells) != width:
        counted = say("{count} fields stand here, the header has {width}.", count=len(cells), width=width)
        if len(cells) == width + 1 and table.profile.decimal == ".":
            raise _Bad(FaultKind.DECIMAL, line, say("{what} A comma may part a number.", what=counted))
        raise _Bad(FaultKind.ROW_LENGTH, line, counted)
    at = _moment(line, cells[table.time], table.profile, zone)
    return Reading(at, _degrees(line, cells[table.temperature], table.profile.decimal))


def _moment(line: int, text: str, profile: Profile, zone: timezone | ZoneInfo | None) -> datetime:
    try:
        if profile.time_format:
            at = datetime.strptime(text, profile.time_format)  # noqa: DTZ007  (the zone is added below)
        elif len(text) < 16:
            raise ValueError
        else:
            at = datetime.fromisoformat(text)
        if at.tzinfo is None and zone is not None:
            at = at.replace(tzinfo=zone)
        if at.tzinfo is not None:
            return at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise _Bad(
            FaultKind.TIME,
            line,
            say("“{text}” is no date and time.", text=printable(text)),
            say("This kind of file writes times as {example}.", example=profile.example),
        ) from None
    raise _Bad(
        FaultKind.NO_ZONE,
        line,
        say("neither the file nor you say in which time zone the logger's clock runs."),
        say("Choose the zone of the logger's clock on this page, and upload the file again."),
    )


def _degrees(line: int, text: str, decimal: str) -> Decimal:
    number = text.replace("\u2212", "-")
    other = "," if decimal == "." else "."
    if other in number:
        raise _Bad(
            FaultKind.DECIMAL,
            line,
            say("“{text}” has a “{other}” where this file writes “{decimal}” before decimals.",
                text=printable(text), other=other, decimal=decimal),
        )  # fmt: skip
    if re.fullmatch(r".*\d\s*°?f", number, re.IGNORECASE):
        raise _Bad(
            FaultKind.FAHRENHEIT,
            line,
            say("“{text}” is in Fahrenheit.", text=printable(text)),
            say("Set the logger's export to °C and export it again; Hilo does not convert a record."),
        )
    if not re.fullmatch(rf"-?[0-9]{{1,3}}(\{decimal}[0-9]{{1,2}})?", number):
        raise _Bad(
            FaultKind.NUMBER,
            line,
            say("“{text}” is no temperature with at most two decimals.", text=printable(text)),
        )
    degrees = Decimal(number.replace(",", "."))
    if not COLDEST <= degrees <= WARMEST:
        raise _Bad(
            FaultKind.OUT_OF_RANGE,
            line,
            say("{degrees} °C is outside {coldest} to {warmest} °C.",
                degrees=degrees, coldest=COLDEST, warmest=WARMEST),
            say("Check the probe, and whether these are degrees Fahrenheit; export the logger again in °C."),
        )  # fmt: skip
    return degrees


def _check_times(readings: tuple[Reading, ...], table: _Table) -> None:
    if len(readings) < 2:
        raise _Bad(
            FaultKind.TOO_SHORT,
            table.head[0],
            say("after the header the file holds fewer than two readings."),
            say("Export the whole journey. If the logger did not record it, open a deviation on the bags."),
        )
    for (before, after), (line, _) in zip(pairwise(readings), table.rows[1:], strict=True):
        if after.at <= before.at:
            raise _Bad(
                FaultKind.TIME_BACKWARDS,
                line,
                say("this reading is not later than the one before it."),
                say("Export the logger again; where its clock was set on the way, export times in UTC."),
            )


def printable(text: str) -> str:
    """The first 40 characters of the text, with a question mark for each sign that cannot be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:40]


def packed(readings: Sequence[Reading]) -> bytes:
    """Readings as six bytes each: seconds from the first one, and hundredths of a degree Celsius."""
    start = readings[0].at
    return b"".join(
        pack("<Ih", int((one.at - start).total_seconds()), int(one.celsius.scaleb(2))) for one in readings
    )


def unpacked(start: datetime, data: bytes) -> tuple[Reading, ...]:
    """The readings of `packed`; ``start`` is the time of the first one."""
    return tuple(
        Reading(start + timedelta(seconds=seconds), Decimal(steps).scaleb(-2))
        for seconds, steps in iter_unpack("<Ih", data)
    )
