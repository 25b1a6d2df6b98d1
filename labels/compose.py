"""What stands where on one label: texts measured, wrapped and, as far as the layout allows, made smaller."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from labels.faults import BadSerial, MissingText, NoPlace, TextTooLong, UnprintableText
from labels.fonts import Fonts
from labels.layout import ASCENT, LINE, MM_PER_POINT, Layout, TextPlace
from labels.payload import SIGNED_ALPHABET, Fault, groups, read

_STEP_PT = 0.25
#: A caption's size over its text's, and the gap behind it over the text's size.
_CAPTION, _GAP = 0.62, 0.35
_CAPTION_LEAST_PT = 5.0
#: Said before the number of a label that was printed before.
COPY = "COPY"
#: Capacity of the second symbol, a QR 6-M in alphanumeric mode.
SIGNED_MOST = 154


@dataclass(frozen=True, slots=True)
class LabelText:
    """What one label says.

    ``fields`` maps names of ``labels.layout.FIELDS`` to texts; one that the stock declares it leaves out
    may be given and is not printed, any other without a place is refused. ``signed`` is the text of the
    second symbol. ``copy`` counts the labels this unit has had; from 2 on it is printed. ``words`` says
    what the stock itself prints (a caption, a fixed text) in other words, the fullest first: the first that
    leaves the text beside it at its full size is taken, else the last.
    """

    serial: str
    fields: Mapping[str, str] = field(default_factory=dict)
    signed: str | None = None
    copy: int = 1
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def said(self, text: str) -> Sequence[str]:
        """The ways to say what the stock prints."""
        return self.words.get(text) or (text,)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: left end and baseline in mm from the label's top left, size in points."""

    text: str
    x: float
    baseline: float
    size: float
    font: str


Composed = tuple[tuple[str, tuple[Line, ...]], ...]


def compose(layout: Layout, label: LabelText, fonts: Fonts) -> Composed:
    """The lines of every text of the label, by field (``serial`` and ``fixed`` included), in order.

    Raises BadSerial, NoPlace, MissingText, UnprintableText, TextTooLong.
    """
    _check(layout, label)
    texts = dict(label.fields)
    if label.copy > 1:
        texts["copy"] = f"{label.said(COPY)[-1]} {label.copy}"
    lines = [("serial", _serial(layout.serial, label.serial))]
    for place in layout.fields:
        text = texts.get(place.name, "").strip()
        if text:
            lines.append((place.name, _captioned(place, text, label, fonts)))
        elif place.needed:
            raise MissingText(place.name, label.serial, "nothing was given, and this stock needs it.")
    lines.extend(("fixed", _fixed(place, label, fonts)) for place in layout.fixed)
    return tuple(lines)


def _captioned(place: TextPlace, text: str, label: LabelText, fonts: Fonts) -> tuple[Line, ...]:
    """The text behind the first caption that leaves it its full size, else behind the last that fits.

    Words of another language are never why a label cannot be printed: then the layout's own caption stands.
    """
    _check_letters(place, text, label.serial, fonts)
    ways = [replace(place, caption=one) for one in label.said(place.caption)]
    known = [one for one in ways if not fonts.lacks(one.caption, place.font)]
    fitted = [lines for one in known if (lines := _fitted(one, text, fonts))]
    full = (lines for lines in fitted if lines[-1].size == place.size)
    return next(full, None) or (fitted[-1] if fitted else _set(place, text, label.serial, fonts))


def _fixed(place: TextPlace, label: LabelText, fonts: Fonts) -> tuple[Line, ...]:
    """What the stock itself prints, in the fullest words that fit."""
    for text in label.said(place.name):
        if not fonts.lacks(text, place.font) and (lines := _fitted(place, text, fonts)):
            return lines
    return _set(place, place.name, label.serial, fonts)


def _check(layout: Layout, label: LabelText) -> None:
    serial = read(label.serial)
    if isinstance(serial, Fault) or serial.text != label.serial:
        raise BadSerial("What should be printed in the QR is not a Hilo serial.")
    if serial.kind is not layout.serial_kind:
        raise BadSerial(
            f"Serial {label.serial} begins with {serial.kind}; "
            f"stock {layout.name} takes {layout.serial_kind}."
        )
    places = {place.name for place in layout.fields} - {"copy"}
    for name in label.fields:
        if name not in places | layout.leaves_out:
            raise NoPlace(name, label.serial, f"stock {layout.name} has no place for it.")
    if label.signed is not None:
        _check_signed(layout, label.serial, label.signed)


