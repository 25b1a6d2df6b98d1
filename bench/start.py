"""Start: what a worker costs before its first page, in CPU time of the whole process and in memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.grounds import Grounds
from bench.measure import Goal

GOALS = (Goal("start.cpu", "x", 48), Goal("start.memory", "MB", 60))

ROOT = Path(__file__).resolve().parent.parent
#: What a server's worker does: import the application as `wsgi.py` gives it, over a database that stands.
WORKER = "import wsgi; print(open('/proc/self/status').read())"


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """The web application made ready, over bare Python; each a process of its own, in turns."""
    surroundings = {
        **os.environ,
        "HILO_DATA": str(grounds.folder / "start"),
        "HILO_DATABASE": "",
        # A server starts from compiled files: they are kept here, whatever the shell says about them.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(grounds.folder / "compiled"),
    }
    subprocess.run(
        [sys.executable, "-m", "app", "migrate"], cwd=ROOT, env=surroundings, check=True, capture_output=True
    )
    _process(WORKER, surroundings)  # compiles
    pairs = [(_process(WORKER, surroundings), _process("pass", surroundings)) for _ in range(grounds.pairs)]
    yield "start.cpu", median(worker[0] / bare[0] for worker, bare in pairs)
    yield "start.memory", median(_resident_mb(worker[1]) for worker, _ in pairs)


def _process(code: str, surroundings: dict[str, str]) -> tuple[float, str]:
    """CPU seconds of a whole Python process, and what it printed. Raises RuntimeError when it fails."""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"a worker ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, said


def _resident_mb(status: str) -> float:
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6
