"""In which language a paper is drawn. What it says is composed, compared and digested in English.

The bytes of a revision are kept when it is issued, so a later change of the site's language changes none.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from app.kernel.speech import retold
from app.paper.chapters import Block, Chapter, Facts, Picture, Table, Text

_language: ContextVar[str] = ContextVar("language of the paper that is drawn", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Whatever is drawn inside is said in this language."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def spoken(text: str) -> str:
    """A text of a paper in the language that is being drawn; codes and figures stay as they are."""
    language = _language.get()
    return text if language == "en" or not text else retold(text, language)


def chapters_spoken(chapters: Sequence[Chapter]) -> list[Chapter]:
    """The same chapters in the language that is being drawn; in English they are given back as they are."""
    if _language.get() == "en":
        return list(chapters)
    return [replace(one, title=spoken(one.title), blocks=[_block(b) for b in one.blocks]) for one in chapters]


def _block(block: Block) -> Block:
    if isinstance(block, Facts):
        rows = [(spoken(label), _cell(value)) for label, value in block.rows]
        return replace(block, rows=rows, caption=spoken(block.caption))
    if isinstance(block, Table):
        heads = tuple(spoken(head) for head in block.headings)
        cells = [tuple(_cell(cell) for cell in row) for row in block.rows]
        return replace(block, headings=heads, rows=cells, caption=spoken(block.caption))
    if isinstance(block, Text):
        return replace(block, words=spoken(block.words))
    return replace(block, caption=spoken(block.caption)) if isinstance(block, Picture) else block


def _cell(text: str | None) -> str | None:
    return None if text is None else spoken(text)
