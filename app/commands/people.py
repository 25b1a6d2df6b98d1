"""Commands about people: person add, person list."""

import argparse
from typing import TYPE_CHECKING

from app.access.models import Role
from app.cli import Said, console_actor, refuse, with_actor, with_json
from app.kernel.refusals import Refusal
from app.site import Site

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    person = commands.add_parser("person", help="the people of the site")
    kinds = person.add_subparsers(dest="person_command", metavar="add|list", required=True)
    adding = kinds.add_parser("add", help="add a person; prints a one-time password once")
    adding.add_argument("sign_in", metavar="SIGN-IN")
    adding.add_argument("--name", required=True, help="printed name")
    adding.add_argument("--role", required=True, choices=[role.value for role in Role])
    with_actor(adding)
    with_json(adding)
    adding.set_defaults(run=_add)
    listing = kinds.add_parser("list", help="everybody, with their role")
    with_json(listing)
    listing.set_defaults(run=_list)


def _add(site: Site, arguments: argparse.Namespace) -> Said:
    from app.access.console import add as add_person

    added = add_person(
        site, console_actor(site, arguments), arguments.sign_in, arguments.name, Role(arguments.role)
    )
    if isinstance(added, Refusal):
        raise refuse(added)
    data = {"sign_in": added.person.sign_in, "one_time_password": added.one_time_password}
    return Said(
        [f"{added.person.sign_in} added; one-time password {added.one_time_password} (shown once)"], data
    )


def _list(site: Site, _arguments: argparse.Namespace) -> Said:
    from app.access.console import people

    rows = people(site)
    lines = [
        f"{row['sign_in']:<16} {row['role']:<14} {row['name']}{'' if row['active'] else ' (closed)'}"
        for row in rows
    ]
    return Said(lines, [{name: row[name] for name in ("sign_in", "name", "role")} for row in rows])
