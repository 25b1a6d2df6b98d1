"""The ink: pages, lines of text and symbols put on a PDF canvas, in whole printer dots.

A 1-bit printer blackens every dot a shape touches, so a module drawn edge to edge gains a dot on each
side by rounding alone. Page, symbol and module are therefore whole dots, and every dark run is drawn
0.04 dot inside its edges: measured, that leaves no dot wrong. The drawing library is imported when the
first label is drawn.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from labels.compose import Line
from labels.fonts import Fonts
from labels.layout import QUIET, Layout, SymbolPlace
from labels.symbol import Symbol

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

#: How far a dark run stays inside its edges, in printer dots.
INSET = 0.04


def canvas_for(layout: Layout, title: str) -> tuple["Canvas", BytesIO]:
    """An empty canvas whose pages are the stock in whole dots, and the buffer it is saved to."""
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    size = (points(layout, layout.dots(layout.width_mm)), points(layout, layout.dots(layout.height_mm)))
    # Packing would take longer than all the rest; a label is 4 kB without it.
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=0)
    canvas.setTitle(title)
    canvas.setAuthor("Hilo")
    # "Fit to page" would move every module off its dots.
    canvas.setViewerPreference("PrintScaling", "None")
    return canvas, out


def points(layout: Layout, dots: float) -> float:
    """Printer dots in PDF points."""
    return dots * 72 / layout.dpi


def draw_lines(canvas: "Canvas", layout: Layout, lines: Sequence[Line], fonts: Fonts) -> None:
    """Lines of text, each at its place."""
    top = points(layout, layout.dots(layout.height_mm))
    for line in lines:
        canvas.setFont(fonts.name(line.font), line.size)
        canvas.drawString(line.x * 72 / 25.4, top - line.baseline * 72 / 25.4, line.text)


def draw_symbol(canvas: "Canvas", layout: Layout, code: Symbol, place: SymbolPlace) -> None:
    """A symbol at its place, in whole dots."""
    dot = points(layout, 1)
    left = layout.dots(place.x) + QUIET * place.dots
    top = layout.dots(layout.height_mm) - layout.dots(place.y) - QUIET * place.dots
    edge = [f"{n * place.dots + INSET:g}" for n in range(code.size)]
    length = [f"{n * place.dots - 2 * INSET:g}" for n in range(code.size + 1)]
    cells = " ".join(
        f"{edge[first]} {edge[row]} {length[end - first]} {length[1]} re" for row, first, end in code.runs()
    )
    _operators(canvas, f"q 0 g {dot:.6f} 0 0 {-dot:.6f} {left * dot:.6f} {top * dot:.6f} cm {cells} f Q")


def _operators(canvas: "Canvas", operators: str) -> None:
    """Write PDF operators to the page: reportlab has no public way, and its paths cost three times more."""
    canvas._code.append(operators)
