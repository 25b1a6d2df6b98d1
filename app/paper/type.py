"""Type: the embedded fonts of the papers, how wide words are in them, and where lines break."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor" / "dejavu"
PLAIN, BOLD, MONO = "DejaVu", "DejaVu-Bold", "DejaVu-Mono"
_FILES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf", MONO: "DejaVuSansMono.ttf"}

#: Gives the width of a text in one font at one point of size.
Measure = Callable[[str], float]


class FontsMissing(RuntimeError):
    """The fonts of the papers were not set up."""


def register() -> None:
    """Make the fonts known to reportlab. Raises FontsMissing before set-up."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if PLAIN in pdfmetrics.getRegisteredFontNames():
        return
    for name, file in _FILES.items():
        path = FONTS / file
        if not path.exists():
            raise FontsMissing(f"the font {file} is missing: run `make setup`")
        pdfmetrics.registerFont(TTFont(name, str(path), asciiReadable=1))


class _Widths(dict[str, float]):
    """The width of each character in a font, looked up when first met."""

    def __init__(self, font: str) -> None:
        from reportlab.pdfbase.pdfmetrics import getFont

        super().__init__()
        self._face = getFont(font).face

    def __missing__(self, character: str) -> float:
        units: float = self._face.charWidths.get(ord(character), self._face.defaultWidth)
        self[character] = width = units / 1000
        return width


@cache
def measure(font: str) -> Measure:
    """How to measure text in a font. Raises FontsMissing before set-up."""
    register()
    widths = _Widths(font)
    return lambda text: sum(map(widths.__getitem__, text))


def clean(text: str) -> str:
    """The text as one line: what cannot be printed in a line, breaks and controls, becomes a blank."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def broken(text: str, width: float, asked: Measure) -> list[str]:
    """Lines of the text, none wider than ``width`` where letters allow, at the size the measure speaks of.

    A word that is wider than a line is broken between letters: a digest, not a word.
    """
    text = clean(text)
    if asked(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if asked(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, width, asked)
        lines += whole
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: float, asked: Measure) -> list[str]:
    """A word cut so that each piece fits a line; at least one letter a piece."""
    pieces = []
    while asked(word) > width and len(word) > 1:
        end = 1
        while end < len(word) and asked(word[: end + 1]) <= width:
            end += 1
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]
