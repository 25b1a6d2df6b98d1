"""Where the site says so, a verdict at the bed stands in both languages, whoever reads it."""

from flask import render_template_string

from app.kernel.speech import say
from app.site import Site
from tests.webapp import web

VERDICT = (
    '{% import "web/macros.html" as ui with context %}'
    '{{ ui.verdict("STOP", sentence, "", next_url="/", reasons=[]) }}'
)
STOP = say("This wristband is void.")


def shown(site: Site, *languages: str, sentence: str = STOP) -> str:
    """The verdict on a site of these languages, to somebody who reads English."""
    app = web(site)
    app.config["HILO_LANGUAGES"] = languages
    with app.test_request_context():
        return render_template_string(VERDICT, sentence=sentence)


def test_a_stop_is_told_in_the_readers_language_and_beneath_in_the_sites_other(site: Site) -> None:
    page = shown(site, "en", "es")
    assert "This wristband is void." in page
    assert '<span class="also" lang="es">Esta pulsera está anulada.</span>' in page


def test_a_site_of_one_language_says_it_once(site: Site) -> None:
    assert "also" not in shown(site, "en")


def test_what_a_person_wrote_is_not_said_twice(site: Site) -> None:
    assert "also" not in shown(site, "en", "es", sentence="The bag leaks.")
