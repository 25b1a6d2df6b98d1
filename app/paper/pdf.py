"""Chapters in, PDF bytes out: embedded fonts, numbered pages, the same bytes for the same record.

Pages are laid out first (`app.paper.layout`) and drawn once, a column of a table as one text, because a
layout engine that makes an object of every cell costs most of the time of a long record.
"""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from app.kernel.speech import say
from app.paper.chapters import NOT_RECORDED, Chapter, Facts, gaps_in
from app.paper.layout import (
    CELL,
    CELL_LEADING,
    MARGIN,
    MODULE,
    PAD,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RISE,
    WIDTH,
    Grid,
    Page,
    laid_out,
)
from app.paper.tongue import chapters_spoken, speaking, spoken
from app.paper.type import BOLD, PLAIN, FontsMissing, register

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

__all__ = ["FontsMissing", "Rendered", "Sheet", "render"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every page of a document."""

    title: str
    subject: str
    site: str
    #: The document's own serial, printed as text and as a code.
    serial: str
    revision: int
    issued: str
    #: A line across the top of every page, such as the worked example's.
    banner: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The finished document."""

    data: bytes
    pages: int


def render(sheet: Sheet, chapters: list[Chapter], language: str = "en") -> Rendered:
    """The document of these chapters in a language. Raises FontsMissing before set-up."""
    with speaking(language):
        return _rendered(replace(sheet, title=spoken(sheet.title)), chapters_spoken(chapters))


def _rendered(sheet: Sheet, chapters: list[Chapter]) -> Rendered:
    from reportlab.pdfgen.canvas import Canvas

    register()
    pages = laid_out(f"{sheet.title} {sheet.subject}", sheet.serial, _front(sheet, chapters), chapters)
    buffer = BytesIO()
    canvas = Canvas(
        buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1, initialFontName=PLAIN
    )
    canvas.setTitle(f"{sheet.title} {sheet.subject}")
    canvas.setAuthor(sheet.site)
    pen = Pen(canvas)
    for number, page in enumerate(pages, 1):
        _furniture(canvas, sheet, number, len(pages))
        _draw(pen, page)
        pen.turn()
    canvas.save()
    return Rendered(buffer.getvalue(), len(pages))


def _front(sheet: Sheet, chapters: list[Chapter]) -> Facts:
    """What an inspector asks first: which revision, by whom, what is in it, and what is missing."""
    missing = {
        chapter.number: sum(map(gaps_in, chapter.blocks)) if chapter.blocks else 1 for chapter in chapters
    }
    gaps = [
        say("{count} in chapter {number}", count=count, number=number)
        for number, count in missing.items()
        if count
    ]
    listed = ", ".join(f"{chapter.number} {chapter.title}" for chapter in chapters)
    facts = [
        (say("Revision"), str(sheet.revision)),
        (say("Issued"), sheet.issued),
        (say("Site"), sheet.site),
        (say("Chapters"), listed),
        (say("Marked {absent}", absent=NOT_RECORDED), "; ".join(map(spoken, gaps)) or say("nothing")),
    ]
    return Facts([(spoken(label), spoken(value)) for label, value in facts])


def _furniture(canvas: "Canvas", sheet: Sheet, page: int, last: int) -> None:
    """Which document this page is of, and its place in it."""
    right, top = PAGE_WIDTH - MARGIN, PAGE_HEIGHT - MARGIN
    canvas.setFont(BOLD, 9)
    canvas.drawString(MARGIN, top + 10, f"{sheet.title} {sheet.subject}")
    canvas.setFont(PLAIN, 8)
    canvas.drawRightString(
        right, top + 10, spoken(say("revision {revision} · {site}", revision=sheet.revision, site=sheet.site))
    )
    if sheet.banner:
        canvas.drawCentredString(PAGE_WIDTH / 2, top + 24, spoken(sheet.banner))
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, top + 4, right, top + 4)
    canvas.drawString(
        MARGIN,
        MARGIN - 12,
        spoken(say("{serial} · issued {issued}", serial=sheet.serial, issued=spoken(sheet.issued))),
    )
    canvas.drawRightString(right, MARGIN - 12, spoken(say("page {page} of {last}", page=page, last=last)))


