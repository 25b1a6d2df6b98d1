"""The batch record: forty pages drawn, over what reportlab's own long table costs for the same rows.

The other peer, WeasyPrint, is measured as whole processes, and only where it is installed
(`pip install -r bench/requirements.txt`): it is no part of Hilo, and a figure without it has no value.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median

from app.paper.type import PLAIN, register
from bench.drawn_record import ours
from bench.grounds import Grounds
from bench.html_record import HEADINGS, ROWS, rows
from bench.measure import Goal, ratio

#: Ours over theirs: a fifth of the long table's time, a fiftieth of WeasyPrint's.
GOALS = (Goal("batch-record.longtable", "x", 0.2), Goal("batch-record.weasyprint", "x", 0.02))

ROOT = Path(__file__).resolve().parent.parent
PEER = "from bench.html_record import made; made()"
OURS = "from bench.drawn_record import ours; ours()"


def long_table(count: int = ROWS) -> tuple[bytes, int]:
    """reportlab's way for long tables: plain strings, headings on each page, a rule below each row."""
    from reportlab.lib.colors import grey
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import LongTable, SimpleDocTemplate, TableStyle

    register()
    buffer = BytesIO()
    document = SimpleDocTemplate(buffer, pagesize=A4, invariant=1)
    table = LongTable([HEADINGS, *rows(count)], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), PLAIN),
                ("FONTSIZE", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, grey),
            ]
        )
    )
    document.build([table])
    return buffer.getvalue(), document.page


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """The long table net of imports, in turns; the other peer as whole processes, where there is one."""
    yield "batch-record.longtable", ratio(ours, long_table, grounds.pairs)
    if importlib.util.find_spec("weasyprint") is None:
        print(
            "batch-record.weasyprint: WeasyPrint is not installed; see bench/requirements.txt",
            file=sys.stderr,
        )
        return
    yield (
        "batch-record.weasyprint",
        median(_process(OURS) / _process(PEER) for _ in range(max(grounds.pairs // 2, 1))),
    )


def _process(code: str) -> float:
    """CPU seconds of a whole Python process. Raises RuntimeError when it fails."""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"a process ended with {process.returncode}")
    return used.ru_utime + used.ru_stime
