"""QR symbols as rows of modules: the ``qrcode`` library's own, at a fixed version, level and mask."""

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import xor

#: One mask for all: searching for the best of eight costs 86 % of the time and reads no better.
MASK = 3
#: QR's alphanumeric mode in the order of its values.
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of one symbol; row ``r`` is an int whose highest bit is the leftmost module, 1 = dark."""

    size: int
    rows: tuple[int, ...]

    def dark(self, row: int, column: int) -> bool:
        """Whether this module is dark; row 0 on top, column 0 at the left."""
        return bool(self.rows[row] >> (self.size - 1 - column) & 1)

    def runs(self) -> list[tuple[int, int, int]]:
        """Dark stretches as (row, first column, column after the last)."""
        return [
            (number, *stretch.span())
            for number, row in enumerate(self.rows)
            for stretch in re.finditer("1+", f"{row:0{self.size}b}")
        ]


def symbol(text: str, version: int, level: str) -> Symbol:
    """The symbol of a text in QR's alphanumeric mode.

    Raises ValueError when the text does not fit version and level (L, M, Q, H) or is not alphanumeric.
    """
    from qrcode import constants
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode
    from qrcode.util import MODE_ALPHA_NUM, QRData

    correction = getattr(constants, f"ERROR_CORRECT_{level}")
    code = QRCode(version=version, error_correction=correction, border=0, mask_pattern=MASK)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
    try:
        code.make(fit=False)
    except DataOverflowError:
        raise ValueError(f"{len(text)} characters do not fit a QR {version}-{level}") from None
    rows = tuple(int("".join("1" if dark else "0" for dark in row), 2) for row in code.modules)
    return Symbol(len(rows), rows)


def quick_symbol(text: str, version: int, level: str) -> Symbol:
    """The same symbol as ``symbol`` gives, put together from learnt ones: for many texts of one length.

    Error correction and mask are linear, so a symbol is the exclusive-or of what each bit of its text
    contributes. The contributions are learnt from ``symbol`` once per version, level and length.
    """
    start, contributions = _learnt(version, level, len(text))
    rows = list(start)
    for place, pair in enumerate(_pairs(text)):
        value = _value(pair)
        for bit, contribution in enumerate(contributions[place]):
            if value >> bit & 1:
                rows = list(map(xor, rows, contribution))
    return Symbol(len(rows), tuple(rows))


@lru_cache(maxsize=4)
def _learnt(version: int, level: str, length: int) -> tuple[tuple[int, ...], list[list[tuple[int, ...]]]]:
    """The symbol of zeros, and per pair of characters and bit of its value the modules it turns over."""
    pairs = _pairs("0" * length)
    start = symbol("".join(pairs), version, level).rows
    learnt = []
    for place, pair in enumerate(pairs):
        texts = (
            "".join([*pairs[:place], _spelt(1 << bit, len(pair)), *pairs[place + 1 :]])
            for bit in range(11 if len(pair) == 2 else 6)
        )
        learnt.append([tuple(map(xor, start, symbol(text, version, level).rows)) for text in texts])
    return start, learnt


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(0, len(text), 2)]


def _value(pair: str) -> int:
    """What QR's alphanumeric mode writes for two characters, or for a last single one."""
    value = 0
    for character in pair:
        value = value * 45 + ALPHANUMERIC.index(character)
    return value


def _spelt(value: int, length: int) -> str:
    return ALPHANUMERIC[value // 45] + ALPHANUMERIC[value % 45] if length == 2 else ALPHANUMERIC[value]
