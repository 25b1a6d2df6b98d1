"""The small writer: what it writes is standard, repeatable, and read back exactly."""

import numpy as np
import pytest

from app.cytometry import fcs
from app.cytometry.fcs import FcsFile
from app.cytometry.fcs_write import write
from tests.cytometry.fcs_files import EVENTS, MARKERS, NAMES


def test_what_is_written_reads_back_without_a_warning() -> None:
    data = write(NAMES, MARKERS, EVENTS, {"$DATE": "07-JUN-2024", "$CYT": "A|B, µL"})
    file = fcs.read(data)
    assert isinstance(file, FcsFile)
    assert file.warnings == ()
    assert file.data_sets[0].keywords["$CYT"] == "A|B, µL"
    assert np.array_equal(fcs.events(file, data), np.array(EVENTS, np.float32))


def test_equal_input_gives_equal_bytes() -> None:
    table = np.array(EVENTS)
    assert write(NAMES, MARKERS, table) == write(NAMES, MARKERS, EVENTS)


def test_header_and_keywords_state_the_same_place() -> None:
    data = write(NAMES, MARKERS, EVENTS)
    file = fcs.read(data)
    assert isinstance(file, FcsFile)
    one = file.data_sets[0]
    assert int(data[26:34]) == int(one.keywords["$BEGINDATA"]) == one.data.begin
    assert int(data[34:42]) == int(one.keywords["$ENDDATA"]) == one.data.end - 1


def test_the_range_covers_the_largest_value() -> None:
    file = fcs.read(write(("FSC-A",), ("",), [[300_000.0], [float("inf")]]))
    assert isinstance(file, FcsFile)
    assert file.data_sets[0].parameters[0].range == 524_288


def test_an_empty_measurement_can_be_written() -> None:
    file = fcs.read(write(("FSC-A", "SSC-A"), ("", ""), []))
    assert isinstance(file, FcsFile)
    assert file.data_sets[0].events == 0


@pytest.mark.parametrize(
    ("names", "markers", "events", "keywords"),
    [
        (("A", "B"), ("",), [[1.0, 2.0]], {}),
        (("A", "B"), ("", ""), [[1.0, 2.0, 3.0, 4.0]], {}),
        ((), (), [], {}),
        (("",), ("",), [[1.0]], {}),
        (("A",), ("",), [[1.0]], {"$tot": "7"}),
        (("A",), ("",), [[1.0]], {"A|B": "7"}),
    ],
)
def test_what_would_not_read_back_is_not_written(
    names: tuple[str, ...], markers: tuple[str, ...], events: list[list[float]], keywords: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"name|format|delimiter"):
        write(names, markers, events, keywords)
