"""Bead values packed per run: four bytes for an MFI, two for a count, exact to a hundredth of an MFI."""

from collections.abc import Sequence
from decimal import Decimal
from struct import pack, unpack

#: What stands where the file has no value.
NO_MFI = -(2**31)
NO_COUNT = 2**16 - 1


def pack_mfi(values: Sequence[Decimal | None]) -> bytes:
    """MFI values as little-endian int32 hundredths. Raises ValueError for finer or larger values."""
    steps = [NO_MFI if value is None else _hundredths(value) for value in values]
    return pack(f"<{len(steps)}i", *steps)


def _hundredths(value: Decimal) -> int:
    steps = value.scaleb(2)
    if steps != steps.to_integral_value() or not NO_MFI < steps < 2**31:
        raise ValueError(f"{value} MFI cannot be kept exactly")
    return int(steps)


def unpack_mfi(packed: bytes) -> list[Decimal | None]:
    """The values of `pack_mfi`."""
    steps = unpack(f"<{len(packed) // 4}i", packed)
    return [None if step == NO_MFI else Decimal(step).scaleb(-2) for step in steps]


def pack_counts(counts: Sequence[int | None]) -> bytes:
    """Event counts as little-endian uint16. Raises ValueError for a count that does not fit."""
    if any(count is not None and not 0 <= count < NO_COUNT for count in counts):
        raise ValueError("an event count does not fit")
    return pack(f"<{len(counts)}H", *(NO_COUNT if count is None else count for count in counts))


def unpack_counts(packed: bytes) -> list[int | None]:
    """The counts of `pack_counts`."""
    return [None if count == NO_COUNT else count for count in unpack(f"<{len(packed) // 2}H", packed)]
