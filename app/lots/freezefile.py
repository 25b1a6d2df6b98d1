"""A run of a controlled-rate freezer as its file tells it: read strictly, or refused with the place at fault.

The file is CSV in UTF-8, separated by commas, semicolons or tabs. Lines of ``name,value`` come first, among
them ``Run``, which names the lot. Then a header with a time, a chamber and a sample column, the last two in
°C, and one line for each reading. A time is ISO 8601; without its own zone it is the site's.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.kernel.speech import say

#: A reading each second for eight hours is some 1 MB.
MAX_BYTES = 2_000_000
#: No freezer and no vapour is outside these.
COLDEST, WARMEST = -200.0, 60.0
EXPORT_AGAIN = say("Export the run again and upload the new file unchanged.")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"[-\u2212]?\d{1,3}(\.\d{1,6})?")
_FAHRENHEIT = re.compile(r"°\s*f\b|\(\s*f\s*\)|fahrenheit|deg\.?\s*f\b", re.IGNORECASE)
_CELSIUS = re.compile(r"°\s*c\b|\(\s*c\s*\)|celsius|deg\.?\s*c\b", re.IGNORECASE)


class FaultKind(StrEnum):
    """Why a freezer's file is refused."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    NO_RUN = "no_run"
    HEADER = "header"
    FAHRENHEIT = "fahrenheit"
    TORN = "torn"
    ROW_LENGTH = "row_length"
    TIME = "time"
    TIME_BACKWARDS = "time_backwards"
    NUMBER = "number"
    OUT_OF_RANGE = "out_of_range"
    GAP = "gap"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a file: the line (from 1), what is wrong there, and what to do."""

    kind: FaultKind
    line: int
    sentence: str
    next_step: str = EXPORT_AGAIN

    def __str__(self) -> str:
        return say(
            "Line {line}: {sentence} {next_step}",
            line=self.line,
            sentence=self.sentence,
            next_step=self.next_step,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One line: when, and the chamber's and the sample's temperature in °C."""

    at: datetime
    chamber: float
    sample: float


@dataclass(frozen=True, slots=True)
class FreezeFile:
    """A whole run, its readings in order of time."""

    run: str
    readings: tuple[Reading, ...]

    @property
    def started_at(self) -> datetime:
        """The first reading."""
        return self.readings[0].at

    @property
    def ended_at(self) -> datetime:
        """The last reading."""
        return self.readings[-1].at


