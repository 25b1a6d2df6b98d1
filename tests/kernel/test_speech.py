"""Sentences are kept in English and said in the reader's language."""

import json
from datetime import date
from enum import StrEnum

from markupsafe import escape

from app.kernel.speech import Said, headed, in_each, listed, say, told, word


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
