"""Logger files for tests: readings at a steady pace, written as a logger writes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: Minutes and °C of one reading.
Point = tuple[float, float]


def steady(hours: float, celsius: float = -175.0, every: int = 5) -> list[Point]:
    """A reading every so many minutes, from before the packing (minute 0) to the end."""
    return [(minute, celsius) for minute in range(-10, int(hours * 60) + 1, every)]


def logger_csv(
    start: datetime, points: Iterable[Point], serial: str = "LOG-17", head: str = "Time,Temperature (°C)"
) -> bytes:
    """The file; minute 0 is ``start``, times are written with their zone."""
    lines = [f"Logger,{serial}", head]
    for minute, celsius in points:
        lines.append(f"{start + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ},{celsius:.2f}")
    return ("\r\n".join(lines) + "\r\n").encode()
