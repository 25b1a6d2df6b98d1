"""Chapters in, PDF bytes out: embedded fonts, numbered pages, the same bytes for the same record."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from app.paper.chapters import NOT_RECORDED, Block, Chapter, Facts, Table, Text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor" / "dejavu"
MARGIN = 48.0
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
        document.build(_story(sheet, chapters, document.width))
        return buffer.getvalue(), document.page

    _, total = build(0)
    data, pages = build(total)
    return Rendered(data, pages)


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
    return {
        "title": ParagraphStyle("title", body, fontName="DejaVu-Bold", fontSize=20, leading=26, spaceAfter=4),
        "chapter": ParagraphStyle(
            "chapter", body, fontName="DejaVu-Bold", fontSize=12, leading=16, spaceBefore=14, spaceAfter=5
        ),
        "caption": ParagraphStyle("caption", body, fontName="DejaVu-Bold", spaceBefore=6, spaceAfter=2),
        "head": ParagraphStyle("head", body, fontName="DejaVu-Bold", fontSize=CELL_SIZE, leading=10),
        "cell": ParagraphStyle("cell", body, fontSize=CELL_SIZE, leading=10),
        "body": body,
    }


def _story(sheet: Sheet, chapters: list[Chapter], width: float) -> "list[Flowable]":
    from reportlab.platypus import CondPageBreak, Paragraph, Spacer

    styles = _styles()
    story: list[Flowable] = [
        Paragraph(escape(f"{sheet.title} {sheet.subject}"), styles["title"]),
        _symbol(sheet.serial),
        Spacer(0, 6),
    ]
    for chapter in chapters:
        story.append(CondPageBreak(AFTER_TITLE))
        story.append(Paragraph(escape(f"{chapter.number}. {chapter.title}"), styles["chapter"]))
        for block in chapter.blocks or [Text(NOT_RECORDED)]:
            story.extend(_block(block, styles, width))
    return story


def _symbol(serial: str) -> "Flowable":
    """The document's serial as a QR code of whole 0.5 mm modules, with its text beside it."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q
    from reportlab.graphics.shapes import Drawing, Rect, String

    code = qrcode.QRCode(version=1, error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=3)
    code.add_data(serial)
    code.make(fit=False)
    module = 0.5 * 72 / 25.4
    matrix = code.get_matrix()
    size = len(matrix) * module
    drawing = Drawing(size + 240, size + 8 * module)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:
                x, y = (4 + across) * module, (4 + len(matrix) - 1 - down) * module
                drawing.add(Rect(x, y, module, module, strokeWidth=0, strokeColor=None))
    grouped = " ".join(serial[start : start + 4] for start in range(0, len(serial), 4))
    drawing.add(
        String(size + 10 * module, size / 2 + 2 * module, grouped, fontName="DejaVu-Mono", fontSize=11)
    )
    return drawing


def _block(block: Block, styles: dict[str, Any], width: float) -> "list[Flowable]":
    from reportlab.platypus import CondPageBreak, Paragraph

    if isinstance(block, Text):
        return [Paragraph(escape(block.words), styles["body"])]
    if isinstance(block, Facts):
        rows: list[tuple[str | None, ...]] = [(name, value) for name, value in block.rows]
        return [_grid(None, rows, [width * 0.32, width * 0.68], styles)]
    made: list[Flowable] = []
    if block.caption:
        made += [CondPageBreak(AFTER_CAPTION), Paragraph(escape(block.caption), styles["caption"])]
    if not block.rows:
        return [*made, Paragraph(NOT_RECORDED, styles["body"])]
    columns = _widths(block, width)
    for start in range(0, len(block.rows), TABLE_ROWS):
        made.append(_grid(block.headings, block.rows[start : start + TABLE_ROWS], columns, styles))
    return made


def _widths(table: Table, width: float) -> list[float]:
    """Each column holds its longest word; the rest is shared as the longest texts ask, within reason."""
    words, lengths = [], []
    for place, heading in enumerate(table.headings):
        texts = {heading, *(row[place] or NOT_RECORDED for row in table.rows)}
        words.append(min(max(map(_longest_word, texts)) + CELL_PADDING, width * LONGEST_WORD))
        lengths.append(min(max(6, *map(len, texts)), 40))
    least = [word * min(1.0, width / sum(words)) for word in words]
    spare = width - sum(least)
    return [word + spare * length / sum(lengths) for word, length in zip(least, lengths, strict=True)]


def _longest_word(text: str) -> float:
    """How wide the longest word of a cell is, set bold as a heading is; points. ``24 × 10⁶`` is one word."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return max(float(stringWidth(word, "DejaVu-Bold", CELL_SIZE)) for word in _BETWEEN_WORDS.split(text))


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
