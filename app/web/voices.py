"""Which language a page speaks: that of the signed-in person, or what the browser asks for at the door."""

from collections.abc import Callable
from contextlib import suppress

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, get_locale

from app.kernel.speech import LANGUAGES, TRANSLATIONS, Said, phrase, read_by, say, told, voice

#: What scripts say on a page; they look up these English words in the page's own table.
SCRIPT_WORDS = (
    phrase("Cover one code: two are in view."),
    phrase("Move closer, or hold still."),
    phrase("The camera is not allowed here. Allow it in the browser, or take a photo instead."),
    phrase("This device has no camera. Use the hand scanner, or type the code."),
    phrase("Another program uses the camera. Close it, then try again."),
    phrase("The code reader could not start. Reload the page, or use the hand scanner."),
    phrase("Opening the camera…"),
    phrase("Hold the code inside the frame."),
    phrase("The camera could not be opened. Use the hand scanner, or take a photo."),
    phrase("Looking at the photo…"),
    phrase("This is not a picture. Take a photo of the code."),
    phrase("No code found in this photo. Move closer, hold still, and take another."),
    phrase("That password is not right. Try again."),
    phrase("Too many tries. Wait one minute, then try again."),
    phrase("No connection to Hilo. Nothing is lost; try again in a moment."),
    phrase("This session has ended. Sign out below; what was typed here must be entered again."),
    phrase("Day mode"),
    phrase("Night mode"),
    phrase("Same code again: ignored."),
    phrase("Still sending the code before. Scan again when the page answers."),
    phrase("Checking…"),
    phrase("Ready to scan."),
    phrase("Scan anywhere on this page."),
)


def init_voices(app: Flask, of_person: Callable[[], str | None]) -> None:
    """Let pages speak; ``of_person`` gives the language of whoever is signed in."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)

    def chosen() -> str:
        return of_person() or request.accept_languages.best_match(list(LANGUAGES), "en")

    Babel(app, locale_selector=chosen)
    read_by(language)
    app.jinja_env.filters["told"] = told
    app.jinja_env.globals.update(
        language=language, said=say, script_words=script_words, also=also, LANGUAGES=LANGUAGES
    )


def language() -> str:
    """The code of the language of the page that is being written; English outside a request."""
    if not has_request_context():
        return "en"
    with suppress(RuntimeError):
        return str(get_locale() or "en")
    return "en"


def script_words() -> dict[str, str]:
    """What scripts say, by the English words; empty where the page is in English."""
    code = language()
    return {} if code == "en" else {words: voice(words, code) for words in SCRIPT_WORDS}


def also(sentence: object) -> list[tuple[str, str]]:
    """The sentence in the site's other languages, each with its code; to stand beneath the reader's."""
    here = told(sentence)
    others = [(code, told(sentence, code)) for code in current_app.config.get("HILO_LANGUAGES", ())]
    return [(code, text) for code, text in others if isinstance(sentence, Said) and text != here]
