"""The proof: what does not read back is found before it is printed."""

from io import BytesIO

import pytest
from PIL import Image

from labels import proof
from labels.draw import pdf
from labels.layout import load
from tests.labels.samples import PRINTERS, job

BAG = load("bag-100x50")


@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_a_job_as_drawn_is_sound(stock: str, dpi: int) -> None:
    layout = load(stock, dpi)
    labels = job(layout, 4)
    result = proof.prove(
        pdf(layout, labels), [each.serial for each in labels], dpi, [each.signed for each in labels]
    )
    assert result.sound
    assert str(result) == f"4 of 4 read at {dpi} dpi"


def test_pages_in_another_order_are_not_sound() -> None:
    labels = job(BAG, 3)
    serials = [labels[1].serial, labels[0].serial, labels[2].serial]
    result = proof.prove(pdf(BAG, labels), serials, 300, [each.signed for each in labels])
    assert not result.sound
    assert [page.number for page in result.faults] == [1, 2]
    assert result.faults[0].read[0] != result.faults[0].expected[0]


def test_a_code_nobody_expected_a_page_too_many_and_a_page_too_few_are_not_sound() -> None:
    labels = job(BAG, 2)
    serials, signed = [each.serial for each in labels], [each.signed for each in labels]
    made = pdf(BAG, labels)
    assert not proof.prove(made, serials, 300).sound, "the second code was not announced"
    assert [page.number for page in proof.prove(made, serials[:1], 300, signed[:1]).faults] == [2]
    assert [page.number for page in proof.prove(made, [*serials, "X"], 300, [*signed, None]).faults] == [3]


def test_a_symbol_that_cannot_be_read_is_found() -> None:
    """At 72 dpi a vial's module is less than a dot: nothing can be read, and the proof says so."""
    layout = load("vial-50x25")
    labels = job(layout, 1)
    result = proof.prove(pdf(layout, labels), [labels[0].serial], 72)
    assert not result.sound
    assert result.faults[0].read == ()


def test_a_preview_is_a_png_of_the_page() -> None:
    picture = Image.open(BytesIO(proof.image(pdf(BAG, job(BAG, 2)), 1, 2.0)))
    assert picture.format == "PNG"
    assert picture.size == (567, 284)
    with pytest.raises(IndexError, match="page 3 of 2"):
        proof.image(pdf(BAG, job(BAG, 2)), 2, 2.0)
