"""What a label stock itself prints, in the languages of the site."""

from collections.abc import Sequence

from app.kernel.speech import in_each, phrase, say, told
from labels.layout import Layout

#: Said by `labels.compose`, not by a layout.
_OF_CODE = frozenset({phrase("COPY")})


def stock_words(stock: Layout, languages: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each caption and fixed text of the stock: in all languages of the site, then in the first one."""
    texts = {place.caption for place in stock.fields if place.caption}
    texts |= {place.name for place in stock.fixed} | _OF_CODE
    return {text: _ways(text, languages) for text in sorted(texts)}


def _ways(text: str, languages: Sequence[str]) -> tuple[str, ...]:
    """``DONOR/DONANTE``, then ``DONOR``."""
    every, first = in_each(say(text), languages, "/"), told(say(text), languages[0])
    return tuple(dict.fromkeys((every, first)))
