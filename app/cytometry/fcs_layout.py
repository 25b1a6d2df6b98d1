"""The parameters of an FCS data set: what each column of the events is called and how it is stored."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.cytometry.fcs_findings import EXPORT_AGAIN, Caution, FcsReason, Flag, Limits, Rejection
from app.cytometry.fcs_privacy import plain
from app.kernel.speech import say


class DataType(StrEnum):
    """How the numbers of a column are stored ($DATATYPE, or $PnDATATYPE of FCS 3.2)."""

    INTEGER = "I"
    FLOAT = "F"
    DOUBLE = "D"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One measured parameter, column ``number`` (from 1) of the events.

    ``name`` is the detector ($PnN), ``marker`` what the laboratory called it ($PnS), both perhaps empty;
    ``range`` is $PnR; ``decades`` and ``lowest`` say how an integer stands for a logarithm ($PnE; 0 decades:
    linear); ``gain`` is $PnG; ``offset`` and ``width`` are the place in the row, in bytes.
    """

    number: int
    name: str
    marker: str
    bits: int
    range: float | None
    decades: float
    lowest: float
    gain: float
    data_type: DataType
    offset: int
    width: int

    @property
    def label(self) -> str:
        """The marker and the detector, as a person looks for them on an axis."""
        if self.marker and self.marker != self.name:
            return f"{self.marker} ({self.name})" if self.name else self.marker
        return self.name or f"parameter {self.number}"

    @property
    def is_time(self) -> bool:
        return "TIME" in (self.name.upper(), self.marker.upper()) or self.marker.upper() == "HDR-T"

    @property
    def is_scatter(self) -> bool:
        return self.name.upper().startswith(("FSC", "SSC"))

    @property
    def mask(self) -> int | None:
        """The bits that count when $PnR is below the width of the column; None when all of them do."""
        if self.data_type is not DataType.INTEGER or self.range is None or not 1 < self.range < 2.0**64:
            return None
        bits = (math.ceil(self.range) - 1).bit_length()
        return (1 << bits) - 1 if bits < 8 * self.width else None


@dataclass(frozen=True, slots=True)
class Layout:
    """How one row of events is stored: its parameters, its size in bytes, and the order of the bytes."""

    parameters: tuple[Parameter, ...]
    row_bytes: int
    big_endian: bool
    cautions: tuple[Caution, ...]


def whole(text: str | None) -> int | None:
    """A whole number of up to 20 digits, perhaps padded with blanks or zeros; else None."""
    digits = (text or "").strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,20}", digits) else None


def read_layout(keywords: Mapping[str, str], limits: Limits) -> Layout | Rejection:
    """Read the parameters; $PAR is checked before anything is done once for each parameter."""
    count = whole(keywords.get("$PAR"))
    if count is None:
        return missing("$PAR", say("number of parameters"))
    if not 1 <= count <= limits.parameters:
        sentence = say(
            "The file says it has {count} parameters; Hilo reads files with 1 to {parameters}.",
            count=count,
            parameters=limits.parameters,
        )
        return Rejection(FcsReason.FCS_PARAMETERS, sentence, EXPORT_AGAIN)
    big_endian = _big_endian(keywords.get("$BYTEORD", ""))
    if isinstance(big_endian, Rejection):
        return big_endian
    parameters: list[Parameter] = []
    at = 0
    for number in range(1, count + 1):
        parameter = _parameter(keywords, number, at)
        if isinstance(parameter, Rejection):
            return parameter
        parameters.append(parameter)
        at += parameter.width
    return Layout(tuple(parameters), at, big_endian, tuple(_cautions(parameters)))


def missing(keyword: str, meaning: str) -> Rejection:
    """The refusal of a file whose ``keyword`` is absent or is not a number."""
    sentence = say(
        "The file does not state its {meaning}: keyword {keyword} is missing or not a number.",
        meaning=meaning,
        keyword=keyword,
    )
    return Rejection(FcsReason.FCS_KEYWORD, sentence, EXPORT_AGAIN)


