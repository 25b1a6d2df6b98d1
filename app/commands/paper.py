"""Commands that make paper: label, record, certificate."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import select

from app.access.models import Person
from app.cli import Refused, Said, console_actor, refuse, with_actor, with_json
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.labeling.operations import print_labels
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.site import Site
from labels import layout

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    label = commands.add_parser("label", help="print labels of units to a PDF")
    label.add_argument("units", metavar="UNIT", nargs="+")
    label.add_argument("--stock", required=True, help=f"one of {', '.join(layout.stocks())}")
    label.add_argument("--out", required=True, type=Path, metavar="F.pdf")
    label.add_argument("--reason", help="for a reprint: why a second piece is needed")
    label.add_argument("--second", metavar="SIGN-IN", help="for a reprint: who stands by")
    with_actor(label)
    with_json(label)
    label.set_defaults(run=_label)
    _paper(commands, "record", "issue the batch record of a lot to a PDF", PaperKind.BATCH_RECORD)
    _paper(
        commands,
        "certificate",
        "issue the certificate of analysis of a lot to a PDF",
        PaperKind.CERTIFICATE,
    )


def _paper(commands: "Commands", name: str, words: str, kind: PaperKind) -> None:
    paper = commands.add_parser(name, help=words)
    paper.add_argument("lot", metavar="LOT")
    paper.add_argument("--out", required=True, type=Path, metavar="F.pdf")
    paper.add_argument("--reason", default="", help="for another revision although nothing changed: why")
    with_actor(paper)
    with_json(paper)
    paper.set_defaults(run=_issue, kind=kind)


def _writable(out: Path) -> None:
    """Better to learn before anything is recorded that the file cannot be written."""
    if not out.parent.is_dir():
        raise Refused(f"There is no folder {out.parent} for {out.name}.")
    if out.is_dir():
        raise Refused(f"{out} is a folder, not a file.")


def _label(site: Site, arguments: argparse.Namespace) -> Said:
    _writable(arguments.out)
    actor = console_actor(site, arguments)
    with site.db.act(actor, clock.now()) as work:
        second = _second(work, arguments.second)
        printed = print_labels(work, arguments.units, arguments.stock, reason=arguments.reason, second=second)
    if isinstance(printed, Refusal):
        raise refuse(printed)
    arguments.out.write_bytes(printed.pdf)
    pieces = [
        {"unit": unit, "serial": label.serial, "copy": label.copy_number}
        for unit, label in zip(arguments.units, printed.labels, strict=True)
    ]
    lines = [f"{piece['unit']} {piece['serial']} copy {piece['copy']}" for piece in pieces]
    return Said(
        [*lines, f"{arguments.out}: job {printed.job.code}"], {"job": printed.job.code, "labels": pieces}
    )


def _second(work: Work, sign_in: str | None) -> Person | None:
    if not sign_in:
        return None
    found = work.db.exec(select(Person).where(Person.sign_in == sign_in, Person.active)).one_or_none()
    if found is None:
        raise Refused(f"Nobody here signs in as {sign_in[:40]}.")
    return found


def _issue(site: Site, arguments: argparse.Namespace) -> Said:
    _writable(arguments.out)
    actor = console_actor(site, arguments)
    reason = arguments.reason.strip()
    issued = issue_paper(site, actor, clock.now(), arguments.kind, arguments.lot, reason)
    if isinstance(issued, Refusal):
        raise refuse(issued)
    arguments.out.write_bytes(issued.data)
    paper = issued.paper
    data = {
        "serial": paper.serial,
        "revision": paper.revision,
        "pages": paper.pages,
        "sha256": paper.sha256,
        "new": issued.new,
    }
    lines = [f"{arguments.out}: revision {paper.revision}, {paper.pages} pages, {paper.serial}"]
    if not issued.new:
        lines.append("Nothing changed since that revision was issued. Give --reason for another one.")
    return Said(lines, data)
