"""Files of a controlled-rate freezer for tests, as the device writes them."""

from datetime import datetime, timedelta


def curve(rate: float = 1.0, every: int = 30, low: float = -100.0) -> list[tuple[float, float, float]]:
    """(seconds, chamber, sample): the sample cools at ``rate`` °C per minute from 4 °C, the chamber ahead."""
    rows, second, sample = [], 0, 4.0
    while sample > low:
        rows.append((float(second), round(sample - 6, 1), round(sample, 2)))
        second += every
        sample -= rate * every / 60
    rows.append((float(second), round(low - 6, 1), low))
    return rows


def freezer_csv(
    run: str,
    start: datetime,
    rows: list[tuple[float, float, float]] | None = None,
    head: str = "Time,Chamber (°C),Sample (°C)",
) -> bytes:
    """The file; times are written with their zone."""
    lines = [f"Run,{run}", "Program,1 °C/min", head]
    for seconds, chamber, sample in rows or curve():
        at = start + timedelta(seconds=seconds)
        lines.append(f"{at.isoformat()},{chamber},{sample}")
    return ("\n".join(lines) + "\n").encode()
