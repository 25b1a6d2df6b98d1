"""Sentences are kept in English and said in the reader's language."""

import json
import re
from datetime import date
from enum import StrEnum
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from app.kernel.speech import Said, frame_of, headed, in_each, listed, retold, say, told, word


class Kind(StrEnum):
    HELD = "in_quarantine"


def test_a_sentence_is_its_english_text_wherever_it_is_kept() -> None:
    said = say("{unit} expired on {day}.", unit="MSC-25-001-B01", day="2027-03-23")
    assert said == "MSC-25-001-B01 expired on 2027-03-23."
    assert json.dumps(said) == '"MSC-25-001-B01 expired on 2027-03-23."'


def test_a_sentence_is_said_in_another_language_with_its_figures() -> None:
    said = say("Unit {code} expired on {expires_at:%Y-%m-%d}.", code="B01", expires_at=date(2027, 3, 23))
    assert "2027-03-23" in told(said, "es") and "B01" in told(said, "es")
    assert told(said, "es") != said


def test_a_blank_that_is_a_sentence_is_said_in_that_language_too() -> None:
    said = say("Donor {code} is {state}, not eligible.", code="D-0006", state=word(Kind.HELD))
    assert "en cuarentena" in told(said, "es")
    assert said == "Donor D-0006 is in quarantine, not eligible."


def test_a_word_that_begins_a_line_has_a_capital_in_each_language() -> None:
    assert headed(Kind.HELD) == "In quarantine"
    assert told(headed(Kind.HELD), "es") == "En cuarentena"


def test_braces_without_blanks_are_left_alone() -> None:
    assert say("{}") == "{}"


def test_what_was_typed_is_never_translated() -> None:
    assert told("in quarantine", "es") == "in quarantine"


def test_a_sentence_on_a_page_is_escaped_after_it_was_said() -> None:
    assert str(escape(say("{unit} is lost.", unit="<b>"))).startswith("&lt;b&gt;")


def test_sentences_in_a_row_are_each_said() -> None:
    row = listed([word(Kind.HELD), "B01"])
    assert row == "in quarantine, B01"
    assert told(row, "es") == "en cuarentena, B01"


def test_labels_say_a_sentence_once_where_languages_agree() -> None:
    assert in_each(say("{volume} mL", volume=20), ("en", "es")) == "20 mL"
    assert in_each(word(Kind.HELD), ("en", "es")) == "in quarantine / en cuarentena"
    assert isinstance(say("x"), Said)


def test_sentences_that_are_put_together_stay_sentences() -> None:
    both = "A: " + word(Kind.HELD) + "!"
    assert isinstance(both, Said)
    assert (both, told(both, "es")) == ("A: in quarantine!", "A: en cuarentena!")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("The bead of A*02:01 reads 190 MFI (raw), below 1000.",
         "La bola de A*02:01 da 190 MFI (bruta), por debajo de 1000."),
        ("Consent for treatment is in force. Interview: not recorded.",
         "El consentimiento para tratamiento está en vigor. Entrevista: sin registrar."),
        ("Complement C3 0.61 g/L; Red cells in urine 2 a field",
         "Complemento C3 0.61 g/L; Hematíes en orina 2 por campo"),
        ("SLEDAI-2K 4 (low complement, rash)", "SLEDAI-2K 4 (complemento bajo, erupción cutánea)"),
        ("B cells: CD19+ (% of lymphocytes)", "Linfocitos B: CD19+ (% de linfocitos)"),
        ("45 to 104 µmol/L", "45 a 104 µmol/L"),
        ("10 not tested, 6 negative", "10 sin ensayar, 6 negativo"),
    ],
)  # fmt: skip
def test_what_was_kept_in_english_is_said_again(kept: str, said: str) -> None:
    assert retold(kept, "es") == said
    assert retold(kept, "en") == kept


@pytest.mark.parametrize(
    "typed",
    [
        "MSC-25-001-B01, B02",
        "fever, and Otto said so",
        "Thawed at 37 °C for 3 min 30 s; no reaction during the infusion",
        "None: pH of the medium unchanged, cells attached",
        "The bag was wet. I threw it away.",
        "Reactive (by hand, see folder 4)",
    ],
)
def test_what_a_person_wrote_is_left_alone(typed: str) -> None:
    assert retold(typed, "es") == typed


@given(
    sentence=st.sampled_from(["{a} of {b}", "Unit {a} is {b}, not {c}.", "{a}: {b}", "from {a} to {b}; {a}"]),
    blanks=st.fixed_dictionaries(dict.fromkeys("abc", st.text("of,: is not;A", max_size=9))),
)
def test_a_kept_sentence_is_known_exactly_where_a_pattern_would_know_it(
    sentence: str, blanks: dict[str, str]
) -> None:
    """Against the regular expression that it replaces, which some texts keep busy for seconds."""
    kept = sentence.format(**blanks)
    for frame in map(frame_of, ("{a} of {b}", "Unit {a} is {b}, not {c}.", "{a}: {b}")):
        found = _pattern(frame.sentence).fullmatch(kept)
        assert frame.blanks(kept) == (found.groupdict() if found else None)
    again = frame_of(sentence).blanks(kept)
    assert again is None or sentence.format(**again) == kept


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w)\\\}", r"(?P<\1>.*?)", re.escape(sentence)), re.DOTALL)


def test_no_text_is_looked_at_for_long() -> None:
    """A staff member's text of all the words that sentences have between their blanks, over and over."""
    odd = " of is; into under , thawed at , started ; reasons: . unit " * 20
    before = process_time()
    assert retold(odd, "es")
    assert process_time() - before < 1
