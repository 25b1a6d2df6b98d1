"""Labels as ZPL for Zebra printers: the printer makes the symbols itself, the texts are those of the PDF."""

from labels.compose import LabelText, Line, compose
from labels.fonts import Fonts, load
from labels.layout import ASCENT, QUIET, Layout, SymbolPlace
from labels.symbol import MASK

#: A symbol placed with ^FO sinks by the bar height set last, whoever set it: it is set, and taken off.
_SINK = 10
#: What would end or start a command, and the sign that introduces their codes.
_SPECIAL = str.maketrans({sign: f"_{ord(sign):02X}" for sign in "^~_\\"})


def zpl(layout: Layout, label: LabelText, fonts: Fonts | None = None) -> str:
    """One label as ZPL II text, to be sent as UTF-8; the same for the same label each time.

    Texts are wrapped and sized as in the PDF and drawn in the printer's own scalable font 0, which is
    narrower. Raises the same LabelFaults as ``labels.draw.pdf``.
    """
    composed = compose(layout, label, fonts or load())
    return "\n".join(
        [
            "^XA",
            "^CI28",
            f"^PW{layout.dots(layout.width_mm)}^LL{layout.dots(layout.height_mm)}^LH0,0^BY2,3,{_SINK}",
            _symbol(layout, layout.symbol, label.serial),
            *([_symbol(layout, layout.signed, label.signed)] if layout.signed and label.signed else []),
            *(_text(layout, line) for _, lines in composed for line in lines),
            "^PQ1^XZ",
            "",
        ]
    )


def _symbol(layout: Layout, place: SymbolPlace, text: str) -> str:
    """A QR Model 2, alphanumeric, at the level and mask of the PDF's; the printer picks the version."""
    x = layout.dots(place.x) + QUIET * place.dots
    y = layout.dots(place.y) + QUIET * place.dots - _SINK
    return f"^FO{x},{y}^BQN,2,{place.dots},{place.level},{MASK}^FD{place.level}M,A{text}^FS"


def _text(layout: Layout, line: Line) -> str:
    height = round(line.size / 72 * layout.dpi)
    x, y = layout.dots(line.x), layout.dots(line.baseline) - round(height * ASCENT)
    return f"^FO{x},{max(y, 0)}^A0N,{height},{height}^FH_^FD{line.text.translate(_SPECIAL)}^FS"
