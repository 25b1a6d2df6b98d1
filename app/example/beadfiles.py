"""Bead files of the Fusion shape with invented values, for the worked example and for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS = (
    "PatientID", "SampleIDName", "RunDate", "CatalogID", "BeadID", "Specificity", "RawData",
    "NC1BeadID", "PC1BeadID", "NC2BeadID", "PC2BeadID", "Rxn", "NormalValue", "CountValue",
)  # fmt: skip

CLASS_I = (
    "A*01:01", "A*02:01", "A*03:01", "A*11:01", "A*23:01", "A*24:02", "A*24:03", "A*29:02", "A*68:01",
    "B*07:02", "B*08:01", "B*15:01", "B*27:05", "B*35:01", "B*44:02", "B*44:03", "B*51:01", "B*57:01",
    "C*03:03", "C*04:01", "C*05:01", "C*06:02", "C*07:02", "C*16:01",
)  # fmt: skip
CLASS_II = (
    "DRB1*01:01", "DRB1*03:01", "DRB1*04:01", "DRB1*07:01", "DRB1*13:01", "DRB1*15:01", "DRB3*02:02",
    "DRB4*01:01", "DRB5*01:01", "DQA1*02:01~DQB1*02:02", "DQA1*05:01~DQB1*02:01",
    "DQA1*01:02~DQB1*06:02", "DQA1*05:05~DQB1*03:01", "DPA1*01:03~DPB1*04:01",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How one computer's regional settings write the table."""

    separator: str
    decimal_mark: str
    date_form: str
    prefix: bytes
    ends_with_separator: bool


US = Shape(",", ".", "{month:02}/{day:02}/{year}", b"", ends_with_separator=False)
EU = Shape(";", ",", "{day:02}-{month:02}-{year}", b"\xef\xbb\xbf", ends_with_separator=True)


@dataclass(frozen=True, slots=True)
class Draw:
    """One serum: name, (year, month, day) of the run, and the MFI of the beads that react."""

    name: str
    run_on: tuple[int, int, int]
    reacting: Mapping[str, float]


def fusion_csv(
    draws: Sequence[Draw],
    *,
    shape: Shape = US,
    patient: str = "SYN-R001",
    kit: str = "LS1A04SYN_001_00",
    panel: Sequence[str] = CLASS_I,
) -> bytes:
    """A Fusion export: two control beads, then the panel, for every serum."""
    lines = [_line(COLUMNS, shape)]
    for draw in draws:
        year, month, day = draw.run_on
        date = shape.date_form.format(year=year, month=month, day=day)
        for place, molecule in enumerate(["", "", *panel], start=1):
            raw = draw.reacting.get(molecule, _background(place))
            value = f"{raw:.2f}".rstrip("0").rstrip(".").replace(".", shape.decimal_mark)
            is_control = not molecule
            cells = (
                patient, draw.name, date, kit, f"{place:03}", _slots(molecule), value, "", "", "001", "002",
                "" if is_control else "8" if raw >= 1500 else "1", "" if is_control else value, "120",
            )  # fmt: skip
            lines.append(_line(cells, shape))
    return shape.prefix + "".join(lines).encode()


def _background(place: int) -> float:
    """Bead 1 is the negative, bead 2 the positive control; all others read low."""
    return {1: 42.67, 2: 9800.5}.get(place, 20 + place * 37 % 170 + 0.25)


def _slots(molecule: str) -> str:
    slots = ["-"] * 12
    for chain, place in zip(molecule.split("~"), (4, 6), strict=False):
        if chain:
            slots[place if "~" in molecule else 0] = chain
    return ",".join(slots)


def _line(cells: Sequence[str], shape: Shape) -> str:
    end = shape.separator if shape.ends_with_separator else ""
    return shape.separator.join(f'"{cell}"' for cell in cells) + end + "\r\n"
