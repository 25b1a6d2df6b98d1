"""The trace command: where it came from, and where it went."""

import argparse
from typing import TYPE_CHECKING

from app.cli import USAGE, Refused, Said, refuse, with_json
from app.kernel.refusals import Refusal
from app.site import Site
from app.trace.queries import as_json, trace
from app.trace.recall import recipients_of

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    command = commands.add_parser("trace", help="ancestors and descendants of a subject")
    command.add_argument(
        "subject",
        metavar="KIND:CODE",
        help="donor, donation, lot, unit, material, equipment, place or recipient",
    )
    command.add_argument(
        "--recipients", action="store_true", help="only who received anything of it: the list to call"
    )
    with_json(command)
    command.set_defaults(run=_trace)


def _trace(site: Site, arguments: argparse.Namespace) -> Said:
    kind, colon, code = arguments.subject.partition(":")
    if not colon or not code:
        raise Refused("Write the subject as KIND:CODE, such as lot:MSC-25-001.", USAGE)
    if arguments.recipients:
        return _recipients(site, kind, code)
    with site.db.reading() as db:
        found = trace(db, kind, code)
        if isinstance(found, Refusal):
            raise refuse(found)
        data = as_json(found)
    lines = [
        f"{arguments.subject}",
        f"came from donors {', '.join(data['donors']) or 'none'}",
        f"went to recipients {', '.join(data['recipients']) or 'none'}",
        *(
            f"  {unit['code']:<18} {unit['state']:<16} {unit['recipient'] or unit['place'] or ''}"
            for unit in data["units"]
        ),
    ]
    return Said(lines, data)


def _recipients(site: Site, kind: str, code: str) -> Said:
    """One code a line, nothing else: a list to call, or to pipe on."""
    with site.db.reading() as db:
        found = recipients_of(db, kind, code)
    if isinstance(found, Refusal):
        raise refuse(found)
    return Said(list(found), {"subject": f"{kind}:{code}", "recipients": list(found)})
