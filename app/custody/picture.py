"""The picture of a box: every position where it lies, and what fills it."""

from collections.abc import Callable, Collection, Sequence

from markupsafe import Markup

from app.custody.place_rules import row_letter
from app.custody.queries import Position
from app.kernel.speech import say, voice
from app.lots.models import UnitState
from app.web.svg import canvas, join, shortened, tag, text

#: From a code to the address of its page.
Address = Callable[[str], str]
WIDE, HIGH, GAP, MARGIN, HEAD = 96, 62, 6, 12, 24
_WAITING = frozenset({UnitState.IN_PROCESS, UnitState.IN_QUARANTINE, UnitState.RETURNED})
_GOOD = frozenset({UnitState.AVAILABLE, UnitState.ALLOCATED, UnitState.RETAINED})
#: Words in a position that holds nothing.
FREE = say("free")


def box(
    positions: Sequence[Position],
    held: Collection[str],
    unit_url: Address,
    place_url: Address,
) -> Markup:
    """The box from above: rows with letters, columns with numbers; units in ``held`` are hatched.

    Each position is a link, to its unit or, while it is free, to itself. Positions without a row stand in one
    row, in the order given.
    """
    places = [(one.row or 1, one.column or at, one) for at, one in enumerate(positions, start=1)]
    rows, columns = max((one[0] for one in places), default=0), max((one[1] for one in places), default=0)
    width = 2 * MARGIN + HEAD + columns * (WIDE + GAP)
    height = 2 * MARGIN + HEAD + rows * (HIGH + GAP)
    heads = [text(_x(n) + WIDE / 2, MARGIN + 14, str(n), "small", "middle") for n in range(1, columns + 1)]
    heads += [
        text(MARGIN + 8, _y(n) + HIGH / 2 + 4, row_letter(n), "small", "middle") for n in range(1, rows + 1)
    ]
    cells = [
        tag(
            "a",
            _cell(one, _x(column), _y(row), held),
            href=unit_url(one.unit) if one.unit else place_url(one.code),
        )
        for row, column, one in places
    ]
    return canvas(
        "box", width, height, say("Box from above"), described(positions, held), _hatching(), *heads, *cells
    )


def described(positions: Sequence[Position], held: Collection[str]) -> str:
    """The same in one sentence."""
    filled = [one for one in positions if one.unit is not None]
    return say(
        "{filled} of {all} positions are filled, {free} are free; {held} units are on hold.",
        filled=len(filled),
        all=len(positions),
        free=len(positions) - len(filled),
        held=sum(one.unit in held for one in filled),
    )


def _x(column: int) -> float:
    return MARGIN + HEAD + (column - 1) * (WIDE + GAP)


def _y(row: int) -> float:
    return MARGIN + HEAD + (row - 1) * (HIGH + GAP)


def _cell(one: Position, x: float, y: float, held: Collection[str]) -> Markup:
    shape = {"x": x, "y": y, "width": WIDE, "height": HIGH, "rx": 6}
    parts = [tag("title", _told(one, held)), tag("rect", class_=_class(one, held), **shape)]
    if one.unit in held:
        strip = {"x": x + 2, "y": y + 2, "width": WIDE - 4, "height": 8, "rx": 3}
        parts.append(tag("rect", class_="hatching", fill="url(#box-hatch)", **strip))
    if one.unit is None:
        parts.append(text(x + WIDE / 2, y + HIGH / 2 + 4, FREE, "small", "middle"))
        return join(parts)
    short = one.unit.removeprefix(f"{one.lot}-") if one.lot else ""
    parts.append(text(x + WIDE / 2, y + 30, shortened(short or one.unit, 11), "strong", "middle"))
    if short:
        parts.append(text(x + WIDE / 2, y + 48, shortened(one.lot or "", 13), "small", "middle"))
    return join(parts)


def _class(one: Position, held: Collection[str]) -> str:
    if one.unit is None:
        return "node node-free"
    if one.unit in held:
        return "node node-stopped"
    if one.state in _WAITING:
        return "node node-quarantine"
    return "node node-released" if one.state in _GOOD else "node"


def _told(one: Position, held: Collection[str]) -> str:
    if one.unit is None or one.state is None:
        return f"{one.code}: {voice('free')}"
    hold = f", {voice('on hold')}" if one.unit in held else ""
    return f"{one.code}: {one.unit}, {voice(one.state.value.replace('_', ' '))}{hold}"


def _hatching() -> Markup:
    stripe = tag("path", d="M0 8 8 0", class_="hatch")
    return tag(
        "defs", tag("pattern", stripe, id="box-hatch", width=8, height=8, patternUnits="userSpaceOnUse")
    )
