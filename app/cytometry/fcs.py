"""The FCS reader: what does this file from the cytometer hold, and can its numbers be trusted?

Reads FCS 2.0, 3.0, 3.1 and 3.2 list-mode files. Bad input is answered with a `Rejection`, never with an
exception, and the work is bounded by the size of the file and by `Limits`.
"""

import re
from dataclasses import replace
from datetime import date

from app.cytometry.fcs_events import events
from app.cytometry.fcs_findings import (
    DEFAULT_LIMITS,
    EXPORT_AGAIN,
    Caution,
    FcsReason,
    Flag,
    Limits,
    Rejection,
)
from app.cytometry.fcs_header import SIZE, has_magic
from app.cytometry.fcs_model import DataSet, FcsFile
from app.cytometry.fcs_set import Context, read_data_set
from app.cytometry.fcs_text import CodePage
from app.kernel.speech import say

__all__ = [
    "CodePage",
    "DataSet",
    "FcsFile",
    "FcsReason",
    "Flag",
    "Limits",
    "Rejection",
    "events",
    "read",
    "redact",
]


def read(
    data: bytes | memoryview,
    *,
    limits: Limits = DEFAULT_LIMITS,
    code_page: CodePage | None = None,
    today: date | None = None,
) -> FcsFile | Rejection:
    """Read all data sets of an FCS file.

    ``code_page`` is the site's, for keywords that are not UTF-8; ``today`` lets a date in the future be
    flagged. One bad data set refuses the whole file: half a file is not evidence.
    """
    view = memoryview(data).cast("B")
    data_sets: list[DataSet] = []
    left, base = limits, 0
    while True:
        number = len(data_sets) + 1
        one = read_data_set(view, base, number, Context(left, code_page, today))
        if isinstance(one, Rejection):
            return one if number == 1 else _in_set(number, one)
        data_sets.append(one)
        left = replace(left, words=left.words - one.words)
        after = _next(view, one)
        if isinstance(after, Rejection):
            return after
        refused = _too_much(data_sets, view.nbytes, after, limits)
        if refused is not None:
            return refused
        if not isinstance(after, int):
            return FcsFile(view.nbytes, tuple(data_sets), _about_the_file(data_sets, after))
        base = after


def redact(data: bytes | memoryview) -> bytes | Rejection:
    """A copy of the same length in which everything that may identify a person is overwritten.

    Kept are HEADER, events, keyword names, and the values of keywords that may be shown; other values become
    ``x``, and whatever lies outside these parts (ANALYSIS, vendors' blocks, the checksum) becomes blank. All
    offsets stay true, so the copy reads as the original does; its SHA-256 is another one.
    """
    file = read(data)
    if isinstance(file, Rejection):
        return file
    view = memoryview(data).cast("B")
    copy = bytearray(b" " * view.nbytes)
    for one in file.data_sets:
        for part in one.kept:
            copy[part.begin : part.end] = view[part.begin : part.end]
    for one in file.data_sets:
        delimiter = view[one.kept[2].begin]
        filler = b"o" if delimiter == ord("x") else b"x"
        for spot in one.blotted:
            # blanks stay blank: a value that says nothing needs no cover, and padding keeps its shape
            copy[spot.begin : spot.end] = re.sub(rb"[^ ]", filler, bytes(copy[spot.begin : spot.end]))
    return bytes(copy)


def _next(view: memoryview, one: DataSet) -> int | Caution | Rejection | None:
    """Where the next data set begins; None after the last, a caution when nothing readable is there.

    $NEXTDATA counts from the HEADER of its own data set. A value that leads backwards or to the data set
    itself is a loop, also when it was meant to count from the beginning of the file.
    """
    stated, base = one.raw_keywords.get("$NEXTDATA", "0").strip(), one.kept[0].begin
    match = re.fullmatch(r"([+-]?)0*([0-9]{0,20})", stated)
    if match is None:
        return Caution(
            Flag.FCS_NEXT_UNREADABLE, say("The file promises another data set, but does not say where.")
        )
    step = int(match[2] or 0)
    if step == 0:
        return None
    if match[1] == "-" or step < SIZE or _points_back(view, base, step):
        sentence = say("The file leads back to a data set that was already read ($NEXTDATA).")
        return Rejection(FcsReason.FCS_DATA_SETS, sentence, EXPORT_AGAIN)
    if not has_magic(bytes(view[base + step : base + step + 6])):
        sentence = say("The file promises another data set, but nothing readable is there.")
        return Caution(Flag.FCS_NEXT_UNREADABLE, sentence)
    return base + step


def _points_back(view: memoryview, base: int, step: int) -> bool:
    """True for an offset from the beginning of the file that leads to this data set or an earlier one."""
    ahead = has_magic(bytes(view[base + step : base + step + 6]))
    return not ahead and 0 < step <= base and has_magic(bytes(view[step : step + 6]))


def _too_much(
    sets: list[DataSet], size: int, after: int | Caution | None, limits: Limits
) -> Rejection | None:
    """Refuse more data sets than the limit, and data sets that share bytes to look like more."""
    sentence = None
    if isinstance(after, int) and len(sets) >= limits.data_sets:
        sentence = say("The file has more than {data_sets} data sets.", data_sets=limits.data_sets)
    # a TEXT may end one byte too far, as DATA does
    elif sum(part.size - 1 for one in sets for part in one.kept[1:]) > size:
        sentence = say("The data sets of this file overlap.")
    return None if sentence is None else Rejection(FcsReason.FCS_DATA_SETS, sentence, EXPORT_AGAIN)


def _about_the_file(sets: list[DataSet], after: Caution | None) -> tuple[Caution, ...]:
    cautions = [] if after is None else [after]
    if len(sets) > 1:
        sentence = say("The file holds {sets} data sets; make sure to look at the right one.", sets=len(sets))
        cautions.insert(0, Caution(Flag.FCS_MULTI_DATASET, sentence))
    return tuple(cautions)


def _in_set(number: int, rejection: Rejection) -> Rejection:
    return Rejection(
        rejection.reason,
        say("Data set {number}: {sentence}", number=number, sentence=rejection.sentence),
        rejection.next_step,
    )
