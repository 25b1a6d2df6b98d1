"""The calibration label: true to size, and every character of a serial to scan."""

import numpy
import pytest

from labels import proof
from labels.calibration import RULER_MM, calibration, symbol_place
from labels.layout import load
from labels.payload import CALIBRATION, read_calibration
from tests.labels.samples import PRINTERS


@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_a_scanner_reads_every_character_from_it(stock: str, dpi: int) -> None:
    page = next(proof.pages(calibration(load(stock, dpi)), dpi))
    assert proof.codes(page) == (CALIBRATION,)
    assert read_calibration(proof.codes(page)[0]) is None


@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_the_ruler_is_20_mm_from_middle_to_middle(stock: str, dpi: int) -> None:
    """The longest black row right of the symbol, in dots, less one stroke; within one dot."""
    layout = load(stock, dpi)
    page = next(proof.pages(calibration(layout), dpi))
    place = symbol_place(layout)
    rows = (page[:, layout.dots(place.x + place.side_mm) :] == 0).sum(axis=1)
    longest = int(numpy.max(rows)) * 25.4 / dpi
    assert longest == pytest.approx(RULER_MM + 0.2, abs=2 * 25.4 / dpi)


def test_it_is_the_same_each_time() -> None:
    layout = load("vial-50x25")
    assert calibration(layout) == calibration(layout)
