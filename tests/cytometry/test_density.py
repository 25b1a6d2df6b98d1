"""The density picture: real dots for real events, repeatable, and with axes a page can draw."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.cytometry import fcs
from app.cytometry.density import Density, Scale, default_channels, density, density_png
from app.cytometry.fcs import FcsFile, FcsReason, Rejection
from app.cytometry.fcs_write import write
from tests.cytometry.fcs_files import EVENTS, MARKERS, NAMES, integers, raw, small


def read(data: bytes) -> FcsFile:
    file = fcs.read(data)
    assert isinstance(file, FcsFile)
    return file


def drawn(data: bytes, channels: tuple[int, int] | None = None) -> Density:
    picture = density(read(data), data, 0, channels)
    assert isinstance(picture, Density)
    return picture


def dots(png: bytes) -> set[tuple[int, int]]:
    """Column and row of every dot that is not white."""
    grey = np.asarray(Image.open(BytesIO(png)).convert("L"))
    assert grey.shape == (256, 256)
    return {(int(column), int(row)) for row, column in np.argwhere(grey < 255)}


def test_each_event_is_a_dot_where_it_belongs() -> None:
    """A small value lies at the left and at the bottom, a large one at the right and at the top."""
    events = [[0.0, 0.0], [900.0, 0.0], [0.0, 900.0], [900.0, 900.0]]
    picture = drawn(write(("FSC-A", "SSC-A"), ("", ""), events))
    assert (picture.shown, picture.left_out, picture.x.high) == (4, 0, 1000.0)
    assert dots(picture.png) == {(0, 255), (230, 255), (0, 25), (230, 25)}


def test_denser_places_are_darker() -> None:
    events = [[100.0, 100.0]] * 50 + [[800.0, 800.0]]
    grey = Image.open(BytesIO(drawn(write(("FSC-A", "SSC-A"), ("", ""), events)).png)).convert("L")
    shades = sorted({value for value in grey.tobytes() if value < 255})
    assert len(shades) == 2 and shades[0] < shades[1] - 50


def test_the_same_file_gives_the_same_bytes() -> None:
    data = small()
    assert density_png(read(data), data) == drawn(data).png == drawn(data).png


def test_scatter_is_chosen_first_and_time_last() -> None:
    assert default_channels(read(small()).data_sets[0]) == (1, 2)
    columns = [[1.0, 2.0, 3.0, 4.0]]
    for names, expected in (
        (("SSC-H", "FSC-H", "FSC-A", "SSC-A"), (3, 4)),
        (("Time", "FL1", "FL2", "FL3"), (2, 3)),
        (("Time", "FL1", "SSC", "FL3"), (3, 2)),
    ):
        data = write(names, ("",) * 4, columns)
        assert default_channels(read(data).data_sets[0]) == expected


def test_fluorescence_is_spread_by_asinh_and_integers_with_decades_by_their_logarithm() -> None:
    assert drawn(small(), (3, 4)).x.scale is Scale.ASINH
    log = integers([[0, 256], [1023, 512]], [16, 16], P1E="4,0", P2E="4,0", P1R="1024", P2R="1024")
    axis = drawn(log).x
    assert (axis.scale, axis.low, axis.high) == (Scale.LOGARITHM, 1.0, 10_000.0)
    assert [tick.text for tick in axis.ticks] == ["1", "10", "100", "1,000", "10,000"]


def test_ticks_lie_on_the_axis_in_order() -> None:
    for channels in ((1, 2), (3, 4), (5, 3)):
        for axis in (drawn(small(), channels).x, drawn(small(), channels).y):
            places = [tick.place for tick in axis.ticks]
            assert len(places) >= 3
            assert places == sorted(places) and min(places) >= 0 and max(places) <= 1 + 1e-9


def test_values_that_are_no_numbers_are_left_out_and_counted() -> None:
    data = raw(struct.pack("<4f", 1, 2, float("nan"), 4))
    assert (drawn(data).shown, drawn(data).left_out) == (1, 1)


def test_what_cannot_be_drawn_is_refused() -> None:
    empty = raw(b"", {"$TOT": "0"})
    nothing = density(read(empty), empty)
    assert isinstance(nothing, Rejection) and nothing.reason is FcsReason.NO_EVENTS
    single = integers([[1], [2]], [16])
    for data, channels in ((small(), (1, 6)), (small(), (0, 1)), (single, None)):
        answer = density_png(read(data), data, 0, channels)
        assert isinstance(answer, Rejection) and answer.reason is FcsReason.NO_SUCH_CHANNEL


@pytest.mark.parametrize("value", [1e-300, -1e30, 1e308, 5e-324, 0.0, -0.0, 1e29])
@pytest.mark.parametrize("limit", ["1024", "1e-20", "1e30"])
def test_extreme_values_never_break_the_picture(value: float, limit: str) -> None:
    changes: dict[str, str | None] = {
        "$DATATYPE": "D",
        "$P1B": "64",
        "$P2B": "64",
        "$P1R": limit,
        "$P2R": limit,
    }
    data = raw(struct.pack("<4d", value, -value, 1.0, 2.0), changes)
    assert len(dots(drawn(data).png)) >= 1


def test_the_example_file_is_drawn_from_all_its_events() -> None:
    assert drawn(write(NAMES, MARKERS, EVENTS)).shown == len(EVENTS)
