"""The console's front door: words in, one line or JSON out, and an exit code that means something.

0 done or sound, 1 refused or problems found, 2 wrong usage, 3 could not check.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.config import VARIABLES, BadSetting, read_settings
from app.kernel.refusals import Refusal
from app.kernel.work import Actor
from app.site import Site, open_site

DONE, REFUSED, USAGE, COULD_NOT_CHECK = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answers: lines for people, the same as data, and the exit code."""

    lines: list[str]
    data: Any = None
    code: int = DONE


class Refused(Exception):
    """A command was refused; the sentence goes to standard error in one line."""

    def __init__(self, sentence: str, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


#: A command: (site, arguments) → what it says.
Command = Callable[[Site, argparse.Namespace], Said]


def refuse(answer: Refusal) -> Refused:
    """A room's refusal as the console says it."""
    return Refused(str(answer))


def console_actor(site: Site, arguments: argparse.Namespace) -> Actor:
    """Who acts at the console: --as, else HILO_AS. Raises Refused when nobody is named or known."""
    from app.access.console import console_actor as known

    sign_in = arguments.as_ or os.environ.get("HILO_AS", "")
    if not sign_in:
        raise Refused("Who is acting? Give --as SIGN-IN or set HILO_AS.", USAGE)
    found = known(site, sign_in)
    if isinstance(found, Refusal):
        raise refuse(found)
    return found


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    from app.commands import evidence, paper, people, running, safekeeping, series, tracing

    top = argparse.ArgumentParser(
        prog="python -m app",
        description="Hilo: the thread from a donor to a recipient, and back.",
        epilog=_settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for family in (running, people, evidence, safekeeping, tracing, paper, series):
        family.add(commands)
    return top


def _settings_help() -> str:
    from app.kernel.engine import describe_driver

    lines = ["settings from the environment:"]
    lines += [f"  {name:<22} {words} [{default or 'empty'}]" for name, (default, words) in VARIABLES.items()]
    try:
        lines += ["", f"database: {describe_driver(read_settings().database)}"]
    except BadSetting as fault:
        lines += ["", f"database: {fault}"]
    return "\n".join(lines)


def with_json(command: argparse.ArgumentParser) -> None:
    """Let a command answer as JSON."""
    command.add_argument("--json", action="store_true", help="answer as JSON")


def with_actor(command: argparse.ArgumentParser) -> None:
    """Let a command that writes say who acts."""
    command.add_argument("--as", dest="as_", metavar="SIGN-IN", default="", help="who acts (or HILO_AS)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Errors are one line on standard error, never a traceback."""
    from app.migrate import UnknownSchema
    from app.serve import CannotServe
    from app.start import NotReady

    arguments = parser().parse_args(argv)
    try:
        said = _run(arguments)
    except Refused as no:
        return _complain(str(no), no.code)
    except (BadSetting, CannotServe, NotReady, UnknownSchema) as fault:
        return _complain(str(fault), COULD_NOT_CHECK)
    except BrokenPipeError:
        return DONE
    except OSError as fault:
        return _complain(f"{fault.filename or 'file'}: {fault.strerror}", COULD_NOT_CHECK)
    if getattr(arguments, "json", False):
        print(json.dumps(said.data, ensure_ascii=False, indent=2))
    else:
        print(*said.lines, sep="\n")
    return said.code


def _run(arguments: argparse.Namespace) -> Said:
    from sqlalchemy.exc import SQLAlchemyError

    command: Command = arguments.run
    site = open_site(read_settings())
    try:
        return command(site, arguments)
    except SQLAlchemyError as fault:
        first = str(fault).splitlines()[0]
        raise Refused(f"the database could not be used: {first}", COULD_NOT_CHECK) from fault
    finally:
        site.db.close()


def _complain(sentence: str, code: int) -> int:
    print(f"hilo: {' '.join(sentence.split())}", file=sys.stderr)
    return code
