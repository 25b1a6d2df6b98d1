"""The proof of a print job: every page turned into the printer's dots and read back before it is printed."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from pypdfium2 import PdfDocument

#: PDFium is not safe for use by two threads at once.
_PDFIUM = threading.Lock()
#: A dot at least half covered is black.
_BLACK = 128
#: A page of 1181 dots is 1181.0002 dots after rounding in the file, which a renderer would stretch to 1182.
_ROUNDING = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class PageProof:
    """What one page should say in its symbols and what was read; ``number`` counts from 1."""

    number: int
    expected: tuple[str, ...]
    read: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether exactly the expected codes were read."""
        return sorted(self.expected) == sorted(self.read)


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome for a whole job at one printer resolution."""

    dpi: int
    pages: tuple[PageProof, ...]

    @property
    def sound(self) -> bool:
        """Whether there is a page and all are sound."""
        return bool(self.pages) and all(page.sound for page in self.pages)

    @property
    def faults(self) -> tuple[PageProof, ...]:
        """The pages that must not be printed."""
        return tuple(page for page in self.pages if not page.sound)

    def __str__(self) -> str:
        return f"{len(self.pages) - len(self.faults)} of {len(self.pages)} read at {self.dpi} dpi"


def prove(pdf: bytes, expected: Sequence[str], dpi: int, signed: Sequence[str | None] | None = None) -> Proof:
    """Read every page at the printer's resolution, in black and white as it will print.

    Page n must hold exactly serial n and, where given, signed code n. A page too many or too few is a
    page that is not sound.
    """
    second = signed or [None] * len(expected)
    wanted = [tuple(filter(None, pair)) for pair in zip(expected, second, strict=True)]
    found = [codes(page) for page in pages(pdf, dpi)]
    longest = max(len(wanted), len(found))
    wanted += [()] * (longest - len(wanted))
    found += [()] * (longest - len(found))
    return Proof(
        dpi,
        tuple(
            PageProof(number, want, read) if want else PageProof(number, ("no page",), read)
            for number, (want, read) in enumerate(zip(wanted, found, strict=True), start=1)
        ),
    )


def codes(dots: "NDArray[numpy.uint8]") -> tuple[str, ...]:
    """The texts of all symbols on a page of dots.

    QR Model 2 and Data Matrix only: with others allowed, a blurred frame was once read as a Micro QR.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(
        (zxingcpp.BarcodeFormat.QRCodeModel2, zxingcpp.BarcodeFormat.DataMatrix)
    )
    found = zxingcpp.read_barcodes(dots, formats=formats, try_invert=False)
    return tuple(code.text for code in found if code.valid)


def pages(pdf: bytes, dpi: int) -> Iterator["NDArray[numpy.uint8]"]:
    """Each page as the printer's dots: 0 is black, 255 white, nothing between."""
    import numpy

    with _opened(pdf) as document:
        for number in range(len(document)):
            with _PDFIUM:
                page = document[number]
                grey = page.render(scale=dpi / 72 * _ROUNDING, grayscale=True).to_numpy().copy()
                page.close()
            yield numpy.where(grey.reshape(grey.shape[:2]) < _BLACK, 0, 255).astype(numpy.uint8)


def image(pdf: bytes, page: int, scale: float) -> bytes:
    """A page (counted from 0) as PNG, ``scale`` pixels per point, for showing. IndexError: no such page."""
    out = BytesIO()
    with _opened(pdf) as document:
        if not 0 <= page < len(document):
            raise IndexError(f"page {page + 1} of {len(document)}")
        with _PDFIUM:
            picture = document[page].render(scale=scale * _ROUNDING).to_pil().copy()
    picture.save(out, format="PNG")
    return out.getvalue()


@contextmanager
def _opened(pdf: bytes) -> Iterator["PdfDocument"]:
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        with _PDFIUM:
            document.close()
