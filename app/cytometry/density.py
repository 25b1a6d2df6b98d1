"""The density picture of two channels: where in this measurement are the cells?

One picture of 256 × 256 dots without axes, to be framed by the page or the paper, and the two axes as data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from app.cytometry.fcs_events import channel, is_logarithm
from app.cytometry.fcs_findings import FcsReason, Rejection
from app.cytometry.fcs_layout import Parameter
from app.cytometry.fcs_model import DataSet, FcsFile
from app.kernel.speech import say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BINS = 256
#: Below this value the asinh axis is nearly linear, above it nearly logarithmic.
COFACTOR = 150.0
#: Larger values are no measurement and are left out with those that are no number.
_MOST = 1e30
#: From one event to the most in one dot: equal steps of lightness, safe for colour-blind readers.
_SHADES = ((158, 184, 214), (118, 156, 200), (76, 122, 180), (40, 78, 140), (14, 28, 74))
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Scale(StrEnum):
    """How values are spread along an axis: scatter and time evenly, fluorescence by asinh or logarithm."""

    LINEAR = "linear"
    ASINH = "asinh"
    LOGARITHM = "logarithm"


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: ``place`` from 0 (left or bottom) to 1, and the number to write there."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the picture: column ``number`` from 1, in the units of the channel from low to high."""

    number: int
    label: str
    scale: Scale
    low: float
    high: float
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Density:
    """The picture and what to write beside it.

    ``shown`` events are drawn, those ``at_edge`` of them outside the axes and drawn in the outermost dots,
    ``left_out`` have no finite value in one of the channels. The same file gives the same bytes each time.
    """

    png: bytes
    x: Axis
    y: Axis
    shown: int
    at_edge: int
    left_out: int


def default_channels(one: DataSet) -> tuple[int, int] | None:
    """The two channels (from 1) to look at first: FSC-A and SSC-A, other scatter, or the first two.

    The time is taken last; None when there is one channel only.
    """
    scatter = [_first(one, kind) for kind in ("FSC", "SSC")]
    rest = sorted(one.parameters, key=lambda parameter: (parameter.is_time, parameter.number))
    numbers = [number for number in scatter if number is not None]
    numbers += [parameter.number for parameter in rest if parameter.number not in numbers]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None


def density_png(
    file: FcsFile, data: bytes | memoryview, dataset: int = 0, channels: tuple[int, int] | None = None
) -> bytes | Rejection:
    """The picture alone; arguments and refusals as in `density`."""
    picture = density(file, data, dataset, channels)
    return picture if isinstance(picture, Rejection) else picture.png


def density(
    file: FcsFile, data: bytes | memoryview, dataset: int = 0, channels: tuple[int, int] | None = None
) -> Density | Rejection:
    """Draw channel against channel (numbers from 1; None for `default_channels`) of one data set.

    ``data`` are the bytes ``file`` was read from, ``dataset`` the index into ``file.data_sets``. The axes end
    at round numbers, so that measurements of one panel get the same axes.
    """
    import numpy as np

    one = file.data_sets[dataset]
    chosen = channels or default_channels(one)
    if chosen is None or not all(1 <= number <= len(one.parameters) for number in chosen):
        sentence = say(
            "A picture needs two channels; this file has the channels 1 to {parameters}.",
            parameters=len(one.parameters),
        )
        return Rejection(
            FcsReason.NO_SUCH_CHANNEL, sentence, say("Choose two channels from the list of the file.")
        )
    view = memoryview(data).cast("B")
    x_values, y_values = (channel(one, view, number) for number in chosen)
    finite = (np.abs(x_values) < _MOST) & (np.abs(y_values) < _MOST)
    shown = int(np.count_nonzero(finite))
    if shown == 0:
        sentence = say(
            "There is no picture, because this data set holds no events with numbers in both channels."
        )
        return Rejection(FcsReason.NO_EVENTS, sentence, say("Choose another data set or another tube."))
    x_places, x = _axis(one, chosen[0], x_values[finite])
    y_places, y = _axis(one, chosen[1], y_values[finite])
    outside = (x_places < 0) | (x_places > 1) | (y_places < 0) | (y_places > 1)
    picture = _png(_counts(x_places, y_places))
    return Density(picture, x, y, shown, int(np.count_nonzero(outside)), one.events - shown)


def _first(one: DataSet, kind: str) -> int | None:
    """The scatter channel to show: the area, else the first of its kind."""
    found = [parameter for parameter in one.parameters if parameter.name.upper().startswith(kind)]
    found.sort(key=lambda parameter: (parameter.name.upper() != f"{kind}-A", parameter.number))
    return found[0].number if found else None


