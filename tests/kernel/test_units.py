"""Quantities in digits and words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.units import cells, cells_words, dose, groups, number

THIN = "\u202f"
# fmt: off
SMALL = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
         "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
         "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
        "ninety": 90}
# fmt: on


def understood(words: str) -> int:
    """The number that English words say, by a reader of its own."""
    total = part = 0
    for word in words.replace("-", " ").split():
        if word in ("thousand", "million", "billion"):
            total += part * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            part = 0
        elif word == "hundred":
            part *= 100
        elif word != "and":
            part += SMALL.get(word, 0) + TENS.get(word, 0)
    return total + part


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (Decimal("0.50"), "0.5"),
        (0, "0"),
        (-0.0, "0"),
        (1234, "1234"),
        (12345, f"12{THIN}345"),
        (90_000_000, f"90{THIN}000{THIN}000"),
        (Decimal("-2.10"), "\u22122.1"),
        (1e-7, "0.0000001"),
        (0.1, "0.1"),
    ],
)
def test_numbers_have_a_leading_zero_no_trailing_zero_and_thin_spaces(value: float, written: str) -> None:
    """ISMP: 1 not 1.0, 0.5 not .5, spaces in thousands."""
    assert number(value) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        number(value)


@pytest.mark.parametrize(
    ("count", "digits", "words"),
    [
        (0, "0", "zero"),
        (850_000, f"850{THIN}000", "eight hundred and fifty thousand"),
        (90_000_000, "90 × 10⁶", "ninety million"),
        (87_500_000, "87.5 × 10⁶", "eighty-seven million five hundred thousand"),
        (1_000_005, "1.000005 × 10⁶", "one million and five"),
        (2_500_000_000, "2.5 × 10⁹", "two billion five hundred million"),
    ],
)
def test_a_dose_is_written_in_digits_and_in_words(count: int, digits: str, words: str) -> None:
    assert (cells(count), cells_words(count)) == (digits, words)
    assert dose(count) == f"{digits} cells ({words})"


@given(st.integers(0, 10**12 - 1))
def test_words_say_exactly_the_count(count: int) -> None:
    """Read back by an independent reader, over the whole range."""
    assert understood(cells_words(count)) == count


@given(st.integers(0, 10**12 - 1))
def test_digits_say_exactly_the_count(count: int) -> None:
    mantissa, _, power = cells(count).replace(THIN, "").partition(" × 10")
    assert Decimal(mantissa) * 10 ** int({"": 0, "⁶": 6, "⁹": 9}[power]) == count


@pytest.mark.parametrize("count", [-1, 10**12])
def test_a_count_out_of_range_is_not_said(count: int) -> None:
    with pytest.raises(ValueError, match="cell count"):
        cells_words(count)


def test_a_serial_is_read_in_groups_of_four() -> None:
    assert groups("B7K3M9QX2D4F6G8H") == ["B7K3", "M9QX", "2D4F", "6G8H"]