class _Bad(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def read_freezer(data: bytes, zone: ZoneInfo, longest_gap_seconds: int) -> FreezeFile | Fault:
    """The run in the file, or the first fault that keeps it from being read."""
    try:
        text = _text(data)
        rows = list(_rows(text))
        run, at = _preamble(rows)
        time, chamber, sample = _columns(*rows[at])
        width = len(rows[at][1])
        readings = tuple(
            _reading(line, cells, width, (time, chamber, sample), zone) for line, cells in rows[at + 1 :]
        )
        _check_times(readings, rows[at + 1 :], longest_gap_seconds)
    except _Bad as bad:
        return bad.fault
    return FreezeFile(run, readings)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Bad(
            Fault(FaultKind.TOO_LARGE, 1, f"the file has {len(data)} bytes, at most {MAX_BYTES} are read.")
        )
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Bad(Fault(FaultKind.NOT_UTF8, line, "this is not text in UTF-8.")) from None
    if not text.strip():
        raise _Bad(Fault(FaultKind.EMPTY, 1, "the file holds nothing."))
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _Bad(Fault(FaultKind.NOT_TEXT, line, f"the control character {ord(found[0])} stands here."))
    if not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        raise _Bad(Fault(FaultKind.TORN, line, "the last line has no end: the file may be cut."))
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = next((one for one in text.splitlines() if "time" in one.lower() and "sample" in one.lower()), "")
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            if reader.line_num - before > 1:
                raise _Bad(Fault(FaultKind.TORN, before + 1, "a line breaks inside a field."))
            before = reader.line_num
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        raise _Bad(Fault(FaultKind.TORN, before + 1, "the quotes of a field are not closed.")) from None


def _preamble(rows: list[tuple[int, list[str]]]) -> tuple[str, int]:
    """The name of the run, and the number of the header's row."""
    run = ""
    for at, (_, cells) in enumerate(rows):
        words = [cell.lower() for cell in cells]
        if any("time" in word for word in words) and len(cells) > 2:
            if not run:
                raise _Bad(_no_run(1))
            return run, at
        if words[0] == "run" and len(cells) > 1:
            run = printable(cells[1])[:120]
    raise _Bad(
        Fault(FaultKind.HEADER, rows[-1][0], "no line names the columns time, chamber and sample.")
        if run
        else _no_run(1)
    )


def _no_run(line: int) -> Fault:
    return Fault(
        FaultKind.NO_RUN,
        line,
        say("no line “Run” names the lot, so nobody can tell whose run this is."),
        say("Name the run after the lot in the freezer's program, and export it again."),
    )


def _columns(line: int, cells: list[str]) -> tuple[int, int, int]:
    """Where the time, the chamber and the sample stand."""
    found = []
    for name in ("time", "chamber", "sample"):
        places = [at for at, cell in enumerate(cells) if name in cell.lower()]
        if len(places) != 1:
            much = say("no column") if not places else f"{len(places)} columns"
            raise _Bad(Fault(FaultKind.HEADER, line, f"{much} named {name}; exactly one is needed."))
        found.append(places[0])
    for at in found[1:]:
        _celsius(line, cells[at])
    return found[0], found[1], found[2]


def _celsius(line: int, head: str) -> None:
    if _FAHRENHEIT.search(head):
        raise _Bad(
            Fault(
                FaultKind.FAHRENHEIT,
                line,
                f"the column “{printable(head)[:60]}” is in Fahrenheit.",
                "Set the freezer's export to °C and export the run again; Hilo does not convert a record.",
            )
        )
    if not _CELSIUS.search(head):
        raise _Bad(
            Fault(FaultKind.HEADER, line, f"the column “{printable(head)[:60]}” does not say its unit, °C.")
        )


def _reading(
    line: int, cells: list[str], width: int, places: tuple[int, int, int], zone: ZoneInfo
) -> Reading:
    if len(cells) != width:
        raise _Bad(
            Fault(FaultKind.ROW_LENGTH, line, f"{len(cells)} fields stand here, the header has {width}.")
        )
    time, chamber, sample = (cells[place] for place in places)
    return Reading(_moment(line, time, zone), _degrees(line, chamber), _degrees(line, sample))


def _moment(line: int, text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if len(text) < 16:
            raise ValueError
    except ValueError:
        raise _Bad(
            Fault(
                FaultKind.TIME,
                line,
                f"“{printable(text)[:40]}” is no date and time.",
                "Export times as year-month-day hours:minutes:seconds, such as 2025-03-23 12:40:00.",
            )
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _degrees(line: int, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _Bad(
            Fault(
                FaultKind.NUMBER,
                line,
                f"“{printable(text)[:40]}” is no temperature such as −40.5, with a point.",
            )
        )
    degrees = float(text.replace("\u2212", "-"))
    if not COLDEST <= degrees <= WARMEST:
        raise _Bad(
            Fault(
                FaultKind.OUT_OF_RANGE,
                line,
                f"{degrees:g} °C is outside {COLDEST:g} to {WARMEST:g} °C.",
                "Check the unit and the probe; export the run again in °C.",
            )
        )
    return degrees


def _check_times(
    readings: tuple[Reading, ...], rows: list[tuple[int, list[str]]], longest_gap_seconds: int
) -> None:
    if len(readings) < 3:
        raise _Bad(Fault(FaultKind.TOO_SHORT, 1, f"{len(readings)} readings are no run."))
    for (before, after), (line, _) in zip(pairwise(readings), rows[1:], strict=True):
        seconds = (after.at - before.at).total_seconds()
        if seconds <= 0:
            raise _Bad(
                Fault(FaultKind.TIME_BACKWARDS, line, "this reading is not later than the one before it.")
            )
        if seconds > longest_gap_seconds:
            raise _Bad(
                Fault(
                    FaultKind.GAP,
                    line,
                    f"{seconds:g} seconds lie between this reading and the one before;"
                    f" at most {longest_gap_seconds} may.",
                    "What the sample did in between is unknown. Export the whole run; if the freezer did not"
                    " record it, open a deviation on the lot.",
                )
            )


def printable(text: str) -> str:
    """The text with a question mark for each sign that cannot be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
