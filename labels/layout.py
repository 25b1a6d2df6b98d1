"""Label stocks: the TOML files of ``layouts/`` read into what the drawing needs, with every limit checked."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from labels.faults import LayoutFault, UnknownResolution, UnknownStock
from labels.payload import LENGTH, Kind
from labels.stock import Table

FOLDER = Path(__file__).parent / "layouts"
MM_PER_POINT = 25.4 / 72
#: Height of a line of DejaVu over its size: nothing of one line touches the next, accents included.
LINE = 1.17
#: Where the baseline stands in it.
ASCENT = 0.93
#: Text that has to be there is never printed smaller (points).
CRITICAL_PT = 7.0
#: The light frame a reader needs around a QR, in modules.
QUIET = 4
FONTS = ("regular", "bold", "mono")

#: Every text a label can show, and what it is.
FIELDS: dict[str, str] = {
    "product": "proper name of the product",
    "lot": "code of the lot",
    "unit": "code of the unit",
    "dose": "viable cells in the container",
    "volume": "volume in the container",
    "expiry": "last day of use, YYYY-MM-DD",
    "storage": "storage temperature",
    "donor": "code of the donor",
    "donation": "donation number",
    "recipient": "code of the recipient",
    "thing": "code of a place or a device",
    "thing_name": "what a place or a device is called",
    "name": "the recipient's name (wristbands only)",
    "born": "the recipient's date of birth, YYYY-MM-DD (wristbands only)",
    "record": "the recipient's record number in the hospital (wristbands only)",
    "warnings": "statutory warnings",
    "required": "what the law makes a label say of the donor, such as NOT EVALUATED FOR …",
    "regime": "under which rule the product is used",
    "site": "who made it",
    "note": "a remark such as SYNTHETIC DATA",
    "copy": "which copy this is; Hilo writes it itself, from the second on",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the label in mm, from its top left corner."""

    what: str
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share some area; touching edges do not count (tolerance 1 µm)."""
        apart = 1e-3
        return (
            self.x + self.width - apart > other.x
            and other.x + other.width - apart > self.x
            and self.y + self.height - apart > other.y
            and other.y + other.height - apart > self.y
        )


@dataclass(frozen=True, slots=True)
class SymbolPlace:
    """Where a QR stands, quiet zone included (mm), its format, and dots per module for the chosen printer."""

    x: float
    y: float
    version: int
    level: str
    dots: int
    module_mm: float

    @property
    def modules(self) -> int:
        """Modules along one side, without the quiet zone."""
        return 17 + 4 * self.version

    @property
    def side_mm(self) -> float:
        """Side of the symbol with its quiet zone."""
        return (self.modules + 2 * QUIET) * self.module_mm


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a text stands: box in mm, size and smallest size in points, at most so many lines."""

    name: str
    x: float
    y: float
    width: float
    size: float
    smallest: float
    font: str
    lines: int
    caption: str
    needed: bool

    @property
    def box(self) -> Box:
        """The area kept for it."""
        return Box(self.name, self.x, self.y, self.width, self.lines * self.size * LINE * MM_PER_POINT)


@dataclass(frozen=True, slots=True)
class Layout:
    """One label stock, for one printer resolution."""

    name: str
    title: str
    width_mm: float
    height_mm: float
    dpi: int
    printers: tuple[int, ...]
    kinds: tuple[str, ...]
    serial_kind: Kind
    symbol: SymbolPlace
    serial: TextPlace
    signed: SymbolPlace | None
    fields: tuple[TextPlace, ...]
    fixed: tuple[TextPlace, ...]
    leaves_out: frozenset[str]

    def boxes(self) -> Iterator[Box]:
        """Every area of the label that something may be printed in."""
        yield Box("symbol", self.symbol.x, self.symbol.y, self.symbol.side_mm, self.symbol.side_mm)
        if self.signed:
            yield Box("signed", self.signed.x, self.signed.y, self.signed.side_mm, self.signed.side_mm)
        yield self.serial.box
        yield from (place.box for place in (*self.fields, *self.fixed))

    def dots(self, mm: float) -> int:
        """A length in whole printer dots."""
        return round(mm * self.dpi / 25.4)


