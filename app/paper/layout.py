"""Layout: chapters in, pages of marks out: where each line of text, rule and code stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.paper.chapters import NOT_RECORDED, Block, Chapter, Exact, Facts, Picture, Table, Text
from app.paper.drawing import read_picture
from app.paper.tongue import spoken
from app.paper.type import BOLD, MONO, PLAIN, broken, clean, measure

#: A4 in points, and the room between paper and print.
PAGE_WIDTH, PAGE_HEIGHT = 595.2755905511812, 841.8897637795277
MARGIN = 48.0
WIDTH = PAGE_WIDTH - 2 * MARGIN
TOP, BOTTOM = PAGE_HEIGHT - MARGIN - 30, MARGIN + 16
#: Side of one module of a QR code, 0.5 mm in points, and the modules of its quiet zone.
MODULE = 0.5 * 72 / 25.4
QUIET = 4
#: Points: text and leading of paragraphs and of cells, and the blank around a cell's text.
BODY, BODY_LEADING = 8.5, 11.5
CELL, CELL_LEADING = 8.0, 10.0
PAD = 2.0
#: Points between a cell's text and the next column.
GUTTER = 6.0
#: Part of the width that the labels of facts take.
LABELS = 0.28
#: Points that must be left on a page below a chapter's title, and below a table's caption.
AFTER_TITLE, AFTER_CAPTION = 90, 60
#: Baseline below the top of a line, in parts of the size.
RISE = 0.93


@dataclass(slots=True)
class Row:
    """One row of a table on one page: the lines of each cell, their font, and the top of the row."""

    top: float
    fonts: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    height: float
    shaded: bool


@dataclass(slots=True)
class Grid:
    """A part of a table on one page: columns, and rows downwards."""

    columns: tuple[float, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: font, size, left end, baseline."""

    font: str
    size: float
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with its quiet zone: dark modules by row, and its upper left corner."""

    x: float
    top: float
    rows: tuple[tuple[bool, ...], ...]


@dataclass(slots=True)
class Page:
    """What stands on one page."""

    lines: list[Line] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    #: Operators of pictures, drawn before all text.
    drawn: list[str] = field(default_factory=list)


class Flow:
    """Pages being filled from the top."""

    def __init__(self) -> None:
        self.pages = [Page()]
        self.y = TOP

    @property
    def page(self) -> Page:
        """The page that is being filled."""
        return self.pages[-1]

    def ensure(self, height: float) -> None:
        """Turn the page unless so much room is left on it, or nothing stands on it yet."""
        if self.y - height < BOTTOM and self.y < TOP:
            self.turn()

    def turn(self) -> None:
        """Begin the next page."""
        self.pages.append(Page())
        self.y = TOP

    def skip(self, height: float) -> None:
        """Leave room, but not at the top of a page."""
        if self.y < TOP:
            self.y -= height

    def line(self, words: str, font: str, size: float, leading: float, x: float = MARGIN) -> None:
        """One line of text, on the next page where it does not fit."""
        self.ensure(leading)
        self.page.lines.append(Line(font, size, x, self.y - size * RISE, words))
        self.y -= leading


def laid_out(title: str, serial: str, front: Facts, chapters: Sequence[Chapter]) -> list[Page]:
    """The pages of a document: title, the code of its serial, the front, then the chapters."""
    flow = Flow()
    _paragraph(flow, title, BOLD, 20, 26)
    flow.skip(4)
    _code(flow, serial, " ".join(serial[at : at + 4] for at in range(0, len(serial), 4)))
    flow.skip(6)
    _block(flow, front)
    for chapter in chapters:
        flow.skip(16)
        flow.ensure(AFTER_TITLE)
        _paragraph(flow, f"{chapter.number}. {chapter.title}", BOLD, 12, 16)
        flow.skip(5)
        for block in chapter.blocks or [Text(spoken(NOT_RECORDED))]:
            _block(flow, block)
    return flow.pages


def _paragraph(
    flow: Flow, words: str, font: str = PLAIN, size: float = BODY, leading: float = BODY_LEADING
) -> None:
    asked = measure(font)
    for line in broken(words, WIDTH, lambda text: asked(text) * size):
        flow.line(line, font, size, leading)


def _block(flow: Flow, block: Block) -> None:
    if isinstance(block, Text):
        flow.skip(4)
        _paragraph(flow, block.words, BOLD if block.words == spoken(NOT_RECORDED) else PLAIN)
        flow.skip(4)
    elif isinstance(block, Exact):
        _exact(flow, block)
    elif isinstance(block, Picture):
        _picture(flow, block)
    elif isinstance(block, Facts):
        _caption(flow, block.caption)
        _table(flow, (), block.rows, FACTS)
    else:
        _caption(flow, block.caption)
        if block.rows:
            _table(flow, block.headings, block.rows, columns_of(block))
        else:
            _block(flow, Text(spoken(NOT_RECORDED)))


def _caption(flow: Flow, words: str) -> None:
    if words:
        flow.skip(7)
        flow.ensure(AFTER_CAPTION)
        _paragraph(flow, words, BOLD)
        flow.skip(2)


def _picture(flow: Flow, block: Picture) -> None:
    """A picture as wide as the text, or as tall as a page where it is taller, with its caption above."""
    picture = read_picture(block.svg)
    room = TOP - BOTTOM - AFTER_CAPTION
    scale = min(WIDTH / picture.width, room / picture.height)
    flow.ensure(picture.height * scale + AFTER_CAPTION)
    _caption(flow, block.caption)
    foot = flow.y - picture.height * scale
    place = f"{scale:.5f} 0 0 {scale:.5f} {MARGIN:.2f} {foot:.2f} cm"
    flow.page.drawn += ["q", place, *picture.operators, "Q"]
    for one in picture.words:
        x, y = MARGIN + one.x * scale, foot + (picture.height - one.y) * scale
        flow.page.lines.append(Line(one.font, one.size * scale, x, y, one.text))
    flow.y = foot
    flow.skip(6)


def _exact(flow: Flow, block: Exact) -> None:
    """Lines in the largest even-width type, up to 8 pt, in which the longest fits unbroken."""
    longest = max(measure(MONO)(line) for line in block.lines)
    size = min(8.0, WIDTH / longest) if longest else 8.0
    flow.skip(4)
    for line in block.lines:
        flow.line(clean(line), MONO, size, size * 1.5)
    if block.symbol:
        _code(flow, block.symbol)


def _code(flow: Flow, text: str, beside: str = "") -> None:
    """A QR code of whole 0.5 mm modules with its quiet zone, and words beside it."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

    level = ERROR_CORRECT_Q if len(text) < 20 else ERROR_CORRECT_M
    code = qrcode.QRCode(error_correction=level, border=QUIET, mask_pattern=3)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())
    side = len(rows) * MODULE
    flow.ensure(side)
    flow.page.codes.append(Code(MARGIN, flow.y, rows))
    if beside:
        x, y = MARGIN + side + 2 * MODULE, flow.y - side / 2 - 4
        flow.page.lines.append(Line(MONO, 11, x, y, beside))
    flow.y -= side


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide each column of a table is, and which of them hold every text of theirs in one line."""

    widths: tuple[float, ...]
    roomy: tuple[bool, ...]


def columns_of(table: Table) -> Columns:
    """Columns as wide as their longest text asks; where that is too much, at least their longest word."""
    places = range(len(table.headings))
    wanted = [_asked(table, place, whole=True) for place in places]
    if sum(wanted) <= WIDTH:
        return Columns(tuple(each * WIDTH / sum(wanted) for each in wanted), (True,) * len(wanted))
    least = [_asked(table, place, whole=False) for place in places]
    if sum(least) >= WIDTH:
        widths = [each * WIDTH / sum(least) for each in least]
    else:
        share = (WIDTH - sum(least)) / (sum(wanted) - sum(least))
        widths = [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]
    return Columns(tuple(widths), tuple(has >= asks for has, asks in zip(widths, wanted, strict=True)))


def _asked(table: Table, place: int, *, whole: bool) -> float:
    """Width of the longest text of a column, or of its longest word."""
    absent = spoken(NOT_RECORDED)
    texts: Iterable[str] = {row[place] or absent for row in table.rows}
    if not whole:
        texts = {word for text in texts for word in text.split()}
    heading = max(map(measure(BOLD), table.headings[place].split()), default=0.0)
    missing = measure(BOLD)(absent) if whole and absent in texts else 0.0
    return max(heading, missing, max(map(measure(PLAIN), texts), default=0.0)) * CELL + GUTTER


#: The two columns of facts: labels, and values of any length.
FACTS = Columns((WIDTH * LABELS, WIDTH * (1 - LABELS)), (False, False))


def _table(
    flow: Flow, headings: tuple[str, ...], rows: Sequence[Sequence[str | None]], columns: Columns
) -> None:
    """Rows downwards over as many pages as they need, the headings on top of each."""
    setter = _Setter(columns)
    head = setter.heads(headings) if headings else None
    grid = _grid_on(flow, columns.widths, head)
    plain = (PLAIN,) * len(columns.widths)
    for row in rows:
        fonts = plain if all(row) else tuple(PLAIN if text else BOLD for text in row)
        cells = setter.set(row, fonts)
        height = max(map(len, cells)) * CELL_LEADING + 2 * PAD
        if flow.y - height < BOTTOM:
            grid = _over_the_edge(flow, columns.widths, head, fonts, cells)
        else:
            grid.rows.append(Row(flow.y, fonts, cells, height, False))
            flow.y -= height
    flow.skip(4)


class _Setter:
    """Breaks the texts of a row into the lines of its cells; a roomy column needs no measuring."""

    def __init__(self, columns: Columns) -> None:
        self._roomy = columns.roomy
        #: In the font's own units, so that one measure serves all sizes.
        self._rooms = tuple((width - PAD - GUTTER / 2) / CELL for width in columns.widths)

    def set(self, row: Sequence[str | None], fonts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The lines of each cell of a row."""
        return tuple(
            (text,) if roomy and text and text.isprintable() else self._lines(text, room, font)
            for text, roomy, room, font in zip(row, self._roomy, self._rooms, fonts, strict=True)
        )

    def heads(self, headings: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The lines of each heading; a column as wide as its texts may be narrower than its heading."""
        return tuple(self._lines(text, room, BOLD) for text, room in zip(headings, self._rooms, strict=True))

    def _lines(self, text: str | None, room: float, font: str) -> tuple[str, ...]:
        return tuple(broken(text or spoken(NOT_RECORDED), room, measure(font)))


#: The lines of each heading of a table.
Head = tuple[tuple[str, ...], ...] | None


def _grid_on(flow: Flow, columns: tuple[float, ...], head: Head) -> Grid:
    """A part of a table that begins here, with its headings; room for them and one row is made first."""
    lines = max(map(len, head)) if head else 0
    flow.ensure((lines + 1) * CELL_LEADING + 4 * PAD)
    grid = Grid(columns, [])
    flow.page.grids.append(grid)
    if head:
        height = lines * CELL_LEADING + 2 * PAD
        grid.rows.append(Row(flow.y, (BOLD,) * len(head), head, height, True))
        flow.y -= height
    return grid


def _over_the_edge(
    flow: Flow,
    columns: tuple[float, ...],
    head: Head,
    fonts: tuple[str, ...],
    cells: tuple[tuple[str, ...], ...],
) -> Grid:
    """A row that does not fit: on the next page, and over several when it is taller than a page."""
    left = max(map(len, cells))
    flow.turn()
    grid = _grid_on(flow, columns, head)
    at = 0
    while at < left:
        fitting = max(1, int((flow.y - BOTTOM - 2 * PAD) // CELL_LEADING))
        part = tuple(cell[at : at + fitting] for cell in cells)
        height = max(map(len, part)) * CELL_LEADING + 2 * PAD
        grid.rows.append(Row(flow.y, fonts, part, height, False))
        flow.y -= height
        at += fitting
        if at < left:
            flow.turn()
            grid = _grid_on(flow, columns, head)
    return grid
