"""A logger's file: read whole and exact, or refused with the line and what is wrong there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.custody.loggerfile import Fault, FaultKind, LoggerFile, Reading, packed, read_logger, unpacked
from tests.custody.loggers import logger_csv, steady

START = datetime(2025, 5, 6, 7, 40, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")
GOOD = logger_csv(START, steady(2))
LOCAL = GOOD.replace(b"Z,", b",").replace(b"T", b" ").replace(b" ime, emperature", b"Time,Temperature")


def taken(data: bytes, zone: ZoneInfo | None = None) -> LoggerFile:
    found = read_logger(data, zone)
    assert isinstance(found, LoggerFile), found
    return found


def fault(data: bytes, zone: ZoneInfo | None = None) -> Fault:
    found = read_logger(data, zone)
    assert isinstance(found, Fault), found
    return found


def line(number: int, text: str) -> bytes:
    """The good file with another text in one line."""
    lines = GOOD.decode().splitlines()
    lines[number - 1] = text
    return ("\n".join(lines) + "\n").encode()


def test_every_reading_is_taken_as_it_stands() -> None:
    file = taken(line(3, "2025-05-06T07:30:00Z,−175.25"))
    assert (file.serial, file.profile, file.zone, len(file.readings)) == ("LOG-17", "iso", "file", 27)
    assert file.readings[0] == Reading(START - timedelta(minutes=10), Decimal("-175.25"))
    assert file.readings[-1].at == START + timedelta(hours=2)


def test_times_without_a_zone_wait_for_somebody_to_state_it() -> None:
    no = fault(LOCAL)
    assert (no.kind, no.line) == (FaultKind.NO_ZONE, 3) and "Choose the zone" in no.next_step
    file = taken(LOCAL, MADRID)
    assert file.zone == "Europe/Madrid"
    assert file.readings[0].at == START - timedelta(minutes=10, hours=2)


@pytest.mark.parametrize("zone", ["UTC", "+00:00", "UTC+0:00", "Etc/UTC", "gmt"])
def test_a_zone_in_the_file_counts_before_one_that_is_stated(zone: str) -> None:
    file = taken(f"Time zone,{zone}\n".encode() + LOCAL, MADRID)
    assert file.zone == "file" and file.readings[0].at == START - timedelta(minutes=10)


def test_a_header_that_says_utc_is_a_zone() -> None:
    file = taken(LOCAL.replace(b"Time,", b"Time (UTC),"), MADRID)
    assert file.zone == "file" and file.readings[0].at == START - timedelta(minutes=10)


def test_a_continental_logger_writes_commas_and_the_day_first() -> None:
    text = "Serial;LOG-17\nUTC offset;+02:00\nDate/time;Temperature °C\n"
    rows = [f"06.05.2025 09:{minute:02d}:00;-175,5\n" for minute in (30, 35, 40)]
    file = taken((text + "".join(rows)).encode())
    assert file.profile == "continental" and file.readings[0].celsius == Decimal("-175.5")
    assert file.readings[-1].at == START
    mixed = fault((text + rows[0] + rows[1].replace(",5", ".5")).encode())
    assert (mixed.kind, mixed.line) == (FaultKind.DECIMAL, 5)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_columns_are_understood(separator: str) -> None:
    lines = GOOD.decode().replace(",", separator).splitlines()
    wider = [lines[0], *(f"{one}{separator}{'Battery' if 'Time' in one else '3.1'}" for one in lines[1:])]
    assert taken(("\n".join(wider) + "\n").encode()).readings == taken(GOOD).readings


@pytest.mark.parametrize(
    ("data", "kind", "place"),
    [
        (b"", FaultKind.EMPTY, 1),
        (b"\n \n", FaultKind.EMPTY, 1),
        (b"x" * 10_000_000, FaultKind.TOO_LARGE, 1),
        (GOOD.replace(b"Logger", "Prüfgerät".encode("latin-1")), FaultKind.NOT_UTF8, 1),
        (GOOD.replace(b"175.00", b"175\x00", 1), FaultKind.NOT_TEXT, 3),
        (GOOD[:-3], FaultKind.TORN, 29),
        (line(5, '2025-05-06T07:40:00Z,"-175.00'), FaultKind.TORN, 5),
        (line(1, "Programme,dry shipper"), FaultKind.NO_SERIAL, 1),
        (line(2, "Time,Humidity (%)"), FaultKind.HEADER, 29),
        (line(2, "Time,Temperature"), FaultKind.HEADER, 2),
        (line(2, "Time,Temperature (°C),Probe (°C)"), FaultKind.HEADER, 2),
        (line(2, "Time,Temperature (°F)"), FaultKind.FAHRENHEIT, 2),
        (line(2, "Time,Temperature [F]"), FaultKind.FAHRENHEIT, 2),
        (line(5, "2025-05-06T07:40:00Z,-283.0 F"), FaultKind.FAHRENHEIT, 5),
        (line(5, "2025-05-06T07:40:00Z,-283.0"), FaultKind.OUT_OF_RANGE, 5),
        (line(5, "2025-05-06T07:40:00Z,-175,00"), FaultKind.DECIMAL, 5),
        (line(5, '2025-05-06T07:40:00Z,"-175,00"'), FaultKind.DECIMAL, 5),
        (line(5, "2025-05-06T07:40:00Z"), FaultKind.ROW_LENGTH, 5),
        (line(5, "2025-05-06T07:40:00Z,-175.123"), FaultKind.NUMBER, 5),
        (line(5, "2025-05-06T07:40:00Z,nan"), FaultKind.NUMBER, 5),
        (line(5, "2025-05-06T07:40:00Z,"), FaultKind.NUMBER, 5),
        (line(5, "05/06/2025 07:40,-175.00"), FaultKind.TIME, 5),
        (line(5, "2025-05-06,-175.00"), FaultKind.TIME, 5),
        (line(5, "2025-05-06T07:35:00Z,-175.00"), FaultKind.TIME_BACKWARDS, 5),
        (b"Time zone,Mars/Crater\n" + LOCAL, FaultKind.NO_ZONE, 1),
        (b"\n".join(GOOD.split(b"\n")[:3]) + b"\n", FaultKind.TOO_SHORT, 2),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_at_its_line(
    data: bytes, kind: FaultKind, place: int
) -> None:
    found = fault(data)
    assert (found.kind, found.line) == (kind, place), found
    assert found.sentence.endswith(".") and found.next_step and found.sentence.isprintable()


def test_every_kind_of_fault_is_in_the_table_above() -> None:
    marks = test_a_file_that_cannot_be_trusted_is_refused_at_its_line.pytestmark  # type: ignore[attr-defined]  # pytest's
    assert {kind for _, kind, _ in marks[0].args[1]} == set(FaultKind)


def test_fahrenheit_is_named_and_not_converted() -> None:
    assert "does not convert" in fault(line(2, "Time,Temperature (°F)")).next_step
    assert "Fahrenheit" in fault(line(5, "2025-05-06T07:40:00Z,-283.0")).next_step


def test_a_clock_set_back_on_the_way_is_found_and_in_utc_it_is_not() -> None:
    """The night in October has one hour twice: without an offset nobody can tell which."""
    rows = "Logger,L1\nTime,Temperature (°C)\n2025-10-26 02:55:00,-175.0\n2025-10-26 02:05:00,-175.0\n"
    assert fault(rows.encode(), MADRID).kind is FaultKind.TIME_BACKWARDS
    utc = rows.replace("02:55", "00:55").replace("02:05", "01:05")
    assert len(taken(utc.encode(), ZoneInfo("UTC")).readings) == 2


READINGS = st.lists(
    st.tuples(st.integers(1, 90_000), st.integers(-20_000, 6_000)), min_size=2, max_size=60
).map(
    lambda pairs: [
        Reading(START + timedelta(seconds=sum(gap for gap, _ in pairs[: at + 1])), Decimal(steps).scaleb(-2))
        for at, (_, steps) in enumerate(pairs)
    ]
)


@settings(max_examples=100, deadline=None)
@given(READINGS)
def test_what_is_written_is_read_and_what_is_packed_is_unpacked(readings: list[Reading]) -> None:
    points = [((one.at - START).total_seconds() / 60, float(one.celsius)) for one in readings]
    assert list(taken(logger_csv(START, points)).readings) == readings
    assert list(unpacked(readings[0].at, packed(readings))) == readings
    assert len(packed(readings)) == 6 * len(readings)


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), cut=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(at: int, cut: int, put: bytes) -> None:
    found = read_logger(GOOD[:at] + put + GOOD[at + cut :])
    assert isinstance(found, Fault) or len(found.readings) >= 2


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, len(GOOD) - 1))
def test_a_file_cut_inside_a_line_is_never_taken(cut: int) -> None:
    assert isinstance(read_logger(GOOD[:cut]), Fault) or GOOD[:cut].endswith((b"\n", b"\r"))
