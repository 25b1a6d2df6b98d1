"""The results as JSON: every figure, and what it was measured on."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from app.kernel.engine import sqlite_driver
from bench.measure import Figure

LIBRARIES = ("flask", "jinja2", "psycopg", "pydantic", "sqlalchemy", "sqlmodel", "werkzeug")


def write(path: Path, figures: Sequence[Figure], sizes: Sequence[int]) -> None:
    """Write the results beside the benchmarks."""
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.platform()},
        "load_average": os.getloadavg(),
        "versions": {
            "python": platform.python_version(),
            "sqlite": ".".join(map(str, sqlite_driver()[1])),
            **{name: version(name) for name in LIBRARIES},
        },
        "sizes": list(sizes),
        "figures": [
            {
                "id": figure.goal.id,
                "value": figure.value,
                "unit": figure.goal.unit,
                "target": figure.goal.target,
                "met": figure.met,
            }
            for figure in figures
        ],
    }
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _cpu() -> str:
    """The processor's name as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
