"""Chapters in, PDF bytes out: embedded fonts, numbered pages, the same bytes for the same record."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from app.paper.chapters import NOT_RECORDED, Block, Chapter, Exact, Facts, Table, Text, gaps_in

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor" / "dejavu"
MARGIN = 48.0
#: Side of one module of a QR code, 0.5 mm in points, and the modules of its quiet zone.
MODULE = 0.5 * 72 / 25.4
QUIET = 4
#: Size of the text in tables, in points.
CELL = 8.0
#: Rows of one table drawn at a time: reportlab's layout grows with the square of a table's length.
TABLE_ROWS = 60
#: Points: the letters of a table's cells, and the room left and right of them together.
CELL_SIZE, CELL_PADDING = 8, 8.5
#: A word longer than this part of the page's width is broken: a digest, not a word.
LONGEST_WORD = 0.4
#: Points that must be left on a page below a chapter's title, and below a table's caption.
AFTER_TITLE, AFTER_CAPTION = 90, 60
_BETWEEN_WORDS = re.compile(r"(?<!×)\s+(?!×)")


class FontsMissing(RuntimeError):
    """The fonts of the papers were not set up."""


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


def render(sheet: Sheet, chapters: list[Chapter]) -> Rendered:
    """The document of these chapters. Raises FontsMissing before set-up."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    _register_fonts()
    total = 0

    def build(last: int) -> tuple[bytes, int]:
        buffer = BytesIO()
        document = BaseDocTemplate(
            buffer, pagesize=A4, title=f"{sheet.title} {sheet.subject}", author=sheet.site, invariant=1,
            leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN + 30, bottomMargin=MARGIN + 16,
        )  # fmt: skip
        frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
        document.addPageTemplates(PageTemplate("page", [frame], onPage=_furniture(sheet, last)))
        document.build(_story(sheet, chapters, document.width), canvasmaker=_canvas)
        return buffer.getvalue(), document.page

    _, total = build(0)
    data, pages = build(total)
    return Rendered(data, pages)


def _canvas(*given: Any, **more: Any) -> "Canvas":
    """A canvas that begins in an embedded font, so that no other is named in the file."""
    from reportlab.pdfgen.canvas import Canvas

    return Canvas(*given, **{**more, "initialFontName": "DejaVu"})


def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if "DejaVu" in pdfmetrics.getRegisteredFontNames():
        return
    for name, file in (("DejaVu", "DejaVuSans.ttf"), ("DejaVu-Bold", "DejaVuSans-Bold.ttf"),
                       ("DejaVu-Mono", "DejaVuSansMono.ttf")):  # fmt: skip
        path = FONTS / file
        if not path.exists():
            raise FontsMissing(f"the font {file} is missing: run `make setup`")
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily("DejaVu", normal="DejaVu", bold="DejaVu-Bold")


def _furniture(sheet: Sheet, last: int) -> "Callable[[Canvas, Any], None]":
    def draw(canvas: "Canvas", document: Any) -> None:
        width, height = document.pagesize
        canvas.saveState()
        canvas.setFont("DejaVu-Bold", 9)
        canvas.drawString(MARGIN, height - MARGIN + 10, f"{sheet.title} {sheet.subject}")
        canvas.setFont("DejaVu", 8)
        canvas.drawRightString(
            width - MARGIN, height - MARGIN + 10, f"revision {sheet.revision} · {sheet.site}"
        )
        if sheet.banner:
            canvas.drawCentredString(width / 2, height - MARGIN + 24, sheet.banner)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, height - MARGIN + 4, width - MARGIN, height - MARGIN + 4)
        canvas.drawString(MARGIN, MARGIN - 12, f"{sheet.serial} · issued {sheet.issued}")
        canvas.drawRightString(width - MARGIN, MARGIN - 12, f"page {document.page} of {last}")
        canvas.restoreState()

    return draw


def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    body = ParagraphStyle("body", fontName="DejaVu", fontSize=8.5, leading=11.5)
    bold = ParagraphStyle("bold", body, fontName="DejaVu-Bold", keepWithNext=1)
    return {
        "title": ParagraphStyle("title", bold, fontSize=20, leading=26, spaceAfter=4),
        "chapter": ParagraphStyle("chapter", bold, fontSize=12, leading=16, spaceBefore=16, spaceAfter=5),
        "caption": ParagraphStyle("caption", bold, spaceBefore=7, spaceAfter=2),
        "head": ParagraphStyle("head", body, fontName="DejaVu-Bold", fontSize=CELL, leading=10),
        "cell": ParagraphStyle("cell", body, fontSize=CELL, leading=10),
        "text": ParagraphStyle("text", body, spaceBefore=4, spaceAfter=4),
        "body": body,
    }


def _story(sheet: Sheet, chapters: list[Chapter], width: float) -> "list[Flowable]":
    from reportlab.platypus import Paragraph, Spacer

    styles = _styles()
    story: list[Flowable] = [
        Paragraph(escape(f"{sheet.title} {sheet.subject}"), styles["title"]),
        _symbol(sheet.serial, " ".join(sheet.serial[at : at + 4] for at in range(0, len(sheet.serial), 4))),
        Spacer(0, 6),
        *_block(_front(sheet, chapters), styles, width),
    ]
    for chapter in chapters:
        story.append(Paragraph(escape(f"{chapter.number}. {chapter.title}"), styles["chapter"]))
        for block in chapter.blocks or [Text(NOT_RECORDED)]:
            story.extend(_block(block, styles, width))
    return story


