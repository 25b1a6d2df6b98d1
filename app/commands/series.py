"""The series command: the published table's columns, a line for each recipient and visit, as CSV."""

import argparse
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import Refused, Said, with_json
from app.followup.series import heads, series
from app.site import Site
from app.web.csvtext import csv_text

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the command."""
    command = commands.add_parser("series", help="what was found at every visit of every recipient, as CSV")
    command.add_argument("--out", required=True, type=Path, metavar="F.csv")
    with_json(command)
    command.set_defaults(run=_series)


def _series(site: Site, arguments: argparse.Namespace) -> Said:
    out: Path = arguments.out
    if not out.parent.is_dir():
        raise Refused(f"There is no folder {out.parent} for {out.name}.")
    if out.is_dir():
        raise Refused(f"{out} is a folder, not a file.")
    with site.db.reading() as db:
        rows = [tuple(map(_plain, row)) for row in series(db)]
    out.write_bytes(csv_text(heads(), rows).encode())
    data = {"columns": list(heads()), "rows": [list(row) for row in rows]}
    return Said([f"{out}: {len(rows)} visits"], data)


def _plain(value: object) -> object:
    """Numbers without trailing zeros and without parted thousands, days as ISO text."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value