class Pen:
    """Writes marks into a page's stream; the one place that knows how reportlab keeps it."""

    def __init__(self, canvas: "Canvas") -> None:
        from reportlab.lib.rl_accel import escapePDF

        self._canvas = canvas
        self._escape = escapePDF
        #: What shows a text in a font, spelled once for the whole document.
        self._shown: dict[tuple[str, str], tuple[tuple[int, str], ...]] = {}
        self._fonts: dict[str, Any] = {}

    def mark(self, operators: list[str]) -> None:
        """Add operators to the page that is being drawn."""
        self._canvas._code.extend(operators)

    def named(self, font: str, subset: int) -> str:
        """The name of a part of a font in this document."""
        name: str = self._font(font).getSubsetInternalName(subset, self._canvas._doc)
        return name

    def _font(self, font: str) -> Any:
        from reportlab.pdfbase.pdfmetrics import getFont

        if font not in self._fonts:
            self._fonts[font] = getFont(font)
        return self._fonts[font]

    def shown(self, font: str, text: str) -> tuple[tuple[int, str], ...]:
        """The parts of a text, each in one subset of the font, escaped."""
        key = (font, text)
        found = self._shown.get(key)
        if found is None:
            found = self._shown[key] = self._spelled(font, text)
        return found

    def _spelled(self, font: str, text: str) -> tuple[tuple[int, str], ...]:
        """ASCII is itself in the first part of a font registered as readable; the rest reportlab places."""
        if text.isascii():
            plain = text.translate(_ESCAPES) if _SPECIAL & set(text) else text
            return ((0, plain),)
        parts = self._font(font).splitString(text, self._canvas._doc)
        return tuple((subset, self._escape(part)) for subset, part in parts)

    def turn(self) -> None:
        """End the page; its stream is kept compressed and nothing more: no second coding as ASCII."""
        from reportlab.pdfbase.pdfdoc import PDFStream, PDFZCompress

        self._canvas.showPage()
        page = self._canvas._doc.Pages.pages[-1]
        stream = PDFStream()
        stream.filters = [PDFZCompress]
        stream.content = page.stream
        page.Contents = stream


_SPECIAL = frozenset("()\\")
_ESCAPES = {ord(sign): f"\\{sign}" for sign in _SPECIAL}


def _draw(pen: Pen, page: Page) -> None:
    pen.mark(page.drawn)
    for grid in page.grids:
        pen.mark(_ruled(grid))
    for code in page.codes:
        side = f"{MODULE:.4f} {MODULE:.4f} re"
        squares = [
            f"{code.x + across * MODULE:.3f} {code.top - (down + 1) * MODULE:.3f} {side}"
            for down, row in enumerate(code.rows)
            for across, dark in enumerate(row)
            if dark
        ]
        pen.mark(["0 g", *squares, "f"])
    operators = ["0 g", "BT"]
    script = _Script(pen, operators)
    for line in page.lines:
        script.write(line.font, line.size, line.x, line.y, line.words)
    for grid in page.grids:
        _write_grid(script, grid)
    operators.append("ET")
    pen.mark(operators)


def _ruled(grid: Grid) -> list[str]:
    """The shade behind the headings and the rule below each row."""
    made = []
    for row in grid.rows:
        if row.shaded:
            made.append(
                f"0.91 0.93 0.94 rg {MARGIN:.2f} {row.top - row.height:.2f} {WIDTH:.2f} {row.height:.2f} re f"
            )
    made.append("0.6 0.65 0.68 RG 0.3 w")
    made += [
        f"{MARGIN:.2f} {row.top - row.height:.2f} m {MARGIN + WIDTH:.2f} {row.top - row.height:.2f} l"
        for row in grid.rows
    ]
    made.append("S 0 G")
    return made


def _write_grid(script: "_Script", grid: Grid) -> None:
    """Row by row: the order in which a screen reader and a search read a table."""
    lefts, x = [], MARGIN + PAD
    for width in grid.columns:
        lefts.append(x)
        x += width
    for row in grid.rows:
        y = row.top - PAD - CELL * RISE
        for left, font, lines in zip(lefts, row.fonts, row.cells, strict=True):
            below = y
            for line in lines:
                script.write(font, CELL, left, below, line)
                below -= CELL_LEADING


class _Script:
    """Text operators of one page: the font is named when it changes, the place for each line."""

    def __init__(self, pen: Pen, operators: list[str]) -> None:
        self._pen = pen
        self._operators = operators
        self._font: tuple[str, float, int] = ("", 0.0, -1)

    def write(self, font: str, size: float, x: float, y: float, words: str) -> None:
        """One line with its left end and baseline at (x, y)."""
        place = f"1 0 0 1 {x:.2f} {y:.2f} Tm "
        for subset, escaped in self._pen.shown(font, words):
            wanted = (font, size, subset)
            if wanted != self._font:
                self._font = wanted
                self._operators.append(f"{self._pen.named(font, subset)} {size:.2f} Tf")
            self._operators.append(f"{place}({escaped}) Tj")
            place = ""
