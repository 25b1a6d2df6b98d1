"""Sentences are kept in English and said in the language of whoever reads them."""

import gettext
import html
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

TRANSLATIONS = Path(__file__).parent.parent / "translations"
#: The languages Hilo speaks, by code, each named in itself.
LANGUAGES = {"en": "English", "es": "Español"}


def _nobody() -> str:
    """Where nobody reads a page, such as at the console, sentences stay English."""
    return "en"


_reader: Callable[[], str] = _nobody


def read_by(reader: Callable[[], str]) -> None:
    """From now on ``reader`` says which language is read; the web application tells it once."""
    global _reader  # noqa: PLW0603  # one process has one way to know its reader
    _reader = reader


#: A blank of a sentence, with its name; how the figure is written does not matter when it is read back.
_BLANK = re.compile(r"\{(\w+)(?:[!:][^{}]*)?\}")


@lru_cache(maxsize=8)
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("messages", TRANSLATIONS, [code], fallback=True)


def voice(words: str, language: str | None = None) -> str:
    """The words in a language (None: the reader's); English where there are none."""
    code = language or _reader()
    return words if code == "en" or not words else _catalogue(code).gettext(words)


class Said(str):
    """An English sentence that remembers its words and blanks, so that it can be said in another language.

    As text it is the English sentence: that is what is stored, compared and signed. A template that
    prints it says it in the reader's language.
    """

    __slots__ = ("blanks", "capital", "words")

    words: str
    blanks: dict[str, Any]
    capital: bool

    def __html__(self) -> str:
        return html.escape(told(self))

    def __add__(self, other: str) -> "Said":
        return listed([self, other], "")

    def __radd__(self, other: str) -> "Said":
        return listed([other, self], "")


def say(words: str, /, **blanks: Any) -> Said:
    """The sentence with its blanks filled, as `str.format` fills them; blanks may be sentences themselves."""
    said = Said(words.format(**blanks) if blanks else words)
    said.words, said.blanks, said.capital = words, blanks, False
    return said


def phrase(words: str) -> str:
    """The words themselves, marked for translation where they are said later."""
    return words


def word(value: object) -> Said:
    """A stored value as words: ``in_quarantine`` is said ``in quarantine``."""
    return say(str(value).replace("_", " "))


def headed(value: object) -> Said:
    """A stored value as words that begin a line: ``risk_assessment`` is said ``Risk assessment``."""
    words = str(value).replace("_", " ")
    said = Said(words[:1].upper() + words[1:])
    said.words, said.blanks, said.capital = words, {}, True
    return said


def listed(parts: Sequence[str], between: str = ", ") -> Said:
    """Several sentences in a row, each said in the reader's language."""
    return say(
        between.join(f"{{p{n}}}" for n in range(len(parts))), **{f"p{n}": p for n, p in enumerate(parts)}
    )


def told(text: object, language: str | None = None) -> str:
    """A sentence in ``language`` (None: the reader's); other text is given back as it is."""
    if not isinstance(text, Said):
        return str(text)
    words = voice(text.words, language)
    if text.capital:
        words = words[:1].upper() + words[1:]
    if not text.blanks:
        return words
    return words.format(**{name: _filled(value, language) for name, value in text.blanks.items()})


def _filled(value: object, language: str | None) -> object:
    """A blank that is a sentence, or a word that Hilo knows, is said too; codes and figures stay."""
    if isinstance(value, Said):
        return told(value, language)
    return retold(value, language) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Frame:
    """A sentence with blanks: its own words between them, and the names of the blanks."""

    sentence: str
    own: tuple[str, ...]
    names: tuple[str, ...]

    def blanks(self, kept: str) -> dict[str, str] | None:
        """What fills the blanks where the text is this sentence; each blank ends at the next own word.

        Every word of the sentence is looked for once, so that no text, however odd, takes long.
        """
        first, *between, last = self.own
        if not kept.startswith(first) or not kept.endswith(last):
            return None
        at, end, found = len(first), len(kept) - len(last), dict[str, str]()
        for name, following in zip(self.names, [*between, None], strict=True):
            to = end if following is None else kept.find(following, at, end)
            if to < at or found.get(name, kept[at:to]) != kept[at:to]:
                return None
            found[name], at = kept[at:to], to + len(following or "")
        return found


def frame_of(sentence: str) -> Frame:
    """The frame of a sentence with blanks."""
    parts = _BLANK.split(sentence)
    return Frame(sentence, tuple(parts[::2]), tuple(parts[1::2]))


@lru_cache(maxsize=1)
def _frames() -> tuple[tuple[str, Frame], ...]:
    """Every sentence with blanks behind its longest piece, the one with most words of its own first."""
    file = TRANSLATIONS / "sentences.json"
    known: list[str] = json.loads(file.read_text("utf-8")) if file.exists() else []
    known.sort(key=lambda words: len(_BLANK.sub("", words)), reverse=True)
    return tuple((max(frame.own, key=len), frame) for frame in map(frame_of, known))


