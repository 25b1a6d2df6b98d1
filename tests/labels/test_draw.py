"""Labels drawn: true to the dot, the same each time, nothing cut off in silence."""

import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest

from labels import proof
from labels.compose import LabelText, compose
from labels.draw import pdf
from labels.faults import (
    BadSerial,
    LabelFault,
    MissingFonts,
    MissingText,
    NoPlace,
    TextTooLong,
    UnprintableText,
)
from labels.fonts import load as fonts
from labels.layout import ASCENT, LINE, MM_PER_POINT, Layout, load, stocks
from labels.payload import Kind, groups, issue
from labels.symbol import symbol
from tests.labels.raster import Dots, cut, expected, pdfium, poppler
from tests.labels.samples import FIELDS, PRINTERS, job, label

Render = Callable[[bytes, int, Path], list[Dots]]
BAG = load("bag-100x50")


@pytest.mark.parametrize("render", [pdfium, poppler])
@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_not_one_printer_dot_of_a_symbol_is_wrong(
    stock: str, dpi: int, render: Render, tmp_path: Path
) -> None:
    """Every dot of every module and of the quiet zone, against the qrcode library's matrix."""
    layout = load(stock, dpi)
    labels = job(layout, 3)
    pages = render(pdf(layout, labels), dpi, tmp_path)
    assert len(pages) == 3
    for page, each in zip(pages, labels, strict=True):
        serial = symbol(each.serial, 1, "Q")
        assert (cut(page, layout, layout.symbol) == expected(serial, layout.symbol.dots)).all()
        if layout.signed and each.signed:
            second = symbol(each.signed, 6, "M")
            assert (cut(page, layout, layout.signed) == expected(second, layout.signed.dots)).all()


