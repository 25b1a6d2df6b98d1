"""Commands that keep the site safe: backup, restore."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.backup.archive import Manifest
from app.backup.making import make_backup
from app.backup.restoring import restore
from app.cli import COULD_NOT_CHECK, Refused, Said, console_actor, refuse, with_actor, with_json
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.migrate import current, newest
from app.site import Site

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: "Commands") -> None:
    """Name the commands of this family."""
    making = commands.add_parser("backup", help="write everything to one verified file, while the site runs")
    making.add_argument("file", type=Path, metavar="FILE")
    with_actor(making)
    with_json(making)
    making.set_defaults(run=_backup)
    bringing = commands.add_parser("restore", help="bring a backup back into an empty HILO_DATA and database")
    bringing.add_argument("file", type=Path, metavar="FILE")
    with_json(bringing)
    bringing.set_defaults(run=_restore)


def _backup(site: Site, arguments: argparse.Namespace) -> Said:
    out: Path = arguments.file.absolute()
    if out.is_dir() or not out.parent.is_dir():
        raise Refused(f"{arguments.file} is a folder, or lies in none: name a file in a folder.")
    if current(site.db.reader) != newest():
        raise Refused(
            "There is no Hilo database of this version here: run `python -m app migrate`.", COULD_NOT_CHECK
        )
    named = arguments.as_ or os.environ.get("HILO_AS", "")
    made = make_backup(site, console_actor(site, arguments) if named else SYSTEM, clock.now(), out)
    if isinstance(made, Refusal):
        raise refuse(made)
    data = {**_facts(made.manifest), "file": str(out), "size": made.size_bytes, "sha256": made.sha256}
    line = f"{arguments.file}: {made.size_bytes} bytes, SHA-256 {made.sha256}"
    return Said([_sentence("verified and written", made.manifest), line], data)


def _restore(site: Site, arguments: argparse.Namespace) -> Said:
    site.db.close()
    back = restore(site.settings, arguments.file, clock.now())
    if isinstance(back, Refusal):
        raise refuse(back)
    lines = [_sentence("restored and verified", back)]
    for name, there, here in (
        ("HILO_SITE", back.site, site.settings.site),
        ("HILO_TIMEZONE", back.timezone, site.settings.timezone),
    ):
        if there != here:
            lines.append(f"note: the backup was made with {name}={there}, now it is {here}")
    return Said(lines, {**_facts(back), "file": str(arguments.file)})


def _facts(manifest: Manifest) -> dict[str, Any]:
    """The manifest as data, its members counted."""
    facts = asdict(manifest)
    facts["members"] = len(manifest.members)
    return {"ok": True, **facts}


def _sentence(done: str, held: Manifest) -> str:
    rows = sum(held.tables.values())
    return (
        f"{done}: {held.entries} entries (root {held.root[:16]}…), {rows} rows in {len(held.tables)} tables, "
        f"{held.kept_files} kept files, made {held.made_at} on {held.engine}"
    )
