"""The numbers of an FCS data set: rows of events, columns of parameters, exactly as the file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cytometry.fcs_layout import DataType, Layout, Parameter
from app.cytometry.fcs_model import DataSet, FcsFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def events(file: FcsFile, data: bytes | memoryview, dataset: int = 0) -> NDArray[np.number]:
    """The events as an array of shape (events, parameters), ``data`` being the bytes ``file`` was read from.

    ``dataset`` is the index into ``file.data_sets``. The type is the file's own (float32, uint16 …) in the
    machine's byte order; columns of several types come in the smallest type that holds all exactly, or
    in float64. Neither gain nor logarithm nor compensation is applied.
    """
    one = file.data_sets[dataset]
    return rows(memoryview(data).cast("B"), one.layout, one.data.begin, one.events)


def rows(view: memoryview, layout: Layout, begin: int, count: int) -> NDArray[np.number]:
    """Decode ``count`` rows that start at byte ``begin``."""
    import numpy as np

    stored = [_stored(parameter, layout.big_endian) for parameter in layout.parameters]
    if len(set(stored)) == 1 and layout.parameters[0].width in (1, 2, 4, 8):
        shape = (count, len(stored))
        table = np.ndarray(shape, stored[0], view, begin).astype(stored[0].newbyteorder("="))
        for parameter in layout.parameters:
            if parameter.mask is not None:
                table[:, parameter.number - 1] &= table.dtype.type(parameter.mask)
        return table
    table = np.empty((count, len(stored)), np.result_type(*stored).newbyteorder("="))
    for parameter in layout.parameters:
        table[:, parameter.number - 1] = _column(view, layout, begin, count, parameter)
    return table


def channel(one: DataSet, view: memoryview, number: int) -> NDArray[np.float64]:
    """One column (``number`` from 1) on its own scale, as float64: the view that pictures use.

    An integer that stands for a logarithm becomes lowest × 10^(decades × value / range), another value is
    divided by its gain (FCS 3.1, $PnE and $PnG); the gain of the time is a unit and is left alone.
    """
    import numpy as np

    parameter = one.parameters[number - 1]
    raw = _column(view, one.layout, one.data.begin, one.events, parameter).astype(np.float64)
    if is_logarithm(parameter) and parameter.range is not None:
        with np.errstate(over="ignore"):  # a hostile $PnR makes infinities, which pictures leave out
            return np.asarray(parameter.lowest * 10.0 ** (parameter.decades * raw / parameter.range))
    return raw if parameter.is_time or parameter.gain == 1.0 else raw / parameter.gain


def is_logarithm(parameter: Parameter) -> bool:
    """True when the integers of this column stand for logarithms; a flag on decimal numbers is ignored."""
    integer = parameter.data_type is DataType.INTEGER
    return integer and parameter.decades > 0 and parameter.range is not None


def not_finite(view: memoryview, layout: Layout, begin: int, count: int) -> int:
    """How many values are no number or infinite."""
    if all(parameter.data_type is DataType.INTEGER for parameter in layout.parameters):
        return 0
    import numpy as np

    table = rows(view, layout, begin, count)
    return int(table.size - np.count_nonzero(np.isfinite(table)))


def _stored(parameter: Parameter, big_endian: bool) -> np.dtype[np.number]:
    """The type of the column as stored; three bytes and the like are widened to the next machine type."""
    import numpy as np

    letter = "u" if parameter.data_type is DataType.INTEGER else "f"
    width = next(size for size in (1, 2, 4, 8) if size >= parameter.width)
    return np.dtype(f"{'>' if big_endian else '<'}{letter}{width}")


def _column(
    view: memoryview, layout: Layout, begin: int, count: int, parameter: Parameter
) -> NDArray[np.number]:
    import numpy as np

    stored = _stored(parameter, layout.big_endian)
    start, step = begin + parameter.offset, layout.row_bytes
    if stored.itemsize == parameter.width:
        column = np.ndarray((count,), stored, view, start, (step,)).astype(stored.newbyteorder("="))
    else:
        narrow = np.ndarray((count, parameter.width), np.uint8, view, start, (step, 1))
        wide = np.zeros((count, stored.itemsize), np.uint8)
        at = stored.itemsize - parameter.width if layout.big_endian else 0
        wide[:, at : at + parameter.width] = narrow
        column = wide.view(stored)[:, 0].astype(stored.newbyteorder("="))
    if parameter.mask is not None:
        column &= column.dtype.type(parameter.mask)
    return column
