"""What a page's dots should be, and what two independent renderers make of it."""

import shutil
import subprocess
from pathlib import Path

import numpy
import pytest
from numpy.typing import NDArray
from PIL import Image

from labels import proof
from labels.layout import QUIET, Layout, SymbolPlace
from labels.symbol import Symbol

Dots = NDArray[numpy.uint8]


def pdfium(pdf: bytes, dpi: int, folder: Path) -> list[Dots]:
    """The pages as PDFium renders them, black or white."""
    assert folder.is_dir()
    return list(proof.pages(pdf, dpi))


def poppler(pdf: bytes, dpi: int, folder: Path) -> list[Dots]:
    """The pages as ``pdftoppm -mono`` renders them; skips the test where it is not installed."""
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm is not installed")
    source = folder / "labels.pdf"
    source.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-mono", "-r", str(dpi), source, folder / "page"], check=True)
    found = sorted(folder.glob("page*.pbm"))
    return [numpy.asarray(Image.open(page).convert("L"), dtype=numpy.uint8) for page in found]


def expected(code: Symbol, dots: int) -> Dots:
    """The symbol in printer dots, quiet zone included: 0 black, 255 white."""
    light = [[not code.dark(row, column) for column in range(code.size)] for row in range(code.size)]
    framed = numpy.pad(numpy.array(light, dtype=numpy.uint8) * 255, QUIET, constant_values=255)
    return numpy.kron(framed, numpy.ones((dots, dots), dtype=numpy.uint8)).astype(numpy.uint8)


def cut(page: Dots, layout: Layout, place: SymbolPlace) -> Dots:
    """The part of the page the symbol stands in."""
    side = (place.modules + 2 * QUIET) * place.dots
    top, left = layout.dots(place.y), layout.dots(place.x)
    return page[top : top + side, left : left + side]
