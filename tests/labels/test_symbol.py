"""QR symbols: the learnt ones are the library's own."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qrcode.util import ALPHA_NUM

from labels.payload import Kind, issue
from labels.symbol import ALPHANUMERIC, quick_symbol, symbol

texts = st.text(ALPHANUMERIC, min_size=16, max_size=16)


def test_the_order_of_the_alphabet_is_the_librarys() -> None:
    assert ALPHA_NUM.decode() == ALPHANUMERIC


@given(texts)
def test_a_symbol_put_together_equals_the_librarys(text: str) -> None:
    assert quick_symbol(text, 1, "Q") == symbol(text, 1, "Q")


@pytest.mark.parametrize(("text", "version", "level"), [("ABC12", 1, "Q"), ("1", 1, "H"), ("X" * 35, 2, "M")])
def test_it_does_so_for_other_lengths_and_formats_too(text: str, version: int, level: str) -> None:
    assert quick_symbol(text, version, level) == symbol(text, version, level)


def test_a_serial_fills_a_version_1_symbol_of_level_q() -> None:
    serial = issue(Kind.CONTAINER, Random(1).choice)
    assert quick_symbol(serial, 1, "Q").size == 21
    with pytest.raises(ValueError, match="17 characters do not fit a QR 1-Q"):
        symbol(serial + "0", 1, "Q")


def test_runs_cover_exactly_the_dark_modules() -> None:
    code = symbol("0123456789ABCDEF", 1, "Q")
    covered = {(row, column) for row, first, end in code.runs() for column in range(first, end)}
    assert covered == {(row, column) for row in range(21) for column in range(21) if code.dark(row, column)}
    assert all(code.dark(0, column) for column in range(7)), "the finder pattern's upper edge"
