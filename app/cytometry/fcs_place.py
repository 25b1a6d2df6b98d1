"""Where the events of an FCS data set lie: HEADER against TEXT, and both against the size of the file."""

from collections.abc import Mapping

from app.cytometry.fcs_findings import COPY_AGAIN, EXPORT_AGAIN, Caution, FcsReason, Flag, Rejection
from app.cytometry.fcs_header import Span, span
from app.cytometry.fcs_layout import whole
from app.kernel.speech import say


def stated_span(keywords: Mapping[str, str], part: str) -> Span | None:
    """The span that TEXT states for DATA or STEXT ($BEGIN… and $END…); None when it states none."""
    return span(whole(keywords.get(f"$BEGIN{part}")) or 0, whole(keywords.get(f"$END{part}")) or 0)


def place(
    in_header: Span | None, in_text: Span | None, count: int, row_bytes: int, available: int
) -> tuple[int, tuple[Caution, ...]] | Rejection:
    """The first byte of the events, counted from the HEADER, or why it cannot be told.

    ``available`` is how many bytes the file has from this HEADER on. TEXT counts unless it is silent; where
    both speak and differ, the one counts whose length is exactly ``count`` rows, or one byte more (a common
    slip). Nothing here depends on how large $TOT is.
    """
    needed = count * row_bytes
    if count == 0:
        return 0, ()
    spoken = [one for one in (in_text, in_header) if one is not None]
    if not spoken:
        sentence = say(
            "The file does not say where its events are, neither in its first line nor in its keywords."
        )
        return Rejection(FcsReason.FCS_OFFSETS, sentence, EXPORT_AGAIN)
    cautions: list[Caution] = []
    chosen = spoken[0]
    if len(spoken) == 2 and spoken[0] != spoken[1]:
        only = _the_one_that_fits(spoken, needed, available)
        if isinstance(only, Rejection):
            return only
        chosen = only
        sentence = say(
            "The first line and the keywords disagree on where the events are; only one of them fits."
        )
        cautions.append(Caution(Flag.FCS_OFFSET_DISCREPANCY, sentence))
    if not 0 <= chosen.size - needed < row_bytes:
        return _miscount(count, chosen.size // row_bytes)
    if chosen.begin + needed > available:
        sentence = say(
            "The events end at byte {begin}, but the file stops at byte {available}.",
            begin=chosen.begin + needed,
            available=available,
        )
        return Rejection(FcsReason.FCS_TRUNCATED, sentence, COPY_AGAIN)
    if chosen.size > needed:
        sentence = say("{size} byte(s) follow the last event and were left out.", size=chosen.size - needed)
        cautions.append(Caution(Flag.FCS_TRAILING_BYTES, sentence))
    return chosen.begin, tuple(cautions)


def _the_one_that_fits(spoken: list[Span], needed: int, available: int) -> Span | Rejection:
    """Of two different spans the one that fits exactly, else with one byte over, within the file."""
    for over in (0, 1):
        fits = [one for one in spoken if one.size - needed == over and one.begin + needed <= available]
        if len(fits) == 1:
            return fits[0]
        if fits:
            break
    sentence = say(
        "The first line and the keywords disagree on where the events are, and neither can be proved."
    )
    return Rejection(FcsReason.FCS_OFFSETS, sentence, EXPORT_AGAIN)


def _miscount(stated: int, found: int) -> Rejection:
    sentence = say(
        "The file says it holds {stated} events, but its data part has room for {found}.",
        stated=stated,
        found=found,
    )
    return Rejection(FcsReason.FCS_EVENT_COUNT, sentence, EXPORT_AGAIN)
