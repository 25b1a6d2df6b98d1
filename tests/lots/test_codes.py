"""Many codes in few words."""

from app.lots.codes import shortly


def test_ten_bags_in_a_row_are_a_range() -> None:
    bags = [f"MSC-25-001-B{number:02d}" for number in range(1, 11)]
    assert shortly([*bags, "MSC-25-001-Q01"]) == "MSC-25-001-B01 to B10, MSC-25-001-Q01"


def test_a_gap_and_a_pair_are_written_out() -> None:
    codes = ["MSC-25-001-B01", "MSC-25-001-B02", "MSC-25-001-B04", "DON-25-014"]
    assert shortly(codes) == "DON-25-014, MSC-25-001-B01, MSC-25-001-B02, MSC-25-001-B04"
