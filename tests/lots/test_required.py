"""What the law makes be said of a donor's cells stands wherever the bag is chosen, checked or written of."""

import pytest

from app.access.models import Role
from app.bedside import chart
from app.donors.texts import Wording
from app.kernel.refusals import Refusal
from app.lots import views
from app.lots.required import lines, on_a_label, required_of
from app.site import Site
from tests.custody.test_views import page
from tests.factories import AT
from tests.webapp import client_of, web

SAID = Wording(("BIOHAZARD", "WARNING: Reactive test results for HBsAg"), "urgent need", "21 CFR 1271.65(b)")
OTHER = Wording(
    ("WARNING: Reactive test results for HBsAg", "NOT EVALUATED"), "urgent need", "21 CFR 1271.60"
)


def test_each_line_is_said_once_and_the_sign_stands_before_its_word() -> None:
    assert lines((SAID, OTHER)) == ["BIOHAZARD", "WARNING: Reactive test results for HBsAg", "NOT EVALUATED"]
    assert on_a_label((SAID,)) == "☣ BIOHAZARD. WARNING: Reactive test results for HBsAg"
    assert on_a_label(()) == ""


def test_of_an_eligible_european_donor_nothing_must_be_said(told: Site) -> None:
    with told.db.reading() as db:
        keys = [row[0] for row in db.connection().exec_driver_sql("SELECT id FROM unit").all()]
        assert keys and all(required_of(db, key, AT) == () for key in keys[:40])


@pytest.fixture
def marked(story: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site on which the law has something to say of every donor."""
    for room in (views, chart):
        monkeypatch.setattr(room, "required_of", lambda _db, _unit, _at: (SAID,))
    return story


def test_the_words_stand_where_the_bag_is_looked_at_or_promised(marked: Site) -> None:
    reader = client_of(marked, web(marked), Role.AUDITOR)
    for path in ("/units/MSC-25-001-B02", "/orders/ORD-25-001"):
        shown = page(reader, path)
        assert "BIOHAZARD · WARNING: Reactive test results for HBsAg" in shown and "1271.65(b)" in shown


def test_the_words_stand_in_the_record_for_the_patients_chart(marked: Site) -> None:
    with marked.db.reading() as db:
        record = chart.infusion_record(db, "INF-25-001")
    assert not isinstance(record, Refusal)
    assert "BIOHAZARD. WARNING: Reactive test results for HBsAg" in repr(record.chapters)
