"""Small FCS files made by the tests, keyword by keyword, so that each may break one rule."""

import struct
from collections.abc import Mapping

from app.cytometry.fcs_write import write

NAMES = ("FSC-A", "SSC-A", "FITC-A", "PE-A", "Time")
MARKERS = ("", "", "CD90", "CD105", "")
EVENTS = [[50_000.0 + 300 * i, 20_000.0 + 200 * i, 10.0 * i, 4_000.0 - i, float(i)] for i in range(40)]


def small(**keywords: str) -> bytes:
    """40 events of five channels; ``keywords`` without their leading dollar sign."""
    return write(NAMES, MARKERS, EVENTS, {f"${name}": value for name, value in keywords.items()})


def raw(
    data: bytes = struct.pack("<4f", 1, 2, 3, 4),
    changes: Mapping[str, str | None] | None = None,
    *,
    version: str = "FCS3.1",
    text: bytes | None = None,
    delimiter: str = "|",
    claim: tuple[int, int] | None = None,
    after: bytes = b"",
) -> bytes:
    """A data set of two float channels and two events; ``changes`` sets keywords, or drops them (None).

    ``text`` replaces the whole TEXT, ``claim`` the DATA offsets in the HEADER (default: the true ones).
    """
    if text is None:
        words: dict[str, str | None] = {
            "$PAR": "2",
            "$TOT": "2",
            "$DATATYPE": "F",
            "$BYTEORD": "1,2,3,4",
            "$MODE": "L",
            "$NEXTDATA": "0",
        }
        for number, name in enumerate(("FSC-A", "FITC-A"), start=1):
            words |= {
                f"$P{number}N": name,
                f"$P{number}B": "32",
                f"$P{number}R": "1024",
                f"$P{number}E": "0,0",
            }
        words["$P2S"] = "CD90"
        words |= changes or {}
        pieces = [
            f"{name}{delimiter}{value}{delimiter}" for name, value in words.items() if value is not None
        ]
        text = (delimiter + "".join(pieces)).encode()
    begin = 58 + len(text)
    first, last = claim or (begin, begin + len(data) - 1)
    offsets = "".join(f"{offset:8d}" for offset in (58, begin - 1, first, last, 0, 0))
    return f"{version}    {offsets}".encode() + text + data + after


def integers(rows: list[list[int]], bits: list[int], *, big: bool = False, **changes: str) -> bytes:
    """An integer data set with columns of the given widths; ``changes`` are keywords without the dollar."""
    data = b"".join(
        value.to_bytes((width + 7) // 8, "big" if big else "little")
        for row in rows
        for value, width in zip(row, bits, strict=True)
    )
    words: dict[str, str | None] = {
        "$PAR": str(len(bits)),
        "$TOT": str(len(rows)),
        "$DATATYPE": "I",
        "$BYTEORD": "4,3,2,1" if big else "1,2,3,4",
    }
    for number, width in enumerate(bits, start=1):
        words |= {f"$P{number}N": f"C{number}", f"$P{number}B": str(width), f"$P{number}R": str(2**width)}
    return raw(data, words | {f"${name}": value for name, value in changes.items()})