def test_modules_drawn_edge_to_edge_would_gain_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: without the inset poppler blackens dots that should be white."""
    layout = load("bag-100x50", 203)
    monkeypatch.setattr("labels.ink.INSET", 0.0)
    one = label(layout)
    page = poppler(pdf(layout, [one]), 203, tmp_path)[0]
    want = expected(symbol(one.serial, 1, "Q"), layout.symbol.dots)
    assert (cut(page, layout, layout.symbol) != want).mean() > 0.05


@pytest.mark.parametrize("render", [pdfium, poppler])
@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_every_page_reads_back_exactly_its_codes(
    stock: str, dpi: int, render: Render, tmp_path: Path
) -> None:
    layout = load(stock, dpi)
    labels = job(layout, 5)
    for page, each in zip(render(pdf(layout, labels), dpi, tmp_path), labels, strict=True):
        assert set(proof.codes(page)) == {each.serial, each.signed} - {None}


@pytest.mark.parametrize("stock", stocks())
def test_the_same_labels_give_the_same_bytes(stock: str) -> None:
    layout = load(stock)
    assert pdf(layout, job(layout, 3)) == pdf(layout, job(layout, 3))
    assert pdf(layout, job(layout, 3)) != pdf(layout, job(layout, 2))


def test_another_process_gives_the_same_bytes_too() -> None:
    """Nothing of the first process (hash seed, order of documents, clock) is in the file."""
    program = (
        "import sys; from hashlib import sha256; from labels.draw import pdf;"
        "from labels.layout import load; from tests.labels.samples import job; b = load('bag-100x50');"
        "sys.stdout.write(sha256(pdf(b, job(b, 3))).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == sha256(pdf(BAG, job(BAG, 3))).hexdigest()


def test_a_page_is_the_stock_in_whole_dots_and_asks_to_be_printed_at_full_size() -> None:
    document = pypdfium2.PdfDocument(made := pdf(BAG, job(BAG, 2)))
    width, height = document[0].get_size()
    assert (width * 300 / 72, height * 300 / 72) == (pytest.approx(1181), pytest.approx(591))
    assert b"/PrintScaling /None" in made
    assert made.count(b"/FontFile2") == 3, "all three fonts are embedded"


@pytest.mark.parametrize("stock", stocks())
def test_the_page_says_all_it_was_given_and_the_serial_in_groups_of_four(stock: str) -> None:
    """As text that can be found in the PDF, on the second page as on the first."""
    layout = load(stock)
    labels = job(layout, 2)
    document = pypdfium2.PdfDocument(pdf(layout, labels))
    for page, each in zip(document, labels, strict=True):
        said = page.get_textpage().get_text_bounded()
        flat = re.sub(r"\s+", "", said)
        assert all(group in said for group in groups(each.serial))
        shown = {name: text for name, text in FIELDS[stock].items() if name not in layout.leaves_out}
        assert [name for name, text in shown.items() if re.sub(r"\s+", "", text) not in flat] == []


@pytest.mark.parametrize("stock", stocks())
def test_no_text_is_printed_over_a_symbol_or_outside_its_own_box(stock: str) -> None:
    layout = load(stock)
    boxes = {box.what: box for box in layout.boxes()}
    for name, lines in compose(layout, label(layout, copy=12), fonts()):
        for line in lines:
            box = boxes[name if name != "fixed" else layout.fixed[0].name]
            ascent, height = (line.size * part * MM_PER_POINT for part in (ASCENT, LINE))
            assert line.x >= box.x
            assert line.x + fonts().width_mm(line.text, line.font, line.size) <= box.x + box.width + 1e-6
            assert line.baseline - ascent >= box.y - 1e-6
            assert line.baseline - ascent + height <= box.y + box.height + 1e-6


def test_the_second_copy_says_so_and_the_first_does_not() -> None:
    def said(copy: int) -> str:
        page = pypdfium2.PdfDocument(pdf(BAG, [label(BAG, copy=copy)]))[0]
        return str(page.get_textpage().get_text_bounded())

    assert "COPY" not in said(1)
    assert "COPY 2" in said(2)


def said(layout: Layout, words: dict[str, tuple[str, ...]], **fields: str) -> dict[str, list[str]]:
    """The lines of a second copy whose stock says its own texts in these words."""
    one = label(layout, 1, 2, **fields)
    lines = compose(layout, LabelText(one.serial, one.fields, one.signed, 2, words), fonts())
    return {name: [line.text for line in found] for name, found in lines}


@pytest.mark.parametrize(
    ("ways", "printed"),
    [
        (("LOTE/LOT", "LOTE"), "LOTE/LOT"),
        (("LOTE/" * 9, "LOTE"), "LOTE"),
        (("批号", "LOTE"), "LOTE"),
        (("LOTE/" * 99, "LOTE" * 99), "LOT"),
        ((), "LOT"),
    ],
)
def test_a_caption_says_as_much_as_leaves_its_text_the_full_size(ways: tuple[str, ...], printed: str) -> None:
    assert said(BAG, {"LOT": ways}, lot="MSC-1")["lot"] == [printed, "MSC-1"]


def test_the_word_for_a_copy_is_the_last_way_the_shortest() -> None:
    assert said(BAG, {"COPY": ("COPIA/COPY", "COPIA")})["copy"] == ["COPIA 2"]


def test_what_a_stock_prints_is_said_as_fully_as_it_fits_else_as_the_layout_has_it() -> None:
    vial = load("vial-50x25")
    own, long = vial.fixed[0].name, "word " * 40
    for ways, printed in [(("pegue este", "x"), "pegue este"), ((long, "pegue"), "pegue"), ((long,), own)]:
        assert " ".join(said(vial, {own: ways})["fixed"]) == printed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("product", "Cells " * 30),
        ("lot", "M" * 40),
        ("warnings", "Do not irradiate. " * 12),
        ("dose", "9" * 60),
    ],
)
def test_a_text_that_does_not_fit_is_refused_by_name_and_never_cut(name: str, text: str) -> None:
    one = LabelText(issue(Kind.CONTAINER), FIELDS[BAG.name] | {name: text})
    with pytest.raises(TextTooLong, match=f"Label {one.serial}, {name}:") as refusal:
        pdf(BAG, [one])
    assert refusal.value.field == name


def test_a_long_text_is_made_smaller_first_but_not_below_the_layouts_smallest() -> None:
    def size(product: str) -> float:
        return dict(compose(BAG, label(BAG, product=product), fonts()))["product"][-1].size

    assert size("MSC") == 15
    assert 10 <= size("Allogeneic mesenchymal stromal cells, marrow") < 15


def test_a_missing_text_a_text_without_a_place_and_an_unprintable_one_are_refused_by_name() -> None:
    one = label(BAG)
    without = LabelText(one.serial, {k: v for k, v in one.fields.items() if k != "expiry"})
    for refusal, bad in [
        (MissingText, without),
        (MissingText, label(BAG, expiry="  ")),
        (NoPlace, label(BAG, colour="red")),
        (NoPlace, LabelText(one.serial, {**one.fields, "copy": "2"})),
        (UnprintableText, label(BAG, note="凍結")),
        (UnprintableText, label(BAG, note="one\ntwo")),
        (UnprintableText, LabelText(one.serial, one.fields, "SIGNED WITH BLANKS")),
        (TextTooLong, LabelText(one.serial, one.fields, "A" * 155)),
    ]:
        with pytest.raises(refusal, match=one.serial):
            pdf(BAG, [bad])


def test_a_text_the_stock_declares_it_leaves_out_is_no_fault() -> None:
    layout = load("vial-50x25")
    assert "warnings" in layout.leaves_out
    assert pdf(layout, [label(layout, warnings="May be given.")])


def test_a_vial_has_no_place_for_a_second_code() -> None:
    layout = load("vial-50x25")
    one = label(layout)
    with pytest.raises(NoPlace, match="signed: stock vial-50x25 has no place"):
        pdf(layout, [LabelText(one.serial, one.fields, "ABC")])


@pytest.mark.parametrize(
    "serial",
    ["", "B" * 16, issue(Kind.WRISTBAND), issue(Kind.CONTAINER).lower()],
    ids=["nothing", "unsound", "a wristband's", "lower case"],
)
def test_only_a_sound_serial_of_the_stocks_kind_is_printed(serial: str) -> None:
    with pytest.raises(BadSerial):
        pdf(BAG, [LabelText(serial, FIELDS["bag-100x50"])])


def test_one_job_never_prints_one_serial_twice_nor_nothing() -> None:
    with pytest.raises(BadSerial, match="same serial"):
        pdf(BAG, [label(BAG), label(BAG)])
    with pytest.raises(LabelFault, match="no label"):
        pdf(BAG, [])


def test_the_web_process_loads_no_drawing_library_before_the_first_label() -> None:
    program = (
        "import sys; import labels.draw, labels.zpl, labels.proof;"
        "sys.exit(bool({'reportlab', 'qrcode', 'numpy', 'PIL', 'zxingcpp', 'pypdfium2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_missing_fonts_name_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(MissingFonts, match="Run: make setup"):
        fonts(tmp_path)


def test_fonts_from_another_folder_give_the_same_bytes(tmp_path: Path) -> None:
    """Where the fonts lie is not in the file."""
    for file in fonts().folder.glob("DejaVuSans*.ttf"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    layout: Layout = load("vial-50x25")
    assert pdf(layout, job(layout, 2), fonts(tmp_path)) == pdf(layout, job(layout, 2))
