"""Label stocks: their limits, and what is wrong with a layout file said by name."""

import pytest

from labels.compose import SIGNED_MOST
from labels.faults import LayoutFault, UnknownResolution, UnknownStock
from labels.layout import CRITICAL_PT, FIELDS, FOLDER, load, parse, stocks
from labels.payload import Kind
from labels.symbol import symbol
from tests.labels.samples import PRINTERS

VIAL = (FOLDER / "vial-50x25.toml").read_text(encoding="utf-8")


def test_the_stocks_of_the_contract_are_there() -> None:
    containers = {"vial-50x25", "bag-100x50", "bag-100x75"}
    assert set(stocks()) == containers | {"wristband-150x25", "place-50x25", "equipment-50x25"}
    assert load("vial-50x25").kinds == ("vial", "retained", "qc_sample")
    assert load("bag-100x50").kinds == ("bag",)
    assert load("wristband-150x25").serial_kind is Kind.WRISTBAND


def test_an_unknown_stock_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(UnknownStock, match=r"no label stock 'tube-9x9'.*bag-100x50,.* vial-50x25") as refusal:
        load("tube-9x9")
    assert refusal.value.known == stocks()


@pytest.mark.parametrize("name", ["../pyproject", "", "vial-50x25.toml", "VIAL-50x25"])
def test_a_stock_name_never_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(UnknownStock):
        load(name)


def test_a_printer_the_stock_is_not_made_for_is_refused() -> None:
    with pytest.raises(UnknownResolution, match=r"vial-50x25 cannot be printed at 203 dpi.*300 dpi, 600 dpi"):
        load("vial-50x25", 203)


@pytest.mark.parametrize("dpi", [300, 600])
def test_a_vials_symbol_is_at_most_9_mm_across_the_curve(dpi: int) -> None:
    """Quiet zone included, and 3 to 4 dots a module at 300 dpi (domain.md, identity and labels)."""
    place = load("vial-50x25", dpi).symbol
    assert place.side_mm <= 9
    assert 3 * 25.4 / 300 <= place.module_mm <= 4 * 25.4 / 300


@pytest.mark.parametrize(("stock", "dpi"), [each for each in PRINTERS if each[0] != "vial-50x25"])
def test_a_tablets_camera_gets_half_a_millimetre_a_module(stock: str, dpi: int) -> None:
    layout = load(stock, dpi)
    assert layout.symbol.module_mm >= 0.5
    assert layout.signed is None or layout.signed.module_mm >= 0.375


@pytest.mark.parametrize(("stock", "dpi"), PRINTERS)
def test_nothing_lies_over_anything_or_over_the_edge(stock: str, dpi: int) -> None:
    layout = load(stock, dpi)
    boxes = list(layout.boxes())
    assert not [(a.what, b.what) for a in boxes for b in boxes if a is not b and a.meets(b)]
    assert all(b.x + b.width <= layout.width_mm and b.y + b.height <= layout.height_mm for b in boxes)


@pytest.mark.parametrize("stock", stocks())
def test_every_field_has_one_place_or_is_left_out_and_what_is_needed_is_at_least_7_point(stock: str) -> None:
    layout = load(stock)
    assert {place.name for place in layout.fields} ^ layout.leaves_out == set(FIELDS)
    assert (
        min(p.smallest for p in (layout.serial, *layout.fields) if p.needed or p is layout.serial)
        >= CRITICAL_PT
    )


def test_the_second_symbol_holds_as_much_as_it_says() -> None:
    assert symbol("A" * SIGNED_MOST, 6, "M").size == 41
    with pytest.raises(ValueError, match="do not fit"):
        symbol("A" * (SIGNED_MOST + 1), 6, "M")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title =", "title", "not TOML"),
        ("width_mm = 50", 'width_mm = "50"', "width_mm must be a number"),
        ("width_mm = 50", "width_mm = -1", "width_mm must be a number"),
        ("title =", "tilte =", "title must be a text"),
        ("height_mm = 25", "height_mm = 25\nheigth = 2", "not understood: heigth"),
        ('serial_kind = "B"', 'serial_kind = "Z"', "serial_kind 'Z' is none of"),
        ('"qc_sample"]', "7]", "kinds must hold words only"),
        ('kinds = ["vial", "retained", "qc_sample"]', 'kinds = "vial"', "kinds must be a list of words"),
        ("[symbol]", "[simbol]", "symbol must be a table"),
        ('level = "Q"', 'level = "X"', "level 'X' is none of L, M, Q, H"),
        ("version = 1", "version = 2", "stands in a QR 1-Q"),
        ('"300" = 3', '"300" = 4', "9.82 mm wide at 300 dpi, at most 9"),
        ('"300" = 3', '"300" = 2', "0.169 mm at 300 dpi, at least 0.25"),
        ('"300" = 3', '"300" = 2.5', "1 to 10 whole dots"),
        ('{ "300" = 3, "600" = 6 }', "3", "dots must say how many dots"),
        ("rows = 4", "rows = 3", "stand in 1, 2 or 4 rows"),
        ('name = "volume"', 'name = "colour"', "name 'colour' is none of"),
        ('name = "volume"', 'name = "donor"', "volume: must have one place or stand in leaves_out"),
        ('"thing_name",\n]', '"thing_name", "colour",\n]', "leaves_out: no such field: colour"),
        ("size = 7.25\nsmallest = 7", "size = 7\nsmallest = 8", "smallest 8.0 pt must lie between"),
        ("size = 9\nsmallest = 7", "size = 9\nsmallest = 6", "at least 7 pt"),
        ('caption = "EXP"', 'caption = "EXP"\nlines = 2', "a text with a caption has one"),
        ("needed = true", "needed = 1", "needed must be true or false"),
        ("width = 21", "width = 22", "storage: lies over volume"),
        ("width = 9.5", "width = 11", "volume: reaches over the edge"),
        ("[[field]]", "[field]", "not TOML"),
    ],
)
def test_a_layout_that_says_something_impossible_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in VIAL
    with pytest.raises(LayoutFault, match=r"^Layout mine, ") as refusal:
        parse("mine", VIAL.replace(old, new, 1))
    assert said in str(refusal.value)
