"""A paper is printed in the site's first language; what it says is compared in English, its bytes stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from app.evidence.ledger import Subject
from app.kernel.work import SYSTEM
from app.paper.chapters import Chapter, Facts, Table, Text
from app.paper.models import PaperKind
from app.paper.operations import Issued, issue_paper
from app.paper.pdf import Sheet, render
from app.paper.queries import papers_of
from app.paper.tongue import chapters_spoken, speaking, spoken
from app.site import Site, open_site
from tests.lots.factories import sure

AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
WORDS = {
    PaperKind.BATCH_RECORD: (
        "MSC-25-003",
        "Registro de lote",
        "Material de partida",
        "NO REGISTRADO",
        "Donante",
    ),
    PaperKind.CERTIFICATE: ("MSC-25-002", "Certificado de análisis", "No se debe usar", "NO CUMPLE"),
    PaperKind.INFUSION: ("INF-25-001", "Registro de infusión", "Constantes vitales", "Tensión arterial"),
    PaperKind.COURSE: ("LN-01", "Curso del receptor", "Poblaciones celulares", "Respuestas renales"),
}
ENGLISH = (
    "Batch record", "Starting material", "NOT RECORDED", "Donor ", "Certificate of analysis",
    "must not be used", "Infusion record", "Blood pressure", "Course of recipient",
    "Populations of cells", "page 1 of", "issued ",
)  # fmt: skip


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


@pytest.fixture
def spanish(story: Site) -> Site:
    """The worked example at a site whose first language is Spanish."""
    return open_site(replace(story.settings, languages=("es", "en")))


@pytest.mark.parametrize("kind", list(WORDS))
def test_each_paper_is_printed_in_the_sites_first_language(spanish: Site, kind: PaperKind) -> None:
    code, *words = WORDS[kind]
    said = text_of(sure(issue_paper(spanish, SYSTEM, AT, kind, code, "in the language of the site")).data)
    assert [word for word in words if word not in said] == []
    assert [word for word in ENGLISH if word in said] == []


def test_what_a_paper_says_is_compared_whatever_its_language(story: Site, spanish: Site) -> None:
    """An English revision stands for a Spanish site too: nothing it says has changed."""
    code = "MSC-25-003"
    first = sure(issue_paper(story, SYSTEM, AT, PaperKind.BATCH_RECORD, code))
    again = sure(issue_paper(spanish, SYSTEM, AT, PaperKind.BATCH_RECORD, code))
    assert not again.new and again.data == first.data
    wished = sure(
        issue_paper(spanish, SYSTEM, AT, PaperKind.BATCH_RECORD, code, "in Spanish, for the inspector")
    )
    assert wished.new and wished.paper.content_sha256 == first.paper.content_sha256
    with story.db.reading() as db:
        kept = papers_of(db, about(wished), PaperKind.BATCH_RECORD)[0]
    assert kept.sha256 == wished.paper.sha256, "the bytes of a revision stay whatever the setting becomes"


def about(issued: Issued) -> Subject:
    return Subject(issued.paper.subject_kind, issued.paper.subject_code)


def test_in_english_nothing_is_touched() -> None:
    chapters = [Chapter(1, "Labels", [Facts([("Lot", None)]), Table(("Unit",), [("x",)]), Text("Kept.")])]
    assert chapters_spoken(chapters) == chapters and spoken("Lot") == "Lot"
    with speaking("es"):
        assert chapters_spoken(chapters)[0].title == "Etiquetas" and spoken("MSC-25-001") == "MSC-25-001"
    assert spoken("Lot") == "Lot", "the language ends with its paper"


def test_the_same_record_in_the_same_language_has_the_same_bytes() -> None:
    sheet = Sheet(
        "Batch record", "MSC-25-001", "A site", "DHXE6JGG4HSHHD30", 1, "2026-04-01 09:00 UTC by quinn"
    )
    chapters = [Chapter(1, "Labels", [Facts([("Lot", None)])])]
    make: Callable[[str], bytes] = lambda language: render(sheet, chapters, language).data  # noqa: E731
    assert make("es") == make("es") and make("en") == make("en") != make("es")
