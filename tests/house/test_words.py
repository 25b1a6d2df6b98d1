"""Hilo says everything in each of its languages, and loses no figure on the way."""

import re
from pathlib import Path

import pytest

from app.catalogue import gathered, missing, translated
from app.kernel.speech import LANGUAGES
from app.web.voices import SCRIPT_WORDS
from tests.shared import ROOT

OTHERS = [code for code in LANGUAGES if code != "en"]
BLANK = re.compile(r"%\(\w+\)s|\{\w+[^}]*\}|%%")
TAG = re.compile(r"</?[a-z]+")
SCRIPTS = ROOT / "app" / "web" / "static" / "js"


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_has_words(code: str) -> None:
    assert missing(code) == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_drops_or_invents_a_blank_or_a_tag(code: str) -> None:
    for message in translated(code):
        english = message.id if isinstance(message.id, str) else message.id[1]
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for words in said if message.id else []:
            assert sorted(BLANK.findall(words)) == sorted(BLANK.findall(english)), english
            assert sorted(TAG.findall(words)) == sorted(TAG.findall(english)), english


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_translated_that_nobody_says(code: str) -> None:
    wanted = {message.id for message in gathered()}
    assert [message.id for message in translated(code) if message.id and message.id not in wanted] == []


def spoken(path: Path) -> list[str]:
    """The English words that a script looks up."""
    return re.findall(r'said\("([^"]+)"\)', path.read_text("utf-8"))


def test_what_scripts_say_is_in_the_table_of_their_page() -> None:
    said = {words for path in SCRIPTS.glob("*.mjs") for words in spoken(path)}
    assert said == set(SCRIPT_WORDS)