def _big_endian(order: str) -> bool | Rejection:
    places = [whole(part) for part in order[:40].split(",")]
    rising = list(range(1, len(places) + 1))
    if places == rising:
        return False
    if places == rising[::-1]:
        return True
    sentence = say(
        "The file states a byte order ($BYTEORD) that Hilo does not know: “{order}”.", order=plain(order[:40])
    )
    return Rejection(FcsReason.FCS_BYTE_ORDER, sentence, EXPORT_AGAIN)


def _parameter(keywords: Mapping[str, str], number: int, at: int) -> Parameter | Rejection:
    def value(letter: str) -> str:
        return keywords.get(f"$P{number}{letter}", "")

    stated = value("DATATYPE") or keywords.get("$DATATYPE", "")
    try:
        data_type = DataType(stated.upper())
    except ValueError:
        return _data_type(stated)
    bits = whole(value("B"))
    if bits is None:
        return missing(f"$P{number}B", say("number of bits of parameter {number}", number=number))
    allowed = {DataType.FLOAT: range(32, 33), DataType.DOUBLE: range(64, 65)}.get(data_type, range(1, 65))
    if bits not in allowed:
        sentence = say(
            "Parameter {number} is stored in {bits} bits, which type {data_type} cannot have.",
            number=number,
            bits=bits,
            data_type=data_type,
        )
        return Rejection(FcsReason.FCS_WIDTH, sentence, EXPORT_AGAIN)
    decades, lowest = _amplification(value("E"))
    return Parameter(
        number=number,
        name=plain(value("N")),
        marker=plain(value("S")),
        bits=bits,
        range=_positive(value("R")),
        decades=decades,
        lowest=lowest,
        gain=_positive(value("G")) or 1.0,
        data_type=data_type,
        offset=at,
        width=(bits + 7) // 8,
    )


def _data_type(stated: str) -> Rejection:
    if stated.upper() == "A":
        sentence = say("The events of this file are written as text (data type A), which Hilo does not read.")
    else:
        sentence = say(
            "The file states a data type that Hilo does not know: “{stated}”.", stated=plain(stated[:20])
        )
    return Rejection(FcsReason.FCS_DATA_TYPE, sentence, EXPORT_AGAIN)


def _positive(text: str) -> float | None:
    """A finite number above 0, else None."""
    if not re.fullmatch(r"\s*[0-9]{0,20}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,2})?\s*", text):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 else None


def _amplification(text: str) -> tuple[float, float]:
    """$PnE ``decades,lowest``. Where a logarithm is said to begin at 0 the standard reads 1."""
    first, _, second = text.partition(",")
    decades = _positive(first) or 0.0
    return (decades, _positive(second) or 1.0) if decades <= 30 else (0.0, 1.0)


def _cautions(parameters: list[Parameter]) -> Iterator[Caution]:
    names = Counter(parameter.name for parameter in parameters if parameter.name)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        sentence = say(
            "More than one channel is named {twice}; choose channels by their number.", twice=twice[0]
        )
        yield Caution(Flag.FCS_DUPLICATE_CHANNEL, sentence)
    if sum(names.values()) < len(parameters):
        yield Caution(
            Flag.FCS_UNNAMED_CHANNEL, say("At least one channel has no name; choose channels by number.")
        )
    if not any(p.marker not in ("", p.name) for p in parameters if not (p.is_scatter or p.is_time)):
        sentence = say(
            "The file names detectors but no markers; take the markers from the panel of the tube."
        )
        yield Caution(Flag.FCS_NO_MARKER_NAMES, sentence)
    if rounded := [p for p in parameters if p.bits % 8]:
        sentence = say(
            "Parameter {number} states {bits} bits; whole bytes were read.",
            number=rounded[0].number,
            bits=rounded[0].bits,
        )
        yield Caution(Flag.FCS_BITS_ROUNDED, sentence)
    if any(p.decades and p.data_type is not DataType.INTEGER for p in parameters):
        sentence = say(
            "A channel of decimal numbers is also called logarithmic; its numbers were taken as they are."
        )
        yield Caution(Flag.FCS_LOG_FLAG_IGNORED, sentence)
