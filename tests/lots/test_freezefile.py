"""The freezer's file: read whole and exact, or refused with the line and what is wrong there."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lots.freezefile import Fault, FaultKind, FreezeFile, read_freezer
from tests.lots.freezer import curve, freezer_csv

START = datetime(2025, 3, 23, 12, 40, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")
GOOD = freezer_csv("MSC-25-001", START)


def taken(data: bytes, zone: ZoneInfo = MADRID) -> FreezeFile:
    found = read_freezer(data, zone, 120)
    assert isinstance(found, FreezeFile), found
    return found


def fault(data: bytes) -> Fault:
    found = read_freezer(data, MADRID, 120)
    assert isinstance(found, Fault), found
    return found


def test_every_reading_is_taken_as_it_stands() -> None:
    file = taken(GOOD)
    assert (file.run, len(file.readings)) == ("MSC-25-001", 209)
    assert (file.started_at, file.readings[0].sample, file.readings[0].chamber) == (START, 4.0, -2.0)
    assert file.readings[-1].sample == -100.0
    assert file.ended_at == START + timedelta(minutes=104)


def test_a_time_without_a_zone_is_the_sites() -> None:
    local = GOOD.replace(b"+00:00", b"").replace(b"T", b" ")
    assert taken(local.replace(b" ime", b"Time")).started_at == START - timedelta(hours=1)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_columns_are_understood(separator: str) -> None:
    lines = GOOD.decode().replace(",", separator).splitlines()
    wider = [
        *lines[:2],
        *(f"{line}{separator}{'LN2 valve' if 'Time' in line else 'on'}" for line in lines[2:]),
    ]
    assert taken(("\r\n".join(wider) + "\r\n").encode()).readings == taken(GOOD).readings


def line(number: int, text: str) -> bytes:
    """The good file with another text in one line."""
    lines = GOOD.decode().splitlines()
    lines[number - 1] = text
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    ("data", "kind", "place"),
    [
        (b"", FaultKind.EMPTY, 1),
        (b"\n \n", FaultKind.EMPTY, 1),
        (b"x" * 2_000_001, FaultKind.TOO_LARGE, 1),
        ("Lauf,Kühlung".encode("latin-1"), FaultKind.NOT_UTF8, 1),
        (GOOD.replace(b"4.0\n", b"4.0\x00\n", 1), FaultKind.NOT_TEXT, 4),
        (GOOD[:-3], FaultKind.TORN, 212),
        (line(5, '2025-03-23T12:40:30+00:00,"-1.0,3.5'), FaultKind.TORN, 5),
        (line(1, "Programme,MSC-25-001"), FaultKind.NO_RUN, 1),
        (line(3, "Time,Chamber (°C),Probe (°C)"), FaultKind.HEADER, 3),
        (line(3, "Time,Chamber (°C),Sample 1 (°C),Sample 2 (°C)"), FaultKind.HEADER, 3),
        (line(3, "Time,Chamber,Sample"), FaultKind.HEADER, 3),
        (line(3, "When,Chamber (°C),Sample (°C)"), FaultKind.HEADER, 212),
        (line(3, "Time,Chamber (°F),Sample (°F)"), FaultKind.FAHRENHEIT, 3),
        (line(3, "Time,Chamber (F),Sample (F)"), FaultKind.FAHRENHEIT, 3),
        (line(9, "2025-03-23T12:42:30+00:00,-4.5"), FaultKind.ROW_LENGTH, 9),
        (line(9, "23/03/2025 12:42,-4.5,1.5"), FaultKind.TIME, 9),
        (line(9, "2025-03-23,-4.5,1.5"), FaultKind.TIME, 9),
        (line(9, "2025-03-23T12:42:00+00:00,-4.5,1.5"), FaultKind.TIME_BACKWARDS, 9),
        (line(9, "2025-03-23T12:42:30+00:00,-4.5,cold"), FaultKind.NUMBER, 9),
        (line(9, "2025-03-23T12:42:30+00:00,-4.5,"), FaultKind.NUMBER, 9),
        (line(9, "2025-03-23T12:42:30+00:00,-4.5,nan"), FaultKind.NUMBER, 9),
        (line(9, "2025-03-23T12:42:30+00:00,-238.5,1.5"), FaultKind.OUT_OF_RANGE, 9),
        (b"\n".join(GOOD.split(b"\n")[:5]) + b"\n", FaultKind.TOO_SHORT, 1),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_at_its_line(
    data: bytes, kind: FaultKind, place: int
) -> None:
    found = fault(data)
    assert (found.kind, found.line) == (kind, place), found
    assert found.sentence.endswith(".") and found.next_step and found.sentence.isprintable()


def test_a_gap_in_the_record_is_refused_with_its_length() -> None:
    rows = curve()
    found = fault(freezer_csv("MSC-25-001", START, rows[:20] + rows[26:]))
    assert (found.kind, found.line) == (FaultKind.GAP, 24) and "210 seconds" in found.sentence


def test_fahrenheit_is_named_and_not_converted() -> None:
    assert "does not convert" in fault(line(3, "Time,Chamber (°F),Sample (°F)")).next_step


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), cut=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(at: int, cut: int, put: bytes) -> None:
    found = read_freezer(GOOD[:at] + put + GOOD[at + cut :], MADRID, 120)
    assert isinstance(found, Fault) or len(found.readings) >= 3


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, len(GOOD) - 1))
def test_a_file_cut_inside_a_line_is_never_taken(cut: int) -> None:
    found = read_freezer(GOOD[:cut], MADRID, 120)
    assert isinstance(found, Fault) or GOOD[:cut].endswith(b"\n")
