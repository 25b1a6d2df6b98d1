"""The calibration label: is the print true to size, and does the scanner's keyboard fit the computer's?"""

from typing import TYPE_CHECKING

from labels.compose import Line
from labels.fonts import Fonts, load
from labels.ink import canvas_for, draw_lines, draw_symbol, points
from labels.layout import MM_PER_POINT, Layout, SymbolPlace
from labels.payload import CALIBRATION
from labels.symbol import symbol

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

RULER_MM = 20
_VERSION, _LEVEL = 2, "Q"
_MARGIN, _GAP = 1.5, 1.2
_TEXT_PT = 6.0


def calibration(layout: Layout, fonts: Fonts | None = None) -> bytes:
    """One page of the stock with a 20 mm ruler and a QR that holds every character of a serial.

    Its modules are as large as those of the stock's labels. What the scanner makes of it is judged by
    ``labels.payload.read_calibration``. Byte-identical each time.
    """
    fonts = fonts or load()
    canvas, out = canvas_for(layout, f"Calibration, {layout.title}, {layout.dpi} dpi")
    place = symbol_place(layout)
    draw_symbol(canvas, layout, symbol(CALIBRATION, place.version, place.level), place)
    right = place.x + place.side_mm + _GAP
    height = points(layout, layout.dots(layout.height_mm))
    _ruler(canvas, right + 0.3, height - 3.5 * 72 / 25.4)
    said = (
        f"{RULER_MM} mm: measure it",
        f"{layout.name}, {layout.dpi} dpi",
        "Print at 100 %.",
        "Then scan: Hilo says",
        "if the keyboard fits.",
    )
    step = _TEXT_PT * 1.2 * MM_PER_POINT
    lines = [Line(text, right, 6.5 + n * step, _TEXT_PT, "regular") for n, text in enumerate(said)]
    draw_lines(canvas, layout, lines, fonts)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def symbol_place(layout: Layout) -> SymbolPlace:
    """Where the calibration symbol stands; a QR 2-Q with the stock's own module size."""
    module = layout.symbol.module_mm
    return SymbolPlace(_MARGIN, _MARGIN, _VERSION, _LEVEL, layout.symbol.dots, module)


def _ruler(canvas: "Canvas", x_mm: float, base_pt: float) -> None:
    """A line of 20 mm between the middles of its two end strokes, with a stroke each 5 mm."""
    mm = 72 / 25.4
    canvas.setLineWidth(0.2 * mm)
    canvas.line(x_mm * mm, base_pt, (x_mm + RULER_MM) * mm, base_pt)
    for at in range(0, RULER_MM + 1, 5):
        stroke = 2.2 if at % RULER_MM == 0 else 1.2
        canvas.line((x_mm + at) * mm, base_pt, (x_mm + at) * mm, base_pt + stroke * mm)
