"""Outside text into values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from app.web.forms import Faults, PlainDate, PlainDecimal, PlainInteger, PlainMoment, read
from tests.pages import PolicedClient


class Site(StrEnum):
    """Where marrow comes from."""

    CREST = "iliac_crest"


class Donation(BaseModel):
    """One field of each kind."""

    volume: PlainDecimal | None = Field(None, gt=0, title="Volume")
    cells: PlainInteger | None = Field(None, ge=0)
    day: PlainDate | None = None
    taken_at: PlainMoment | None = None
    site: Site | None = None
    note: str = Field("", max_length=5)


def fault(**typed: str) -> str:
    """The one sentence with which this form is refused."""
    answer = read(Donation, typed)
    assert isinstance(answer, Faults)
    assert list(answer.errors) == list(typed)
    return next(iter(answer.errors.values()))


def taken(**typed: str) -> Donation:
    """The form, which must be good."""
    answer = read(Donation, typed)
    assert isinstance(answer, Donation)
    return answer


@pytest.mark.parametrize("text", [".5", "1.", "1,5", "1e6", "٣", "--1", "0x10", "1 .5.", "nan", "9" * 40])
def test_a_naked_or_foreign_decimal_is_refused(text: str) -> None:
    """ISMP: .5 is read as 5 sooner or later."""
    assert fault(volume=text) == "Volume: write a number such as 0.5 or 12, with a point."


def test_numbers_may_have_spaces_between_thousands() -> None:
    assert taken(volume="12.50").volume == Decimal("12.50")
    assert taken(cells="90 000\u202f000").cells == 90_000_000


@pytest.mark.parametrize("text", ["90,000,000", "90.000.000", "9e7", "12.0", "²", "9" * 5000])
def test_a_whole_number_is_written_with_figures_alone(text: str) -> None:
    assert fault(cells=text).startswith("Cells: write a whole number")


def test_negative_counts_are_refused() -> None:
    assert fault(cells="-3") == "Cells: must be 0 or more."
    assert fault(volume="0") == "Volume: must be more than 0."


@pytest.mark.parametrize("text", ["2028-03-31", "31-Mar-2028", "31-MAR-2028"])
def test_a_date_is_taken_in_its_two_unmistakable_forms(text: str) -> None:
    assert taken(day=text).day == date(2028, 3, 31)


@pytest.mark.parametrize(
    "text", ["03/04/2028", "3.4.2028", "2028-02-30", "31-Foo-2028", "20280331", "yesterday"]
)
def test_other_dates_are_refused(text: str) -> None:
    assert "2028-03-31" in fault(day=text)


def test_a_time_typed_at_the_site_is_kept_in_utc(app: Flask) -> None:
    with app.app_context():
        assert taken(taken_at="2025-07-01 14:05").taken_at == datetime(2025, 7, 1, 12, 5, tzinfo=UTC)
        assert taken(taken_at="2025-07-01T14:05+00:00").taken_at == datetime(2025, 7, 1, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-10-26 02:30", "2025-03-30 02:30"])
def test_an_hour_that_the_clock_change_doubles_or_skips_is_refused(app: Flask, text: str) -> None:
    with app.app_context():
        assert "the clocks change" in fault(taken_at=text)


@pytest.mark.parametrize("text", ["2025-07-01", "14:05", "01/07/2025 14:05", "2025-07-01 25:00"])
def test_a_moment_needs_date_and_time(app: Flask, text: str) -> None:
    with app.app_context():
        assert "date and time" in fault(taken_at=text)


def test_a_choice_outside_the_list_and_a_long_text_are_refused_in_words() -> None:
    assert fault(site="femur") == "Site: choose one of 'iliac_crest'."
    assert fault(note="abcdef") == "Note: at most 5 characters."


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Whatever is typed, the answer is a form or sentences."""
    typed = {"volume": text, "cells": text, "day": text, "site": text, "note": text}
    answer = read(Donation, typed)
    assert isinstance(answer, Donation) or all(s.endswith(".") for s in answer.errors.values())


def test_what_was_typed_is_still_there_but_never_a_password() -> None:
    answer = read(Donation, {"volume": "x", "note": "abc", "password": "secret", "csrf_token": "t"})
    assert isinstance(answer, Faults)
    assert answer.values == {"volume": "x", "note": "abc"}


def test_a_faulty_form_comes_back_with_its_faults_and_its_text(client: PolicedClient) -> None:
    data = {"csrf_token": client.token("/form"), "viable": ".5", "vessel": "T-75 <b>"}
    answer = client.post("/form", data=data)
    assert answer.status_code == 422
    assert "2 things need to be put right" in answer.text
    assert 'href="#f-viable"' in answer.text
    assert "T-75 &lt;b&gt;" in answer.text
