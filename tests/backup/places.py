"""Sites worth a backup, empty places to restore into, and archives that somebody worked over."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.access.models import Role
from app.backup.archive import Manifest, Writer, manifest_of, unpack
from app.backup.making import Made, make_backup
from app.config import Settings
from app.evidence.checkpoints import make_checkpoint
from app.evidence.files import keep
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Occasion
from app.kernel import clock
from app.kernel.tables import metadata
from app.kernel.work import SYSTEM
from app.site import Site, open_site
from tests.databases import PostgreSQL, settings_in
from tests.donors.factories import eligible_donor
from tests.factories import AT, person
from tests.lots.factories import sure

KEPT = EventKind("tests.kept", "a file was kept for a test")


def fill(site: Site) -> None:
    """A donor with an identity, a person, a kept file and a checkpoint: something of everything."""
    eligible_donor(site)
    person(site, Role.NURSE)
    with site.db.act(SYSTEM, AT) as work:
        keep(work, b"what the laboratory sent\n" * 40, "results.csv")
        record(work, KEPT, Subject("file", "1"))
        make_checkpoint(work, Occasion.RELEASE)


def backed_up(site: Site, file: Path) -> Made:
    """A backup that must succeed."""
    return sure(make_backup(site, SYSTEM, clock.now(), file))


def empty_place(request: pytest.FixtureRequest, site: Site, folder: Path) -> Settings:
    """Where nothing is yet, on the same kind of database as the site's."""
    if site.db.is_sqlite:
        return settings_in(folder)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return settings_in(folder, *server.fresh("template1"))


def contents(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the plumbing, and of the ledger what the backup saw."""
    with site.db.reading() as db:
        return {
            table.name: [
                tuple(row) for row in db.connection().execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if not table.name.startswith("sys_")
        }


def rows_in(settings: Settings) -> int:
    """How many entries a place holds; 0 for a place without tables or files."""
    site = open_site(settings)
    try:
        with site.db.reading() as db:
            table = metadata.tables["ledger_entry"]
            return int(db.connection().execute(select(func.count()).select_from(table)).scalar_one())
    finally:
        site.db.close()


def repacked(
    file: Path,
    folder: Path,
    change: Callable[[Path], None],
    say: Callable[[Manifest], Manifest] | None = None,
) -> Path:
    """The backup taken apart, changed, and sealed again by somebody who knows its form."""
    folder.mkdir()
    manifest = manifest_of(file)
    unpack(file, manifest, folder / "inside")
    change(folder / "inside")
    out = folder / "forged.tar"
    with out.open("wb") as target:
        writer = Writer(target)
        for name in manifest.members:
            writer.add_file(name, folder / "inside" / name)
        forged = replace(manifest, members=dict(writer.members))
        writer.finish(say(forged) if say else forged)
    shutil.rmtree(folder / "inside")
    return out
