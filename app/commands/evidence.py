"""Commands of the evidence: verify."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import COULD_NOT_CHECK, DONE, REFUSED, Refused, Said, with_json
from app.evidence.verify import verify
from app.migrate import current, newest
from app.site import Site

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    command = commands.add_parser("verify", help="check the whole ledger and every row against it")
    command.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="checkpoints kept outside the database, one a line"
    )
    with_json(command)
    command.set_defaults(run=_verify)


def _verify(site: Site, arguments: argparse.Namespace) -> Said:
    lines = _lines(arguments.checkpoint)
    if current(site.db.reader) != newest():
        raise Refused(
            "There is no Hilo database of this version here: run `python -m app migrate`.", COULD_NOT_CHECK
        )
    with site.db.reading() as db:
        report = verify(db, lines)
    if report.ok:
        return Said(
            [f"sound: {report.entries} entries, every row as its last entry left it"], report.as_json(), DONE
        )
    told = [
        f"{p.table} {p.key}: {p.what}" + (f" (entry {p.entry})" if p.entry else "") for p in report.problems
    ]
    return Said([*told, f"{len(told)} problems in {report.entries} entries"], report.as_json(), REFUSED)


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return [line for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"The checkpoint file {file} cannot be read.", COULD_NOT_CHECK) from fault
