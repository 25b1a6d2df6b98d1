"""Doses in Spanish words, exact to the cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.numerals import in_words
from app.kernel.units import WORDS_LIMIT, cells_words

#: What each word is worth; a slow reader of the words, to hold the writer to.
WORTH = {
    "uno": 1, "un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
    "nueve": 9,
    "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciséis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiún": 21,
    "veintidós": 22, "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiséis": 26,
    "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "treinta": 30, "cuarenta": 40, "cincuenta": 50,
    "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100, "ciento": 100, "doscientos": 200,
    "trescientos": 300, "cuatrocientos": 400, "quinientos": 500, "seiscientos": 600, "setecientos": 700,
    "ochocientos": 800, "novecientos": 900, "y": 0, "cero": 0,
}  # fmt: skip


def worth(said: str) -> int:
    """The number that Spanish words say."""
    before, _, after = said.replace("millón", "millones").partition(" millones")
    if after or said.endswith(("millones", "millón")):
        return _thousands(before) * 10**6 + _thousands(after)
    return _thousands(said)


def _thousands(said: str) -> int:
    words = said.split()
    if "mil" not in words:
        return sum(WORTH[word] for word in words)
    at = words.index("mil")
    return (sum(WORTH[word] for word in words[:at]) or 1) * 1000 + sum(
        WORTH[word] for word in words[at + 1 :]
    )


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (90_000_000, "noventa millones"),
        (1_000_000, "un millón"),
        (21_000_000, "veintiún millones"),
        (31_000, "treinta y un mil"),
        (100_000_000, "cien millones"),
        (1_406_250, "un millón cuatrocientos seis mil doscientos cincuenta"),
        (1_061_800_000, "mil sesenta y un millones ochocientos mil"),
        (0, "cero"),
    ],
)
def test_doses_of_the_story_are_said_as_spanish_says_them(count: int, said: str) -> None:
    assert in_words(count, "es") == said


@given(st.integers(0, WORDS_LIMIT - 1))
def test_the_words_say_the_number(count: int) -> None:
    assert worth(in_words(count, "es")) == count


def test_any_other_language_reads_english() -> None:
    assert in_words(90_000_000, "en") == cells_words(90_000_000) == "ninety million"
