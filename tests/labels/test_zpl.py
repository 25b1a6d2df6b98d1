"""ZPL: the same label in a Zebra printer's own words."""

import re

import pytest

from labels.compose import compose
from labels.faults import TextTooLong
from labels.fonts import load as fonts
from labels.layout import QUIET, load
from labels.zpl import zpl
from tests.labels.samples import PRINTERS, label


@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_the_printer_draws_the_codes_itself_at_the_same_place_and_size(stock: str, dpi: int) -> None:
    """In alphanumeric mode; 10 dots higher, since the printer sinks a symbol by the bar height set."""
    layout = load(stock, dpi)
    one = label(layout)
    found = re.findall(
        r"\^FO(\d+),(\d+)\^BQN,2,(\d+),([LMQH]),3\^FD([LMQH])M,A([0-9A-Z]+)\^FS", zpl(layout, one)
    )
    x, y, dots, level, again, text = found[0]
    assert (int(x), int(y) + 10) == (
        layout.dots(layout.symbol.x) + QUIET * layout.symbol.dots,
        layout.dots(layout.symbol.y) + QUIET * layout.symbol.dots,
    )
    assert (int(dots), level, again, text) == (layout.symbol.dots, "Q", "Q", one.serial)
    assert [code[-1] for code in found[1:]] == ([one.signed] if layout.signed else [])


def test_it_says_every_line_of_the_pdf_in_utf_8_and_the_same_each_time() -> None:
    layout = load("bag-100x50", 203)
    one = label(layout)
    text = zpl(layout, one)
    assert text == zpl(layout, one)
    assert text.startswith("^XA\n^CI28\n^PW799^LL400")
    for _, lines in compose(layout, one, fonts()):
        assert all(f"^FD{line.text}^FS" in text for line in lines)


def test_no_text_can_end_its_field_or_start_a_command() -> None:
    layout = load("bag-100x50")
    text = zpl(layout, label(layout, note="a^FS~JA_1"))
    assert "^FDa_5EFS_7EJA_5F1^FS" in text
    assert "~" not in text


def test_a_text_that_does_not_fit_is_refused_as_in_the_pdf() -> None:
    layout = load("bag-100x50")
    with pytest.raises(TextTooLong, match="product"):
        zpl(layout, label(layout, product="Cells " * 30))
