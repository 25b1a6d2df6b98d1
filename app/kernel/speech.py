"""Sentences are kept in English and said in the language of whoever reads them."""

import gettext
import html
import json
import re
from collections.abc import Callable, Iterable
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


def listed(parts: "list[str] | tuple[str, ...]", between: str = ", ") -> Said:
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
    return voice(value, language) if isinstance(value, str) else value


@lru_cache(maxsize=1)
def _kept_sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every sentence with blanks as a pattern, the one with most words of its own first."""
    file = TRANSLATIONS / "sentences.json"
    known: list[str] = json.loads(file.read_text("utf-8")) if file.exists() else []
    known.sort(key=lambda words: len(_BLANK.sub("", words)), reverse=True)
    return tuple((_as_pattern(words), words) for words in known)


def _as_pattern(words: str) -> re.Pattern[str]:
    parts, seen = [], set[str]()
    for at, part in enumerate(_BLANK.split(words)):
        if at % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)


def retold(text: object, language: str | None = None) -> str:
    """A sentence that was kept as English text, in ``language``; what Hilo never says stays as it is."""
    code = language or _reader()
    if isinstance(text, Said) or code == "en":
        return told(text, code)
    kept = str(text)
    whole = voice(kept, code)
    if whole != kept:
        return whole
    for pattern, words in _kept_sentences():
        if found := pattern.fullmatch(kept):
            blanks = {name: retold(part, code) for name, part in found.groupdict().items()}
            return _BLANK.sub(r"{\1}", voice(words, code)).format(**blanks)
    return kept


def in_each(text: object, languages: Iterable[str], between: str = " / ") -> str:
    """A sentence in several languages, one after another; once where they say the same."""
    return between.join(dict.fromkeys(told(text, code) for code in languages))