#: Where one sentence ends and the next begins; what stands in brackets; a word, not a code.
_ENDS, _BRACKETS = re.compile(r"(?<=[.!?]) "), re.compile(r"([^()]+) \(([^()]+)\)")
_WORD = re.compile(r"\b[a-z]{3,}\b")
#: A day as pages write it, from which English words were kept: ``20-Jun-2025``.
_DAY = re.compile(r"(\d{2})-([A-Z][a-z]{2})-(\d{4})")
#: A range of figures or codes, and a figure among words.
_RANGE = re.compile(r"(\S*\d\S*) to (\S*\d\S*)( \S+)?")
_FIGURE = re.compile(r"(?:^| )([−<≤≥]* ?\d[\d.,]*)(?= |$)")


def retold(text: object, language: str | None = None) -> str:
    """A sentence that was kept as English text, in ``language``; what Hilo never says stays as it is."""
    code = language or _reader()
    if isinstance(text, Said) or code == "en":
        return told(text, code)
    return _retold(str(text), code)


@lru_cache(maxsize=20_000)
def _retold(kept: str, code: str) -> str:
    """A message, a sentence with its blanks filled, or what is put together from them; else the text."""
    whole = voice(kept, code)
    if found := _DAY.fullmatch(kept):
        return f"{found[1]}-{voice(found[2], code)}-{found[3]}"
    if whole != kept or " " not in kept:
        return whole
    ways = _several, _bracketed, _sentence, _headed, _list, _range, _measured, _partly
    return next((said for way in ways if (said := way(kept, code))), kept)


def _is_said(part: str, code: str) -> bool:
    """Whether Hilo says this, or there is no word in it to say."""
    return _retold(part, code) != part or not _WORD.search(part)


def _several(kept: str, code: str) -> str:
    """Several sentences in a row, each of which Hilo says."""
    parts = _ENDS.split(kept)
    if len(parts) == 1 or not all(_retold(part, code) != part for part in parts):
        return ""
    return " ".join(_retold(part, code) for part in parts)


def _partly(kept: str, code: str) -> str:
    """Several sentences in a row, of which people added some."""
    return " ".join(_retold(part, code) for part in parts) if len(parts := _ENDS.split(kept)) > 1 else ""


def _bracketed(kept: str, code: str) -> str:
    """Words and what stands in brackets behind them: ``Complement C3 (g/L)``."""
    found = _BRACKETS.fullmatch(kept)
    if not found or not all(_is_said(part, code) for part in found.groups()):
        return ""
    return f"{_retold(found[1], code)} ({_retold(found[2], code)})"


def _sentence(kept: str, code: str) -> str:
    """A sentence of the code with its blanks filled."""
    for longest, frame in _frames():
        if longest in kept and (blanks := frame.blanks(kept)) is not None:
            said = {name: _retold(part, code) for name, part in blanks.items()}
            return _BLANK.sub(r"{\1}", voice(frame.sentence, code)).format(**said)
    return ""


def _headed(kept: str, code: str) -> str:
    """A word and what it announces: ``B cells: CD19+``."""
    head, colon, rest = kept.partition(": ")
    if not colon or voice(head, code) == head or not _is_said(rest, code):
        return ""
    return f"{voice(head, code)}: {_retold(rest, code)}"


def _list(kept: str, code: str) -> str:
    """A list of which Hilo says every piece of several words; people write lists too."""
    between = "; " if "; " in kept else ", "
    pieces = kept.split(between)
    if len(pieces) == 1 or not all(" " not in one or _is_said(one, code) for one in pieces):
        return ""
    return between.join(_retold(one, code) for one in pieces)


def _range(kept: str, code: str) -> str:
    """From one figure or code to another: ``45 to 104 µmol/L``."""
    found = _RANGE.fullmatch(kept)
    return f"{found[1]} {voice('to', code)} {found[2]}{found[3] or ''}" if found else ""


def _measured(kept: str, code: str) -> str:
    """A figure with its name and unit, where Hilo says both: ``Red cells in urine 2 a field``."""
    for found in _FIGURE.finditer(kept):
        name, unit = kept[: found.start()], kept[found.end() :].strip()
        said = voice(name, code), found[1], voice(unit, code)
        if (" " not in name or said[0] != name) and (said[2] != unit or not _WORD.search(unit)):
            return " ".join(part for part in said if part)
    return ""


def in_each(text: object, languages: Iterable[str], between: str = " / ") -> str:
    """A sentence in several languages, one after another; once where they say the same."""
    return between.join(dict.fromkeys(told(text, code) for code in languages))
