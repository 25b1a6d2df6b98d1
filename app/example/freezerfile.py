"""A file of the controlled-rate freezer, made by the project: cooling, nucleation, and the fast last part."""

from collections.abc import Iterator
from datetime import datetime, timedelta

#: Seconds between readings.
EVERY = 20
#: The sample, in °C: where it nucleates, how far it warms, where the slow cooling ends, where the run ends.
NUCLEATES, WARMS_TO, SLOW_UNTIL, ENDS = -7.0, -3.5, -45.0, -100.0
#: °C per minute of the slow and of the fast part, and minutes that the latent heat takes.
SLOW, FAST, LATENT_MINUTES = 1.0, 6.0, 5.0


def freezer_csv(run: str, start: datetime) -> bytes:
    """The run as the freezer exports it; ``start`` is the first reading."""
    lines = [f"Run,{run}", "Program,MSC 1 °C/min", "Operator,synthetic", "Time,Chamber (°C),Sample (°C)"]
    for number, (chamber, sample) in enumerate(_temperatures()):
        at = start + timedelta(seconds=EVERY * number)
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{chamber:.1f},{sample:.1f}")
    return ("\r\n".join(lines) + "\r\n").encode()


def _temperatures() -> Iterator[tuple[float, float]]:
    """Chamber and sample, reading by reading."""
    step = EVERY / 60
    sample = 4.0
    while sample > NUCLEATES:
        yield sample - 5, sample
        sample -= SLOW * step
    minutes = 0.0
    while minutes < LATENT_MINUTES:
        # The chamber is chilled to carry the latent heat away while the sample stands near its melting point.
        yield -30 + 3 * minutes, WARMS_TO - 0.3 * minutes
        minutes += step
    sample = WARMS_TO - 0.3 * minutes
    while sample > SLOW_UNTIL:
        yield sample - 6, sample
        sample -= SLOW * step
    while sample > ENDS:
        yield sample - 14, sample
        sample -= FAST * step
    yield ENDS - 10, ENDS
