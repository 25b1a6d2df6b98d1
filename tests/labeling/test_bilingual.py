"""Labels of a bilingual site say their fixed words in both languages; codes and figures stand once."""

from sqlmodel import col, select

from app.labeling.faces import faces
from app.labeling.wording import stock_words
from app.lots.models import Unit
from app.site import Site
from labels.layout import load, stocks
from tests.factories import AT


def fields(site: Site, *languages: str) -> dict[str, str]:
    """The face of the first bag's label."""
    with site.db.reading() as db:
        db.info["languages"] = languages
        bag = db.exec(select(Unit).where(col(Unit.code) == "MSC-25-001-B02")).one()
        return dict(faces(db, [bag], AT)[0].fields)


def test_the_warning_stands_in_both_languages(story: Site) -> None:
    assert fields(story, "en", "es")["warnings"] == (
        "Contains cells of human origin. Allogeneic use only."
        " / Contiene células de origen humano. Solo para uso alogénico."
    )


def test_the_dose_has_room_for_one_language_the_sites_first(story: Site) -> None:
    assert fields(story, "es", "en")["dose"] == "100 × 10⁶ células viables"


def test_codes_and_figures_are_the_same_in_any_language(story: Site) -> None:
    one, both = fields(story, "en"), fields(story, "en", "es")
    assert {name for name in one if one[name] != both[name]} == {"warnings"}


def test_captions_stand_in_all_languages_or_in_the_sites_first() -> None:
    words = stock_words(load("bag-100x50"), ("es", "en"))
    assert words["LOT"] == ("LOTE/LOT", "LOTE")
    assert stock_words(load("bag-100x50"), ("en",))["LOT"] == ("LOT",)


def test_every_word_of_every_stock_is_known_in_spanish() -> None:
    for stock in stocks():
        same = [text for text, ways in stock_words(load(stock), ("es",)).items() if ways == (text,)]
        assert same == [], stock