def _front(sheet: Sheet, chapters: list[Chapter]) -> Facts:
    """What an inspector asks first: which revision, by whom, what is in it, and what is missing."""
    missing = {
        chapter.number: sum(map(gaps_in, chapter.blocks)) if chapter.blocks else 1 for chapter in chapters
    }
    told = "; ".join(f"{count} in chapter {number}" for number, count in missing.items() if count)
    return Facts(
        [
            ("Revision", str(sheet.revision)),
            ("Issued", sheet.issued),
            ("Site", sheet.site),
            ("Chapters", ", ".join(f"{chapter.number} {chapter.title}" for chapter in chapters)),
            (f"Marked {NOT_RECORDED}", told or "nothing"),
        ]
    )


def _symbol(text: str, beside: str = "") -> "Flowable":
    """A QR code of whole 0.5 mm modules with its quiet zone, and words beside it."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
    from reportlab.platypus import Flowable

    level = ERROR_CORRECT_Q if len(text) < 20 else ERROR_CORRECT_M
    code = qrcode.QRCode(error_correction=level, border=QUIET, mask_pattern=3)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    side = len(rows) * MODULE

    class Symbol(Flowable):  # type: ignore[misc]  # reportlab brings no types
        def wrap(self, *_room: float) -> tuple[float, float]:
            return side, side

        def draw(self) -> None:
            for down, row in enumerate(rows):
                for across, dark in enumerate(row):
                    if dark:
                        y = side - (down + 1) * MODULE
                        self.canv.rect(across * MODULE, y, MODULE, MODULE, stroke=0, fill=1)
            self.canv.setFont("DejaVu-Mono", 11)
            self.canv.drawString(side + 2 * MODULE, side / 2 - 4, beside)

    return Symbol()


def _block(block: Block, styles: dict[str, Any], width: float) -> "list[Flowable]":
    from reportlab.platypus import Paragraph, Spacer

    if isinstance(block, Text):
        return [Paragraph(escape(block.words), styles["text"])]
    if isinstance(block, Exact):
        return _exact(block, width)
    if isinstance(block, Facts):
        rows: list[tuple[str | None, ...]] = [(name, value) for name, value in block.rows]
        return [_grid(None, rows, [width * 0.28, width * 0.72], styles), Spacer(0, 4)]
    made: list[Flowable] = []
    if block.caption:
        made.append(Paragraph(escape(block.caption), styles["caption"]))
    if not block.rows:
        return [*made, Paragraph(f"<b>{NOT_RECORDED}</b>", styles["text"])]
    columns = _widths(block, width)
    for start in range(0, len(block.rows), TABLE_ROWS):
        made.append(_grid(block.headings, block.rows[start : start + TABLE_ROWS], columns, styles))
    return [*made, Spacer(0, 4)]


def _exact(block: Exact, width: float) -> "list[Flowable]":
    """Lines in the largest even-width type, up to 8 pt, in which the longest fits unbroken."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.platypus import Preformatted

    longest = max(stringWidth(line, "DejaVu-Mono", 1) for line in block.lines)
    size = min(8.0, width / longest)
    style = ParagraphStyle("exact", fontName="DejaVu-Mono", fontSize=size, leading=size * 1.5, spaceBefore=4)
    made: list[Flowable] = [Preformatted("\n".join(block.lines), style)]
    return [*made, _symbol(block.symbol)] if block.symbol else made


def _widths(table: Table, width: float) -> list[float]:
    """Columns as wide as their longest text asks; where that is too much, at least their longest word."""
    wanted = [_asked(table, place, whole=True) for place in range(len(table.headings))]
    if sum(wanted) <= width:
        return [each * width / sum(wanted) for each in wanted]
    least = [_asked(table, place, whole=False) for place in range(len(table.headings))]
    if sum(least) >= width:
        return [each * width / sum(least) for each in least]
    share = (width - sum(least)) / (sum(wanted) - sum(least))
    return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]


def _asked(table: Table, place: int, *, whole: bool) -> float:
    """Width of the longest text of a column, or of its longest word."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    texts = [row[place] or NOT_RECORDED for row in table.rows]
    parts = texts if whole else [word for text in texts for word in text.split()]
    words = (stringWidth(word, "DejaVu-Bold", CELL) for word in table.headings[place].split())
    return float(max([*words, *(stringWidth(part, "DejaVu", CELL) for part in parts)])) + 8


def _grid(
    headings: tuple[str, ...] | None,
    rows: Sequence[tuple[str | None, ...]],
    columns: list[float],
    styles: dict[str, Any],
) -> "Flowable":
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Grid

    def cell(value: str | None) -> Any:
        words = escape(value) if value not in (None, "") else f"<b>{NOT_RECORDED}</b>"
        return Paragraph(words, styles["cell"])

    data = [[cell(value) for value in row] for row in rows]
    if headings is not None:
        data.insert(0, [Paragraph(escape(heading), styles["head"]) for heading in headings])
    grid = Grid(data, colWidths=columns, repeatRows=1 if headings else 0)
    grid.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), "DejaVu"),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#9aa5ad")),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                *([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e8edf0"))] if headings else []),
            ]
        )
    )
    return grid
