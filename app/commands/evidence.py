"""Commands of the evidence: verify."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import COULD_NOT_CHECK, DONE, REFUSED, Refused, Said, with_json
from app.evidence.verify import Report, verify, verify_new
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
    command.add_argument(
        "--since-checkpoint",
        action="store_true",
        help="only what is new since the last good checkpoint (of FILE, where it is given)",
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
        report = (verify_new if arguments.since_checkpoint else verify)(db, lines)
    told = [
        f"{p.table} {p.key}: {p.what}" + (f" (entry {p.entry})" if p.entry else "") for p in report.problems
    ]
    return Said([*told, *_looked(report)], report.as_json(), DONE if report.ok else REFUSED)


def _looked(report: Report) -> list[str]:
    """What was found, and where was looked for it."""
    found = "sound" if report.ok else f"{len(report.problems)} problems"
    if report.since is None:
        return [f"{found}: {report.entries} entries, and {report.rows} rows against their last entries"]
    return [
        f"{found}: {report.new} entries after the {report.since} that a good checkpoint covers, and the "
        f"{report.rows} rows they tell of, against their last entries",
        "not looked at: older entries, and rows none of these tells of; without --since-checkpoint all is",
    ]


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return [line for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"The checkpoint file {file} cannot be read.", COULD_NOT_CHECK) from fault
