"""Our own pictures on paper: the shapes and texts of an SVG of `app.web.svg`, as marks of a page.

Only what our pictures are made of is read: lines, rectangles, polylines, outlines of points, text. Anything
else is a mistake in a picture and raises ValueError, never a shape left out in silence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from app.paper.tongue import spoken
from app.paper.type import BOLD, PLAIN, measure

#: How far the control points of a half circle stand off, in radii: two quarter arcs drawn as cubic curves.
ARC = 4 / 3
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?|-?\.\d+")
_STEP = re.compile(r"([MLHVaZ])([^MLHVaZ]*)")
_SHIFT = re.compile(r"translate\((\S+) (\S+)\)")
_KEPT = {"g", "svg"}
_SAID = {"title", "desc"}


@dataclass(frozen=True, slots=True)
class Ink:
    """How one class is drawn: colours as red, green, blue from 0 to 1, width and dashes in picture units."""

    stroke: str = ""
    fill: str = ""
    width: float = 1.0
    dash: str = ""


#: The classes of the style sheet by day, on white paper.
INKS: dict[str, Ink] = {
    "axis": Ink("0.40 0.46 0.44"),
    "grid": Ink("0.80 0.84 0.82"),
    "band": Ink(fill="0.89 0.95 0.91"),
    "mark-line": Ink("0.08 0.13 0.12", width=2, dash="2 3"),
    "limit": Ink("0.29 0.35 0.33", width=1.5, dash="7 4"),
    "frame": Ink("0.40 0.46 0.44"),
    "window": Ink("0.40 0.46 0.44", "0.91 0.93 0.92", 1.5),
    "window-plain": Ink("0.40 0.46 0.44", "0.91 0.93 0.92", 1.5),
    "window-late": Ink("0.35 0.24 0.00", "0.91 0.93 0.92", 1.5, "6 4"),
    "window-missing": Ink("0.63 0.06 0.06", "0.99 0.91 0.91", 1.5, "2 3"),
    "s1": Ink("0.04 0.36 0.38", "0.04 0.36 0.38", 2),
    "s2": Ink("0.64 0.28 0.04", "0.64 0.28 0.04", 2),
    "s3": Ink("0.36 0.25 0.63", "0.36 0.25 0.63", 2),
    "s4": Ink("0.20 0.38 0.05", "0.20 0.38 0.05", 2),
}
WHITE = "1 1 1"
#: Sizes of text in picture units, by class.
SIZES = {"small": 12.0}
SIZE = 13.0


@dataclass(frozen=True, slots=True)
class Words:
    """One text of a picture: font, size, left end and baseline in the picture's own units, downwards."""

    font: str
    size: float
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture read: its size, the operators of its shapes (y upwards, from its foot), and its texts."""

    width: float
    height: float
    operators: tuple[str, ...]
    words: tuple[Words, ...]


def read_picture(svg: str) -> Drawing:
    """The picture in marks. Raises ValueError for a shape that is none of ours."""
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    operators: list[str] = []
    words: list[Words] = []
    for element in _shapes(root):
        name = element.tag.rpartition("}")[2]
        if name == "text":
            words.append(_words(element))
        else:
            operators += _shape(name, element, height)
    return Drawing(width, height, tuple(operators), tuple(words))


def _shapes(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name not in _KEPT and name not in _SAID:
            yield element


def _words(element: ElementTree.Element) -> Words:
    classes = element.get("class", "").split()
    font = BOLD if "strong" in classes else PLAIN
    size = next((SIZES[one] for one in classes if one in SIZES), SIZE)
    text = spoken(element.text or "")
    back = {"end": 1.0, "middle": 0.5}.get(element.get("text-anchor", "start"), 0.0)
    return Words(font, size, _of(element, "x") - back * measure(font)(text) * size, _of(element, "y"), text)


def _of(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "0"))


def _ink(element: ElementTree.Element) -> Ink:
    """The ink of the last class that has one; a hollow point is filled with paper, a curve with nothing."""
    classes = element.get("class", "").split()
    ink = next((INKS[one] for one in reversed(classes) if one in INKS), None)
    if ink is None:
        raise ValueError(f"a shape of class {' '.join(classes) or 'none'} has no ink")
    if "hollow" in classes:
        return Ink(ink.stroke, WHITE, ink.width)
    return Ink(ink.stroke, "", ink.width) if "series" in classes else ink


def _shape(name: str, element: ElementTree.Element, height: float) -> list[str]:
    ink = _ink(element)
    if name == "line":
        path = _path(
            [(_of(element, "x1"), _of(element, "y1")), (_of(element, "x2"), _of(element, "y2"))], height
        )
    elif name == "polyline":
        ends = [float(number) for number in _NUMBER.findall(element.attrib["points"])]
        path = _path(list(zip(ends[::2], ends[1::2], strict=True)), height)
    elif name == "rect":
        x, y, wide, high = (_of(element, side) for side in ("x", "y", "width", "height"))
        path = [f"{x:.2f} {height - y - high:.2f} {wide:.2f} {high:.2f} re"]
    elif name == "path":
        path = _outline(element, height)
    else:
        raise ValueError(f"a picture on paper has no {name}")
    return ["q", *_set(ink), *path, _painted(ink), "Q"]


def _set(ink: Ink) -> list[str]:
    made = [f"{ink.width:g} w", f"[{ink.dash}] 0 d"]
    made += [f"{ink.stroke} RG"] if ink.stroke else []
    return [*made, f"{ink.fill} rg"] if ink.fill else made


def _painted(ink: Ink) -> str:
    if ink.stroke and ink.fill:
        return "B"
    return "S" if ink.stroke else "f"


def _path(points: list[tuple[float, float]], height: float) -> list[str]:
    return [f"{x:.2f} {height - y:.2f} {'l' if number else 'm'}" for number, (x, y) in enumerate(points)]


def _outline(element: ElementTree.Element, height: float) -> list[str]:
    """The outline of a point, shifted to its place."""
    shift = _SHIFT.fullmatch(element.get("transform", "translate(0 0)"))
    if shift is None:
        raise ValueError(f"a shape moved by {element.get('transform')}")
    left, top = float(shift[1]), float(shift[2])
    made: list[str] = []
    x = y = 0.0

    def at(across: float, down: float) -> str:
        return f"{left + across:.2f} {height - top - down:.2f}"

    for step, told in _STEP.findall(element.attrib["d"]):
        numbers = [float(number) for number in _NUMBER.findall(told)]
        if step == "Z":
            made.append("h")
        elif step == "a":
            radius, dx = numbers[0], numbers[5]
            bow = ARC * radius * (1 if dx > 0 else -1)
            made.append(f"{at(x, y + bow)} {at(x + dx, y + bow)} {at(x + dx, y)} c")
            x += dx
        else:
            for corner in _corners(step, numbers, x, y):
                x, y = corner
                made.append(f"{at(x, y)} {'l' if made else 'm'}")
    return made


def _corners(step: str, numbers: list[float], x: float, y: float) -> list[tuple[float, float]]:
    if step == "H":
        return [(numbers[0], y)]
    if step == "V":
        return [(x, numbers[0])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))
