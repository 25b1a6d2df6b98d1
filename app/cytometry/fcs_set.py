"""One data set of an FCS file: header, keywords, parameters and place of the events, in that order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from app.cytometry.fcs_acquired import Acquired, DateRule, acquired
from app.cytometry.fcs_events import not_finite
from app.cytometry.fcs_findings import COPY_AGAIN, EXPORT_AGAIN, Caution, FcsReason, Flag, Limits, Rejection
from app.cytometry.fcs_header import SIZE, Header, Span, read_header
from app.cytometry.fcs_layout import Layout, missing, read_layout, whole
from app.cytometry.fcs_model import DataSet
from app.cytometry.fcs_place import place, stated_span
from app.cytometry.fcs_privacy import may_be_shown, plain, shown
from app.cytometry.fcs_spill import Spill, read_spill
from app.cytometry.fcs_text import REQUIRED, CodePage, Text, read_text
from app.kernel.speech import say


@dataclass(frozen=True, slots=True)
class Context:
    """What the caller knows that the file does not: limits, the site's code page, and today's date."""

    limits: Limits
    code_page: CodePage | None
    today: date | None


@dataclass(frozen=True, slots=True)
class Keywords:
    """TEXT and supplemental TEXT of one data set with their places; ``found`` is both, TEXT first."""

    texts: tuple[tuple[Span, Text], ...]
    found: dict[str, str]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The proved parts of a data set: HEADER at byte ``base``, and ``count`` events in the span ``data``."""

    base: int
    header: Header
    keywords: Keywords
    layout: Layout
    count: int
    data: Span
    cautions: tuple[Caution, ...]


def read_data_set(view: memoryview, base: int, number: int, context: Context) -> DataSet | Rejection:
    """Read the data set whose HEADER starts at byte ``base``; ``number`` counts from 1."""
    header = read_header(bytes(view[base : base + SIZE]))
    if isinstance(header, Rejection):
        return header
    keywords = _keywords(view, base, header, context)
    if isinstance(keywords, Rejection):
        return keywords
    refused = _mode(keywords.found)
    if refused is not None:
        return refused
    layout = read_layout(keywords.found, context.limits)
    if isinstance(layout, Rejection):
        return layout
    count = whole(keywords.found.get("$TOT"))
    if count is None:
        return missing("$TOT", say("number of events"))
    in_text = stated_span(keywords.found, "DATA")
    placed = place(header.data, in_text, count, layout.row_bytes, view.nbytes - base)
    if isinstance(placed, Rejection):
        return placed
    begin, cautions = placed
    data = Span(begin, begin + count * layout.row_bytes).moved(base)
    parts = Parts(base, header, keywords, layout, count, data, cautions)
    return _data_set(view, number, parts, context.limits.spill_channels, context.today)


def _data_set(view: memoryview, number: int, parts: Parts, most: int, today: date | None) -> DataSet:
    """Put the proved parts together with what there is to say; ``most`` bounds the spill matrix."""
    base, keywords, layout, data = parts.base, parts.keywords, parts.layout, parts.data
    names = [parameter.name for parameter in layout.parameters]
    spill = read_spill(keywords.found, names, most)
    when = acquired(keywords.found)
    remarks = (
        *_remarks(parts.header, keywords.found, when, spill, today),
        *_about_events(view, layout, data, parts.count),
    )
    return DataSet(
        number=number,
        version=parts.header.version,
        events=parts.count,
        words=sum(2 * len(text.words) for _, text in keywords.texts),
        layout=layout,
        encoding=keywords.texts[0][1].encoding,
        acquired=when,
        spill=spill,
        warnings=(*keywords.cautions, *layout.cautions, *parts.cautions, *remarks),
        keywords=MappingProxyType(shown(keywords.found)),
        raw_keywords=MappingProxyType(keywords.found),
        data=data,
        kept=(Span(base, base + SIZE), data, *(at.moved(base) for at, _ in keywords.texts)),
        blotted=tuple(spot.moved(base) for at, text in keywords.texts for spot in _blotted(at, text)),
    )


def _keywords(view: memoryview, base: int, header: Header, context: Context) -> Keywords | Rejection:
    """TEXT, and the supplemental TEXT where there is one that can be read."""
    at, limits = header.text, context.limits
    if at.size > limits.text_bytes:
        sentence = say(
            "The keywords of this file take {size} bytes; Hilo reads up to {text_bytes}.",
            size=at.size,
            text_bytes=limits.text_bytes,
        )
        return Rejection(FcsReason.FCS_TEXT_SIZE, sentence, EXPORT_AGAIN)
    if base + at.end > view.nbytes:
        sentence = say("The file stops in the middle of its keywords.")
        return Rejection(FcsReason.FCS_TRUNCATED, sentence, COPY_AGAIN)
    segment = bytes(view[base + at.begin : base + at.end])
    text = read_text(segment, context.code_page, most_words=limits.words)
    if isinstance(text, Rejection):
        return text
    found = text.keywords()
    more_at = stated_span(found, "STEXT") if header.version > "FCS2.0" else None
    if more_at is None or more_at.size < 2 or more_at.begin == at.begin:
        return Keywords(((at, text),), found, text.cautions)
    more = _supplement(view, base, more_at, text, context)
    if more is None:
        sentence = say(
            "A second list of keywords ({size} bytes) is not in FCS form and was not read.", size=more_at.size
        )
        caution = Caution(Flag.FCS_SUPPLEMENT_UNREAD, sentence)
        return Keywords(((at, text),), found, (*text.cautions, caution))
    both = more.keywords() | found
    return Keywords(((at, text), (more_at, more)), both, text.cautions + more.cautions)