def stocks() -> tuple[str, ...]:
    """The names of all label stocks."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@lru_cache(maxsize=32)
def load(name: str, dpi: int | None = None) -> Layout:
    """The stock of this name, for a printer of ``dpi`` dots per inch (default: the stock's first).

    Raises UnknownStock, UnknownResolution, LayoutFault.
    """
    if name not in stocks():
        raise UnknownStock(name, stocks())
    return parse(name, (FOLDER / f"{name}.toml").read_text(encoding="utf-8"), dpi)


def parse(name: str, text: str, dpi: int | None = None) -> Layout:
    """The layout written in ``text``. Raises LayoutFault naming the place, UnknownResolution."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise LayoutFault(name, "as a file", f"not TOML ({fault})") from None
    table = Table(name, "the stock", raw)
    layout = _layout(name, table, dpi)
    table.done()
    _check(layout)
    return layout


def _layout(name: str, table: Table, dpi: int | None) -> Layout:
    symbol = table.table("symbol")
    signed = table.optional_table("signed")
    printers = symbol.printers()
    if dpi is not None and dpi not in printers:
        raise UnknownResolution(name, dpi, printers)
    dpi = dpi or printers[0]
    return Layout(
        name=name,
        title=table.text("title"),
        width_mm=table.number("width_mm"),
        height_mm=table.number("height_mm"),
        dpi=dpi,
        printers=printers,
        kinds=table.words("kinds"),
        serial_kind=_kind(table),
        symbol=_symbol(symbol, dpi),
        serial=_serial(table.table("serial")),
        signed=_symbol(signed, dpi) if signed else None,
        fields=tuple(_field(each) for each in table.tables("field")),
        fixed=tuple(_fixed(each) for each in table.tables("fixed")),
        leaves_out=frozenset(table.words("leaves_out")),
    )


def _kind(table: Table) -> Kind:
    letter = table.text("serial_kind")
    if letter not in list(Kind):
        raise table.fault(f"serial_kind {letter!r} is none of {', '.join(Kind)}")
    return Kind(letter)


def _symbol(table: Table, dpi: int) -> SymbolPlace:
    dots = table.dots(dpi)
    place = SymbolPlace(
        x=table.number("x"),
        y=table.number("y"),
        version=int(table.number("version")),
        level=table.choice("level", ("L", "M", "Q", "H")),
        dots=dots,
        module_mm=dots * 25.4 / dpi,
    )
    least, most = table.number("module_least_mm"), table.number("side_most_mm")
    if place.module_mm < least:
        raise table.fault(
            f"a module is {place.module_mm:.3f} mm at {dpi} dpi, at least {least} mm are needed"
        )
    if place.side_mm > most:
        raise table.fault(
            f"the symbol is {place.side_mm:.2f} mm wide at {dpi} dpi, at most {most} mm are allowed"
        )
    table.done()
    return place


def _serial(table: Table) -> TextPlace:
    rows = int(table.number("rows"))
    if rows not in (1, 2, 4):
        raise table.fault(f"{rows} rows: the four groups of a serial stand in 1, 2 or 4 rows")
    return _place(table, "serial", "mono", rows)


def _field(table: Table) -> TextPlace:
    name = table.choice("name", tuple(FIELDS))
    return _place(table, name, table.choice("font", FONTS), int(table.number("lines", 1)))


def _fixed(table: Table) -> TextPlace:
    return _place(table, table.text("text"), table.choice("font", FONTS), int(table.number("lines", 1)))


def _place(table: Table, name: str, font: str, lines: int) -> TextPlace:
    size = table.number("size")
    place = TextPlace(
        name=name,
        x=table.number("x"),
        y=table.number("y"),
        width=table.number("width"),
        size=size,
        smallest=table.number("smallest", size),
        font=font,
        lines=lines,
        caption=table.text("caption", ""),
        needed=table.flag("needed"),
    )
    if not 1 <= lines <= 6 or (place.caption and lines > 1):
        raise table.fault("1 to 6 lines are possible, and a text with a caption has one")
    if not 4 <= place.smallest <= size:
        raise table.fault(f"smallest {place.smallest} pt must lie between 4 pt and its size, {size} pt")
    if (place.needed or name == "serial") and place.smallest < CRITICAL_PT:
        raise table.fault(f"a text that has to be there is at least {CRITICAL_PT:g} pt")
    table.done()
    return place


def _check(layout: Layout) -> None:
    """What only the whole label can show: inside the stock, nothing over anything, every field once."""
    if layout.symbol.version != 1 or layout.symbol.level != "Q":
        raise LayoutFault(layout.name, "symbol", f"a serial of {LENGTH} characters stands in a QR 1-Q")
    if layout.signed and (layout.signed.version, layout.signed.level) != (6, "M"):
        raise LayoutFault(layout.name, "signed", "a signed code stands in a QR 6-M")
    boxes = list(layout.boxes())
    for box in boxes:
        if box.x < 0 or box.y < 0:
            raise LayoutFault(layout.name, box.what, "begins outside the label")
        if box.x + box.width > layout.width_mm + 1e-6 or box.y + box.height > layout.height_mm + 1e-6:
            raise LayoutFault(layout.name, box.what, "reaches over the edge of the label")
    for one, other in combinations(boxes, 2):
        if one.meets(other):
            raise LayoutFault(layout.name, one.what, f"lies over {other.what}")
    names = [place.name for place in layout.fields]
    for name in FIELDS:
        if names.count(name) + (name in layout.leaves_out) != 1:
            raise LayoutFault(layout.name, name, "must have one place or stand in leaves_out")
    if unknown := layout.leaves_out - set(FIELDS):
        raise LayoutFault(layout.name, "leaves_out", f"no such field: {', '.join(sorted(unknown))}")
