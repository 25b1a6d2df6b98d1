"""The first 58 bytes of an FCS data set: which version, and where its parts lie."""

import re
from dataclasses import dataclass

from app.cytometry.fcs_findings import COPY_AGAIN, EXPORT_AGAIN, FcsReason, Rejection
from app.kernel.speech import say

SIZE = 58
_VERSION = re.compile(rb"FCS[23]\.[0-2]")
#: What people upload by mistake, told by its first bytes.
_OTHER_FILES = (
    (b"\x89PNG", say("a picture (PNG)")),
    (b"\xff\xd8\xff", say("a picture (JPEG)")),
    (b"%PDF", say("a PDF document")),
    (b"PK\x03\x04", say("a ZIP archive or an Excel workbook")),
    (b"\xd0\xcf\x11\xe0", say("an old Excel or Word file")),
    (b"<?xml", say("an XML file, perhaps a FlowJo workspace")),
    (b"<", say("a web page or an XML file")),
)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``begin`` up to, not including, ``end``."""

    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin

    def moved(self, by: int) -> "Span":
        """The same span counted from ``by`` bytes earlier in the file."""
        return Span(self.begin + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Header:
    """Version and segments; ``text`` and ``data`` are counted from the first byte of this HEADER.

    ``data`` is None where the HEADER leaves it to the TEXT (blank or zero, as it must be above
    99,999,999 bytes).
    """

    version: str
    text: Span
    data: Span | None


def has_magic(first: bytes) -> bool:
    """True when these bytes begin with a version this reader knows: FCS 2.0 to 3.2."""
    return _VERSION.match(first) is not None


def span(begin: int, end: int) -> Span | None:
    """The span of an inclusive pair of FCS offsets; None for the pair that means 'not stated here'."""
    return Span(begin, end + 1) if begin > 0 and end >= begin - 1 else None


def read_header(first: bytes) -> Header | Rejection:
    """Read the HEADER from the first bytes of a data set (58 are needed; fewer are refused)."""
    refused = _not_fcs(first)
    if refused is not None:
        return refused
    offsets = [_offset(first[at : at + 8]) for at in range(10, SIZE, 8)]
    if any(offset is None for offset in offsets):
        return _bad(say("holds something other than digits where the places of its parts are written"))
    text_begin, text_end, data_begin, data_end, *_ = (offset or 0 for offset in offsets)
    text = span(text_begin, text_end)
    if text is None or text.begin < SIZE or text.size < 2:
        return _bad(say("does not say where its keywords are"))
    return Header(first[:6].decode("ascii"), text, span(data_begin, data_end))


def _offset(field: bytes) -> int | None:
    """One 8-byte offset: 0 when blank, None when it holds anything but digits."""
    digits = field.strip(b" ")
    if not digits:
        return 0
    return int(digits) if digits.isdigit() else None


def _bad(what: str) -> Rejection:
    return Rejection(
        FcsReason.FCS_HEADER, say("The first line (HEADER) of this FCS file {what}.", what=what), EXPORT_AGAIN
    )


def _not_fcs(first: bytes) -> Rejection | None:
    if not first:
        return Rejection(FcsReason.EMPTY_FILE, say("This file is empty (0 bytes)."), COPY_AGAIN)
    if first[:3] != b"FCS":
        sentence = say("This is not an FCS file: it does not begin with the letters FCS.")
        for magic, name in _OTHER_FILES:
            if first.startswith(magic):
                sentence = say("This is not an FCS file: it looks like {name}.", name=name)
                break
        return Rejection(FcsReason.NOT_FCS, sentence, say("Choose the .fcs or .lmd file of the tube."))
    if len(first) >= 6 and not has_magic(first):
        stated = first[3:6].decode("ascii", "replace")
        sentence = say(
            "This file calls itself FCS version “{stated}”, which does not exist or is too old.",
            stated=stated,
        )
        return Rejection(FcsReason.FCS_VERSION, sentence, EXPORT_AGAIN)
    if len(first) < SIZE:
        sentence = say(
            "This file stops after {first} bytes; the first line of an FCS file alone has {SIZE}.",
            first=len(first),
            SIZE=SIZE,
        )
        return Rejection(FcsReason.FCS_TRUNCATED, sentence, COPY_AGAIN)
    return None
