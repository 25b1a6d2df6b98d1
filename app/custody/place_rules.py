"""The questions about places: what may lie in what, how a box is laid out, and whether there is room."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import product

from app.custody.models import PlaceKind
from app.kernel.refusals import Refusal
from app.kernel.speech import listed, say, word

_K = PlaceKind
#: What each kind of place may lie in, from the site down to a position.
LIES_IN: dict[PlaceKind, frozenset[PlaceKind]] = {
    _K.SITE: frozenset(),
    _K.ROOM: frozenset({_K.SITE}),
    _K.WARD: frozenset({_K.SITE}),
    _K.SHIPPER: frozenset({_K.SITE, _K.ROOM, _K.WARD}),
    _K.TANK: frozenset({_K.SITE, _K.ROOM}),
    _K.RACK: frozenset({_K.ROOM, _K.TANK, _K.SHIPPER}),
    _K.BOX: frozenset({_K.ROOM, _K.TANK, _K.RACK, _K.SHIPPER}),
    _K.POSITION: frozenset({_K.BOX, _K.RACK}),
}
#: The largest box: its rows are letters.
ROWS_MOST, COLUMNS_MOST = 26, 30
#: Characters of a place's code.
CODE_MOST = 40


class Why(StrEnum):
    """Why a place says no."""

    CANNOT_LIE_THERE = "cannot_lie_there"
    NEEDS_OUTER_PLACE = "needs_outer_place"
    ONLY_BOXES_HAVE_ROWS = "only_boxes_have_rows"
    ROWS_AND_COLUMNS = "rows_and_columns"
    CAPACITY_TWICE = "capacity_twice"
    LAID_OUT = "laid_out"
    CODE_TOO_LONG = "code_too_long"
    POSITION_CODE_TAKEN = "position_code_taken"
    POSITION_FULL = "position_full"
    PLACE_FULL = "place_full"


def cannot_lie_there(kind: PlaceKind, outer: PlaceKind | None, outer_code: str) -> Refusal | None:
    """May a place of this kind lie in that one?"""
    if outer is None:
        if kind is not PlaceKind.POSITION:
            return None
        return Refusal(
            Why.NEEDS_OUTER_PLACE,
            say("A position lies in a box or a rack, and none is named."),
            say("Scan the box or rack that it belongs to."),
        )
    if outer in LIES_IN[kind]:
        return None
    may = listed([word(one) for one in PlaceKind if one in LIES_IN[kind]])
    next_step = (
        say("It can lie in: {may}. Check which place you named.", may=may)
        if may
        else say("It lies in no other place: leave the outer place empty.")
    )
    return Refusal(
        Why.CANNOT_LIE_THERE,
        say("A {kind} cannot lie in {outer}, a {outer_kind}.", kind=word(kind), outer=outer_code,
            outer_kind=word(outer)),
        next_step,
    )  # fmt: skip


def layout_fault(
    kind: PlaceKind, rows: int | None, columns: int | None, capacity: int | None
) -> Refusal | None:
    """Are rows, columns and capacity what this kind of place has?"""
    if (rows is None) != (columns is None):
        return Refusal(
            Why.ROWS_AND_COLUMNS,
            say("A box is laid out by rows and columns, and only one of them is given."),
            say("Give both, for example 9 and 9, or leave both empty."),
        )
    if rows is not None and kind is not PlaceKind.BOX:
        return Refusal(
            Why.ONLY_BOXES_HAVE_ROWS,
            say("Only a box has rows and columns, and this is a {kind}.", kind=word(kind)),
            say("Choose the kind box, or leave rows and columns empty."),
        )
    if capacity is not None and (rows is not None or kind is PlaceKind.POSITION):
        return Refusal(
            Why.CAPACITY_TWICE,
            say("How much this place holds is known already: a position holds one, a box one per position."),
            say("Leave the capacity empty."),
        )
    return None


def laid_out(kind: PlaceKind, outer: str, outer_rows: int | None) -> Refusal | None:
    """Has the box its positions already?"""
    if kind is not PlaceKind.POSITION or outer_rows is None:
        return None
    return Refusal(
        Why.LAID_OUT,
        say("{outer} was laid out in rows and columns: it has all its positions.", outer=outer),
        say("Scan one of its positions, or add another box."),
    )


def position_codes(box: str, rows: int, columns: int) -> list[tuple[int, int, str]]:
    """Row, column and code of every position: ``BOX-07`` in a single row, ``BOX-C7`` in several."""
    if rows == 1:
        return [(1, column, f"{box}-{column:02d}") for column in range(1, columns + 1)]
    places = product(range(1, rows + 1), range(1, columns + 1))
    return [(row, column, f"{box}-{row_letter(row)}{column}") for row, column in places]


def code_too_long(codes: Sequence[str]) -> Refusal | None:
    """Do the codes of the new positions fit the column?"""
    longest = max(codes, key=len, default="")
    if len(longest) <= CODE_MOST:
        return None
    return Refusal(
        Why.CODE_TOO_LONG,
        say("The position {code} would have more than {most} characters.", code=longest, most=CODE_MOST),
        say("Choose a shorter code for the box."),
    )


def row_letter(row: int) -> str:
    """``A`` for the first row."""
    return chr(ord("A") + row - 1)


def position_code_taken(taken: Sequence[str]) -> Refusal | None:
    """Are the codes of the new positions free?"""
    if not taken:
        return None
    return Refusal(
        Why.POSITION_CODE_TAKEN,
        say("The box would have a position {code}, and there is a place of this code.", code=taken[0]),
        say("Choose another code for the box."),
    )


def position_full(position: str, there: str, free: Sequence[str]) -> Refusal:
    """Another unit fills the position."""
    return Refusal(
        Why.POSITION_FULL,
        say("Position {position} holds {there}.", position=position, there=there),
        _elsewhere(free, say("Move that unit first, or choose another box.")),
    )


def place_full(place: str, holds: int, free: Sequence[str]) -> Refusal:
    """No room is left."""
    return Refusal(
        Why.PLACE_FULL,
        say("{place} is full: {holds} of {holds} places are taken.", place=place, holds=holds),
        _elsewhere(free, say("Add a place, or move a unit out first.")),
    )


def _elsewhere(free: Sequence[str], otherwise: str) -> str:
    return say("Free: {free}.", free=listed(list(free))) if free else otherwise
