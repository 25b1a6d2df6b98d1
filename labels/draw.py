"""Labels as PDF: one page each, the same bytes each time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labels.calibration import calibration
from labels.compose import Composed, LabelText, compose
from labels.faults import BadSerial, LabelFault
from labels.fonts import Fonts, load
from labels.ink import canvas_for, draw_lines, draw_symbol
from labels.layout import Layout
from labels.symbol import quick_symbol, symbol

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

__all__ = ["LabelText", "calibration", "pdf"]

_FORM = "same-on-all"


def pdf(layout: Layout, labels: Sequence[LabelText], fonts: Fonts | None = None) -> bytes:
    """The labels as a PDF, one page each, in their order.

    Raises LabelFault, in one of its kinds, when anything of any label cannot be printed as given; then
    nothing is drawn. ``fonts`` default to those set-up installed.
    """
    if not labels:
        raise LabelFault("There is no label to draw.")
    if len({label.serial for label in labels}) < len(labels):
        raise BadSerial("Two labels of one job have the same serial. Each piece needs its own.")
    fonts = fonts or load()
    composed = [compose(layout, label, fonts) for label in labels]
    same = frozenset.intersection(*map(frozenset, composed)) if len(composed) > 1 else frozenset()
    canvas, out = canvas_for(layout, f"Labels, {layout.title}")
    if same:
        _draw_form(canvas, layout, tuple(part for part in composed[0] if part in same), fonts)
    for label, parts in zip(labels, composed, strict=True):
        if same:
            canvas.doForm(_FORM)
        _draw_parts(canvas, layout, tuple(part for part in parts if part not in same), fonts)
        _draw_symbols(canvas, layout, label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_form(canvas: "Canvas", layout: Layout, parts: Composed, fonts: Fonts) -> None:
    """What all labels of the job have in common, drawn once and shown on every page."""
    canvas.beginForm(_FORM)
    _draw_parts(canvas, layout, parts, fonts)
    canvas.endForm()


def _draw_parts(canvas: "Canvas", layout: Layout, parts: Composed, fonts: Fonts) -> None:
    draw_lines(canvas, layout, [line for _, lines in parts for line in lines], fonts)


def _draw_symbols(canvas: "Canvas", layout: Layout, label: LabelText) -> None:
    place = layout.symbol
    draw_symbol(canvas, layout, quick_symbol(label.serial, place.version, place.level), place)
    if label.signed is not None and layout.signed is not None:
        place = layout.signed
        draw_symbol(canvas, layout, symbol(label.signed, place.version, place.level), place)