def _axis(one: DataSet, number: int, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Axis]:
    """Where each value lies (0 to 1 within the axis) and the axis itself."""
    import numpy as np

    parameter = one.parameters[number - 1]
    least, middle, most = (float(value) for value in np.percentile(values, (0.1, 50, 99.9)))
    scale, cofactor = _scale(parameter, middle, most), _cofactor(parameter)
    low, high = _ends(scale, cofactor, parameter, least, most)
    first, last = _spread(scale, cofactor, low), _spread(scale, cofactor, high)
    places = (_spread_all(scale, cofactor, values) - first) / (last - first)
    ticks = tuple(
        Tick((_spread(scale, cofactor, mark) - first) / (last - first), _number(mark))
        for mark in _marks(scale, cofactor, low, high)
    )
    return places, Axis(number, parameter.label, scale, low, high, ticks)


def _scale(parameter: Parameter, middle: float, most: float) -> Scale:
    """Even for scatter and time, unless a few large values would press all others into a corner."""
    if is_logarithm(parameter):
        return Scale.LOGARITHM
    even = parameter.is_time or (parameter.is_scatter and middle > most / 20)
    return Scale.LINEAR if even else Scale.ASINH


def _cofactor(parameter: Parameter) -> float:
    """150 for the usual range of 262,144 and above; less where an instrument counts in small units."""
    if parameter.range is None or parameter.range >= 10_000:
        return COFACTOR
    return max(COFACTOR * parameter.range / 262_144, 1e-6)


def _ends(
    scale: Scale, cofactor: float, parameter: Parameter, least: float, most: float
) -> tuple[float, float]:
    """Round numbers around nearly all values, the same for similar measurements; a logarithm whole."""
    if scale is Scale.LOGARITHM:
        return parameter.lowest, parameter.lowest * 10.0**parameter.decades
    if scale is Scale.ASINH:
        return min(-cofactor, -_round_up(-least)), max(cofactor * 10, _round_up(most))
    high = _round_up(most) if most > 1e-6 else 1.0
    top = (parameter.range or high) / (1.0 if parameter.is_time else parameter.gain)
    return 0.0 - _round_up(-least), top if max(most, 1e-6) <= top < high else high


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 5 times a power of ten; 0 for what is not positive."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return power * next((step for step in (1, 2, 3, 5) if value <= step * power), 10)


def _spread(scale: Scale, cofactor: float, value: float) -> float:
    if scale is Scale.LINEAR:
        return value
    return math.asinh(value / cofactor) if scale is Scale.ASINH else math.log10(value)


def _spread_all(scale: Scale, cofactor: float, values: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    if scale is Scale.LINEAR:
        return values
    return np.arcsinh(values / cofactor) if scale is Scale.ASINH else np.log10(values)


def _marks(scale: Scale, cofactor: float, low: float, high: float) -> list[float]:
    """The values to write along an axis: up to seven, or one a decade."""
    if scale is Scale.LINEAR:
        step = _round_up((high - low) / 6)
        return [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]
    start = math.log10(cofactor) if scale is Scale.ASINH else math.ceil(math.log10(low) - 1e-9)
    first = math.floor(start)
    decades = [10.0**power for power in range(first, math.floor(math.log10(high) + 1e-9) + 1)]
    if scale is Scale.LOGARITHM:
        return decades
    return [-mark for mark in decades[::-1] if -mark >= low] + [0.0] + decades


def _number(value: float) -> str:
    """A number as a person reads it: 50,000, or 2×10⁻¹ where it is very large or small."""
    if value == 0:
        return "0"
    sign, size = "−" if value < 0 else "", abs(value)
    if 1 <= size < 1e6:
        return f"{sign}{size:,.0f}"
    power = math.floor(math.log10(size) + 1e-9)
    times = f"{size / 10.0**power:.2g}"
    return f"{sign}{'' if times == '1' else f'{times}×'}10{str(power).translate(_SUPERSCRIPTS)}"


def _counts(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Events per dot, first row at the top; what lies outside is counted in the outermost dots."""
    import numpy as np

    columns = np.clip(x * BINS, 0, BINS - 1).astype(np.int64)
    rows = np.clip((1 - y) * BINS, 0, BINS - 1).astype(np.int64)
    return np.bincount(rows * BINS + columns, minlength=BINS * BINS).reshape(BINS, BINS)


def _png(counts: NDArray[np.int64]) -> bytes:
    """A palette picture: white for none, then darker with the logarithm of the number of events."""
    import numpy as np
    from PIL import Image

    steps = 1 + 254 * np.log(np.maximum(counts, 1)) / max(1.0, math.log(int(counts.max())))
    shades = np.where(counts == 0, 0, np.rint(steps)).astype(np.uint8)
    image = Image.fromarray(shades, "L")
    image.putpalette(_palette())
    out = BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=9)
    return out.getvalue()


def _palette() -> list[int]:
    """256 colours: white, then the shades with even steps between them."""
    colours = [255, 255, 255]
    for step in range(255):
        at = step / 254 * (len(_SHADES) - 1)
        first = min(int(at), len(_SHADES) - 2)
        pairs = zip(_SHADES[first], _SHADES[first + 1], strict=True)
        colours += [round(a + (b - a) * (at - first)) for a, b in pairs]
    return colours
