"""A document is the same bytes for the same record, and a place that was left empty says so."""

import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.paper.chapters import NOT_RECORDED, Chapter, Exact, Facts, Table, Text, gaps_in
from app.paper.layout import BOTTOM, CELL, TOP, WIDTH, laid_out
from app.paper.pdf import FontsMissing, Sheet, render
from app.paper.type import measure, register
from labels import proof

PRINTED = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
SHEET = Sheet(
    "Batch record", "MSC-25-001", "Hilo site", "DXH19TF06CPP314V", 2, "2026-01-01 by quinn", "Example"
)
CHAPTERS = [
    Chapter(
        1, "Facts", [Facts([("Lot", "MSC-25-001"), ("Storage", None)]), Text("A <b>sentence</b> & more.")]
    ),
    Chapter(2, "Tables", [Table(("Unit", "Fate"), [("B01", "infused"), ("B02", None)], "Fates")]),
    Chapter(3, "Nothing yet", []),
    Chapter(4, "An empty table", [Table(("Unit", "Fate"), [])]),
    Chapter(5, "Exact", [Exact(("194", "f" * 128), "194 " + "f" * 128)]),
]


def words(data: bytes) -> str:
    """All text of a document."""
    document = pypdfium2.PdfDocument(data)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text.replace("\r\n", "\n")


def test_the_same_record_is_the_same_bytes_in_another_process() -> None:
    script = (
        "from tests.paper.test_pdf import *; import hashlib;"
        "print(hashlib.sha256(render(SHEET, CHAPTERS).data).hexdigest())"
    )
    twice = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
        for _ in range(2)
    }
    assert len(twice) == 1 and len(twice.pop().strip()) == 64


def test_what_was_not_recorded_says_so_and_is_counted_on_the_first_page() -> None:
    text = words(render(SHEET, CHAPTERS).data)
    assert text.count(NOT_RECORDED) == 5
    assert "1 in chapter 1; 1 in chapter 2; 1 in chapter 3; 1 in chapter 4" in text.replace("\n", " ")
    assert "A <b>sentence</b> & more." in text
    assert [gaps_in(block) for chapter in CHAPTERS for block in chapter.blocks] == [1, 0, 1, 1, 0]


def test_every_page_names_the_document_and_its_place_in_it() -> None:
    long = [Chapter(1, "Units", [Table(("Unit",), [(f"B{number:03d}",) for number in range(200)])])]
    made = render(SHEET, long)
    text = words(made.data)
    assert made.pages > 2
    for page in range(1, made.pages + 1):
        assert f"page {page} of {made.pages}" in text
    assert text.count("DXH19TF06CPP314V · issued") == made.pages


def test_only_embedded_fonts_are_named() -> None:
    data = render(SHEET, CHAPTERS).data
    assert b"/DejaVu" in data.replace(b"+", b"/") and b"Helvetica" not in data and b"Times" not in data


def test_the_codes_can_be_read_and_the_long_line_is_not_broken() -> None:
    data = render(SHEET, CHAPTERS).data
    read = {text for page in proof.pages(data, 300) for text in proof.codes(page)}
    assert read == {"DXH19TF06CPP314V", "194 " + "f" * 128}
    assert "f" * 128 in words(data)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(PRINTED, max_size=300), max_size=5))
def test_any_words_make_a_document(cells: list[str]) -> None:
    table = Table(("One", "Two"), [(cell, "x") for cell in cells])
    assert render(SHEET, [Chapter(1, "Words", [table])]).pages >= 1


TEXTS = st.text(st.sampled_from("aW1 ×·-ä日"), max_size=120)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS, TEXTS), max_size=12), TEXTS)
def test_no_cell_runs_into_the_next_column_or_off_the_page(
    rows: list[tuple[str | None, ...]], head: str
) -> None:
    register()
    table = Table(("Unit", head, "A longer heading"), rows)
    for page in laid_out("Record", SHEET.serial, Facts([]), [Chapter(1, "Cells", [table])]):
        for grid in page.grids:
            assert sum(grid.columns) < WIDTH + 0.01
            for row in grid.rows:
                assert row.top <= TOP and row.top - row.height > BOTTOM - 0.01
                for width, font, lines in zip(grid.columns, row.fonts, row.cells, strict=True):
                    assert all(len(line) < 2 or measure(font)(line) * CELL < width for line in lines)


def test_a_row_taller_than_a_page_goes_over_as_many_as_it_needs() -> None:
    essay = " ".join(f"word{number}" for number in range(3000))
    made = render(SHEET, [Chapter(1, "Notes", [Table(("Note", "By"), [(essay, "quinn")])])])
    text = words(made.data)
    assert made.pages > 2 and all(f"word{number}" in text for number in (0, 1500, 2999))


def test_without_the_fonts_nothing_is_issued(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.paper.type.FONTS", tmp_path)
    monkeypatch.setattr("reportlab.pdfbase.pdfmetrics.getRegisteredFontNames", list)
    with pytest.raises(FontsMissing, match="make setup"):
        render(SHEET, CHAPTERS)
