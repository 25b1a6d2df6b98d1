"""Packed bead values come back exactly, missing ones as missing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.antibodies.packing import pack_counts, pack_mfi, unpack_counts, unpack_mfi

MFI = st.decimals(Decimal("-999999.99"), Decimal("999999.99"), places=2)


@given(st.lists(st.none() | MFI, max_size=200))
def test_every_mfi_comes_back_to_the_hundredth(values: list[Decimal | None]) -> None:
    packed = pack_mfi(values)
    assert unpack_mfi(packed) == values
    assert len(packed) == 4 * len(values)


@given(st.lists(st.none() | st.integers(0, 65534), max_size=200))
def test_every_count_comes_back(counts: list[int | None]) -> None:
    packed = pack_counts(counts)
    assert unpack_counts(packed) == counts
    assert len(packed) == 2 * len(counts)


@pytest.mark.parametrize("value", ["1.005", "21474836.48", "-21474836.48"])
def test_what_cannot_be_kept_exactly_raises(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        pack_mfi([Decimal(value)])


@pytest.mark.parametrize("count", [-1, 65535])
def test_a_count_that_does_not_fit_raises(count: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack_counts([count])