def _supplement(view: memoryview, base: int, at: Span, text: Text, context: Context) -> Text | None:
    """The supplemental TEXT; None for the archives and binary blocks that some instruments put there."""
    limits = context.limits
    if at.size > limits.text_bytes or base + at.end > view.nbytes:
        return None
    segment = bytes(view[base + at.begin : base + at.end])
    if segment[:1] != text.delimiter:
        return None
    left = limits.words - 2 * len(text.words)
    more = read_text(segment, context.code_page, most_words=left, required=())
    return None if isinstance(more, Rejection) or more.loose else more


def _blotted(at: Span, text: Text) -> Iterator[Span]:
    """What a redacted copy overwrites: values that may not be shown, and bytes that belong to no keyword.

    Where the TEXT could be read in two ways, a name that is not known may in truth be a value.
    """
    for word in text.words:
        if not may_be_shown(word.name):
            yield word.value_at.moved(at.begin)
            if text.ambiguous:
                yield word.name_at.moved(at.begin)
    if text.loose is not None:
        yield text.loose.moved(at.begin)


def _mode(keywords: dict[str, str]) -> Rejection | None:
    for required in REQUIRED[2:]:
        if required not in keywords:
            sentence = say(
                "The file does not say how its events are stored: keyword {required} is missing.",
                required=required,
            )
            return Rejection(FcsReason.FCS_KEYWORD, sentence, EXPORT_AGAIN)
    mode = keywords.get("$MODE", "L").upper()
    if mode == "L":
        return None
    sentence = say("The file holds histograms, not single events (mode “{mode}”).", mode=plain(mode[:20]))
    return Rejection(FcsReason.FCS_MODE, sentence, EXPORT_AGAIN)


def _remarks(
    header: Header,
    keywords: dict[str, str],
    when: Acquired,
    spill: Spill | None,
    today: date | None,
) -> Iterator[Caution]:
    if "$MODE" not in keywords and header.version < "FCS3.2":
        yield Caution(
            Flag.FCS_MODE_MISSING, say("The file does not state its mode; it was read as a list of events.")
        )
    if keywords.get("$ORIGINALITY", "Original").upper() not in ("ORIGINAL", ""):
        sentence = say("The file says that it was changed after the measurement ($ORIGINALITY).")
        yield Caution(Flag.FCS_NOT_ORIGINAL, sentence)
    if spill is not None and spill.fault is not None:
        sentence = say(
            "The compensation matrix ({keyword}) cannot be used: {fault}.",
            keyword=spill.keyword,
            fault=spill.fault,
        )
        yield Caution(Flag.FCS_SPILL_INVALID, sentence)
    if when.rule is DateRule.NOT_UNDERSTOOD:
        sentence = say(
            "The acquisition date “{raw}” leaves open which number is the day; enter it by hand.",
            raw=when.raw[:40],
        )
        yield Caution(Flag.FCS_DATE_UNREADABLE, sentence)
    if when.day is not None and today is not None and when.day > today:
        sentence = say(
            "The acquisition date {isoformat} is in the future; check the cytometer's clock.",
            isoformat=when.day.isoformat(),
        )
        yield Caution(Flag.FCS_DATE_IN_FUTURE, sentence)


def _about_events(view: memoryview, layout: Layout, data: Span, count: int) -> Iterator[Caution]:
    if count == 0:
        yield Caution(
            Flag.FCS_NO_EVENTS,
            say("The file holds no events: nothing was measured, or it was exported empty."),
        )
    if strange := not_finite(view, layout, data.begin, count):
        yield Caution(
            Flag.FCS_NOT_FINITE, say("{strange} value(s) are infinite or not a number.", strange=strange)
        )
    start = bytes(view[data.begin : min(data.end, data.begin + 1_000_000)])
    # the three bytes that stand for "a byte that is no letter": one in thirty is no accident
    if 90 * start.count("\N{REPLACEMENT CHARACTER}".encode()) > len(start):
        sentence = say("The events look as if a program had treated them as text; their numbers are damaged.")
        yield Caution(Flag.FCS_TEXT_DAMAGE, sentence)
