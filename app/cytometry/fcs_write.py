"""Writing a small FCS 3.1 file: synthetic measurements for the worked example and for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEADER_SIZE = 58
_DELIMITER = "|"
#: HEADER offsets have 8 digits; a larger file leaves them to the TEXT.
_MOST = 99_999_999


def write(
    names: Sequence[str],
    markers: Sequence[str],
    events: Sequence[Sequence[float]] | NDArray[np.number],
    keywords: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of an FCS 3.1 list-mode file of little-endian 32-bit floats; equal input, equal bytes.

    ``names`` are the detectors ($PnN), ``markers`` what they saw ($PnS, "" for none), ``events`` has one row
    per event and one column per name, ``keywords`` are further ones such as $DATE or $CYT. Raises ValueError
    when the columns do not match the names, a name or keyword is empty, or a keyword of the format is given.
    """
    import numpy as np

    table = np.asarray(events, dtype="<f4").reshape(len(events), -1 if len(events) else len(names))
    if not names or len(markers) != len(names) or table.shape[1] != len(names):
        raise ValueError("one marker and one column of events are needed for each name")
    words = _words(names, markers, table, keywords or {})
    room = sum(len(_pair(name, value)) for name, value in words.items()) + 1
    begin = _HEADER_SIZE + room
    end = begin + table.nbytes - 1
    words["$BEGINDATA"], words["$ENDDATA"] = f"{begin:012d}", f"{end:012d}"
    text = _DELIMITER.encode() + b"".join(_pair(name, value) for name, value in words.items())
    short = (begin, end) if end <= _MOST else (0, 0)
    offsets = (_HEADER_SIZE, begin - 1, *short, 0, 0)
    header = "FCS3.1    " + "".join(f"{offset:8d}" for offset in offsets)
    # eight zeros say that the file has no checksum
    return header.encode("ascii") + text + table.tobytes() + b"0" * 8


def _words(
    names: Sequence[str], markers: Sequence[str], table: NDArray[np.float32], keywords: Mapping[str, str]
) -> dict[str, str]:
    """All keywords in the order they are written, with room for the two offsets not yet known."""
    import numpy as np

    words = dict.fromkeys(("$BEGINANALYSIS", "$ENDANALYSIS", "$BEGINSTEXT", "$ENDSTEXT", "$NEXTDATA"), "0")
    words |= dict.fromkeys(("$BEGINDATA", "$ENDDATA"), "0" * 12)
    words |= {"$BYTEORD": "1,2,3,4", "$DATATYPE": "F", "$MODE": "L"}
    words |= {"$PAR": str(len(names)), "$TOT": str(len(table))}
    for number, (name, marker) in enumerate(zip(names, markers, strict=True), start=1):
        column = table[:, number - 1]
        largest = float(np.max(column[np.isfinite(column)], initial=0.0))
        top = max(262_144, 1 << int(largest).bit_length())
        words |= {f"$P{number}B": "32", f"$P{number}E": "0,0", f"$P{number}N": name, f"$P{number}R": str(top)}
        if marker:
            words[f"$P{number}S"] = marker
    if taken := words.keys() & {name.upper() for name in keywords}:
        raise ValueError(f"{min(taken)} is written by the format itself")
    return words | {name.upper(): value for name, value in keywords.items() if value}


def _pair(name: str, value: str) -> bytes:
    if not name or not value or _DELIMITER in name or value.startswith(_DELIMITER):
        raise ValueError("a keyword needs a name and a value, and neither may begin with the delimiter")
    return f"{name}{_DELIMITER}{value.replace(_DELIMITER, _DELIMITER * 2)}{_DELIMITER}".encode()
