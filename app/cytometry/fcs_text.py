"""The TEXT segment of an FCS data set: its keywords, in which alphabet, read which way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.cytometry.fcs_findings import DEFAULT_LIMITS, EXPORT_AGAIN, Caution, FcsReason, Flag, Rejection
from app.cytometry.fcs_header import Span
from app.kernel.speech import say

#: Without these nothing can be decoded; of two readings of a TEXT the one that has them is right.
REQUIRED = ("$PAR", "$TOT", "$DATATYPE", "$BYTEORD")
_PADDING = b" \x00\t\r\n"


class CodePage(StrEnum):
    """The code page of the computer beside a site's older cytometers, set by the site."""

    CYRILLIC = "cp1251"
    WESTERN = "cp1252"
    MACINTOSH = "mac_roman"


class Encoding(StrEnum):
    """How the bytes of the keywords became letters."""

    UTF_8 = "utf-8"
    CYRILLIC = "cp1251"
    WESTERN = "cp1252"
    MACINTOSH = "mac_roman"
    LATIN_1 = "latin-1"


@dataclass(frozen=True, slots=True)
class Word:
    """One keyword as written: its name in capitals, its value, and where both stand in the TEXT."""

    name: str
    value: str
    name_at: Span
    value_at: Span


@dataclass(frozen=True, slots=True)
class Text:
    """One TEXT segment. ``delimiter`` is one byte; ``loose`` bytes are a last name without value."""

    words: tuple[Word, ...]
    delimiter: bytes
    encoding: Encoding
    ambiguous: bool
    loose: Span | None
    cautions: tuple[Caution, ...]

    def keywords(self) -> dict[str, str]:
        """Name to value; of a keyword that is written twice the first one counts."""
        found: dict[str, str] = {}
        for word in self.words:
            found.setdefault(word.name, word.value)
        return found


def read_text(
    segment: bytes,
    code_page: CodePage | None = None,
    *,
    most_words: int = DEFAULT_LIMITS.words,
    required: tuple[str, ...] = REQUIRED,
) -> Text | Rejection:
    """Cut the segment at its delimiter (its first byte, 1 to 126) into keywords.

    A doubled delimiter stands for itself, as the standard says. Where that reading loses a required keyword
    or puts the delimiter into a name, a doubled delimiter after a name is an empty value, which the
    standard forbids and real instruments write.
    """
    if len(segment) < 2 or not 1 <= segment[0] <= 126:
        return _unreadable(say("its first byte cannot separate keywords"))
    delimiter = segment[:1]
    if segment.count(delimiter) > most_words:
        return Rejection(
            FcsReason.FCS_TEXT_SIZE, say("This FCS file has more keywords than Hilo reads."), EXPORT_AGAIN
        )
    end = len(segment.rstrip(_PADDING.replace(delimiter, b"")))
    spans, faults, ambiguous = _best_cut(segment, delimiter, end, required)
    encoding = _encoding(segment, code_page)
    words = tuple(_words(segment, delimiter, encoding, spans))
    if not words:
        return _unreadable(say("no keyword was found in them"))
    loose = spans[-1] if len(spans) % 2 else None
    cautions = [*_cautions(words, encoding, ambiguous)]
    if segment[end - 1 : end] != delimiter or (faults and loose):
        sentence = say("The last keyword is not closed by the delimiter; its value may be cut short.")
        cautions.append(Caution(Flag.FCS_NO_LAST_DELIMITER, sentence))
    return Text(words, delimiter, encoding, ambiguous, loose, tuple(cautions))


def _best_cut(
    segment: bytes, delimiter: bytes, end: int, required: tuple[str, ...]
) -> tuple[list[Span], int, bool]:
    """The better of the two readings, its number of faults, and whether there was a doubt."""
    standard = list(_cut(segment, delimiter, end, empty_values=False))
    faults = _faults(segment, delimiter, standard, required)
    if faults == 0 or delimiter * 2 not in segment:
        return standard, faults, False
    lenient = list(_cut(segment, delimiter, end, empty_values=True))
    lenient_faults = _faults(segment, delimiter, lenient, required)
    if lenient_faults < faults:
        return lenient, lenient_faults, True
    return standard, faults, True


def _cut(segment: bytes, delimiter: bytes, end: int, *, empty_values: bool) -> Iterator[Span]:
    """Spans of name, value, name, value …; a span may hold doubled delimiters."""
    start, is_name = 1, True
    for run in re.finditer(re.escape(delimiter) + b"+", segment[1:end]):
        first, last = run.start() + 1, run.end() + 1
        count = last - first
        if empty_values and is_name and count % 2 == 0:
            yield Span(start, first)
            yield Span(first + 1, first + 1)
            start = last
        elif empty_values and is_name:
            yield Span(start, first)
            start, is_name = first + 1, False
        elif count % 2 or (last == end and not is_name):
            yield Span(start, last - (1 if count % 2 else 2))
            start, is_name = last, not is_name
    if start < end:
        yield Span(start, end)


def _faults(segment: bytes, delimiter: bytes, spans: list[Span], required: tuple[str, ...]) -> int:
    """How much speaks against a reading: missing keywords, odd names, a name without value."""
    names = [segment[span.begin : span.end].strip().upper() for span in spans[::2]]
    known = set(names)
    missing = sum(keyword.encode() not in known for keyword in required)
    strange = sum(not name or delimiter in name for name in names)
    return 1000 * missing + strange + len(spans) % 2


def _words(segment: bytes, delimiter: bytes, encoding: Encoding, spans: list[Span]) -> Iterator[Word]:
    def letters(at: Span) -> str:
        raw = segment[at.begin : at.end].replace(delimiter * 2, delimiter)
        return raw.decode(encoding, "replace").strip()

    for name_at, value_at in zip(spans[::2], spans[1::2], strict=False):
        name = letters(name_at).upper()
        if name:
            yield Word(name, letters(value_at), name_at, value_at)


def _encoding(segment: bytes, code_page: CodePage | None) -> Encoding:
    """Strict UTF-8, else the site's code page, else Latin-1, which always succeeds."""
    for encoding in (Encoding.UTF_8, Encoding(code_page) if code_page else None):
        if encoding is not None:
            try:
                segment.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    return Encoding.LATIN_1


def _cautions(words: tuple[Word, ...], encoding: Encoding, ambiguous: bool) -> Iterator[Caution]:
    if encoding is not Encoding.UTF_8:
        sentence = say(
            "The keywords are not UTF-8; they were read as {encoding}, so accented letters may be wrong.",
            encoding=encoding,
        )
        yield Caution(Flag.FCS_ENCODING_GUESSED, sentence)
    if ambiguous:
        sentence = say("Some keywords have no value, which the standard forbids; they were read as empty.")
        yield Caution(Flag.FCS_AMBIGUOUS_EMPTY_VALUE, sentence)
    values: dict[str, str] = {}
    twice = {word.name for word in words if values.setdefault(word.name, word.value) != word.value}
    if twice:
        sentence = say(
            "{twice} keyword(s) are written twice with different values; the first one counts.",
            twice=len(twice),
        )
        yield Caution(Flag.FCS_REPEATED_KEYWORD, sentence)


def _unreadable(why: str) -> Rejection:
    sentence = say("The keywords (TEXT) of this FCS file cannot be read: {why}.", why=why)
    return Rejection(FcsReason.FCS_TEXT, sentence, EXPORT_AGAIN)