def _check_signed(layout: Layout, serial: str, signed: str) -> None:
    if layout.signed is None:
        raise NoPlace("signed", serial, f"stock {layout.name} has no place for a second code.")
    if not signed or not frozenset(SIGNED_ALPHABET).issuperset(signed):
        raise UnprintableText("signed", serial, "a signed code is written in 0-9 and A-Z without I, L, O, U.")
    if len(signed) > SIGNED_MOST:
        raise TextTooLong("signed", serial, f"{len(signed)} characters; its symbol holds {SIGNED_MOST}.")


def _serial(place: TextPlace, serial: str) -> tuple[Line, ...]:
    """The serial in groups of four, never shortened, in as many rows as the layout says."""
    parts = groups(serial)
    each = len(parts) // place.lines
    rows = tuple(" ".join(parts[at : at + each]) for at in range(0, len(parts), each))
    return _stack(place, place.x, rows, place.size)


def _check_letters(place: TextPlace, text: str, serial: str, fonts: Fonts) -> None:
    if lacking := fonts.lacks(text, place.font):
        named = ", ".join(f"U+{ord(each):04X}" for each in lacking[:3])
        raise UnprintableText(place.name, serial, f"the label fonts cannot print {named}.")


def _set(place: TextPlace, text: str, serial: str, fonts: Fonts) -> tuple[Line, ...]:
    _check_letters(place, text, serial, fonts)
    lines = _fitted(place, text, fonts)
    if lines is None:
        raise TextTooLong(
            place.name,
            serial,
            f"{len(text)} characters do not fit {place.width:g} mm and {place.lines} line(s), "
            f"not even at {place.smallest:g} pt. Shorten the text.",
        )
    return lines


@lru_cache(maxsize=1024)
def _fitted(place: TextPlace, text: str, fonts: Fonts) -> tuple[Line, ...] | None:
    """The text at the largest size that fits, or None when none does."""
    caption = _caption(place)
    indent = 0.0
    if caption:
        indent = fonts.width_mm(caption.text, caption.font, caption.size) + _GAP * place.size * MM_PER_POINT
    width = place.width - indent
    for size in _sizes(place):
        rows = _wrap(text, width, size, place.font, fonts)
        if len(rows) <= place.lines and all(fonts.width_mm(row, place.font, size) <= width for row in rows):
            return (*((caption,) if caption else ()), *_stack(place, place.x + indent, rows, size))
    return None


def _sizes(place: TextPlace) -> Iterator[float]:
    size = place.size
    while size > place.smallest:
        yield size
        size -= _STEP_PT
    yield place.smallest


def _caption(place: TextPlace) -> Line | None:
    """The small word before the text; it shares the text's baseline."""
    if not place.caption:
        return None
    size = max(place.size * _CAPTION, _CAPTION_LEAST_PT)
    return Line(place.caption, place.x, _baseline(place, place.size, 0), size, "regular")


def _wrap(text: str, width: float, size: float, font: str, fonts: Fonts) -> tuple[str, ...]:
    """Rows as full as they get, broken at plain blanks only (a no-break blank holds)."""
    rows: list[str] = []
    for word in text.split(" "):
        joined = f"{rows[-1]} {word}" if rows else word
        if rows and fonts.width_mm(joined, font, size) <= width:
            rows[-1] = joined
        else:
            rows.append(word)
    return tuple(rows)


def _stack(place: TextPlace, x: float, rows: tuple[str, ...], size: float) -> tuple[Line, ...]:
    return tuple(
        Line(row, x, _baseline(place, size, number), size, place.font) for number, row in enumerate(rows)
    )


def _baseline(place: TextPlace, size: float, row: int) -> float:
    """Baseline of a row; a text made smaller keeps the first baseline of the full size."""
    return place.y + (place.size * ASCENT + row * size * LINE) * MM_PER_POINT
