"""Put a backup back into an empty place: unpack beside, compare everything, and only then move it in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.engine import make_url
from sqlmodel import Session

from app.access.models import SysSession
from app.backup.archive import Manifest, Torn, manifest_of, unpack, whole
from app.backup.events import RESTORED
from app.backup.making import CHECKPOINTS, FOLDERS
from app.backup.rules import not_empty, not_equal, other_database, other_revision, torn
from app.backup.snapshot import DATABASE, columns, row_counts
from app.config import Settings
from app.evidence.checkpoints import read_line
from app.evidence.files import StoredFile, path_of
from app.evidence.ledger import Subject, record
from app.evidence.triggers import missing_guards
from app.evidence.vault import Vault
from app.evidence.verify import verify
from app.kernel.engine import open_engine
from app.kernel.refusals import Refusal, first
from app.kernel.tables import metadata
from app.kernel.work import SYSTEM
from app.migrate import current, newest, upgrade_schema
from app.site import EXAMPLE_MARK, open_site

#: Where a backup is unpacked, inside the data folder; it marks a restore that has not ended.
STAGE = "restoring"
#: What a restore puts into the data folder.
PIECES = (*FOLDERS, "files", CHECKPOINTS, EXAMPLE_MARK)


def restore(settings: Settings, file: Path, at: datetime) -> Manifest | Refusal:
    """Bring the backup back where the settings point, which must be empty; or leave that place as it was.

    The copy is declared good only when its tables, keys and files are those of the manifest and its ledger
    verifies to the same root. Raises OSError when the file cannot be read or the place not written.
    """
    try:
        whole(file)
        manifest = manifest_of(file)
        refusal = _may_restore(settings, manifest)
        if refusal is None:
            refusal = _staged(settings, file, manifest)
    except Torn as fault:
        return torn(str(fault))
    if refusal is not None:
        return refusal
    _told(settings, manifest, at)
    return manifest


def _may_restore(settings: Settings, manifest: Manifest) -> Refusal | None:
    ours = "SQLite" if _is_sqlite(settings) else "PostgreSQL"
    return first(
        other_database(manifest.engine, ours),
        other_revision(manifest.revision, newest(), manifest.version),
        _occupied(settings),
    )


def _is_sqlite(settings: Settings) -> bool:
    return make_url(settings.database).get_backend_name() == "sqlite"


def _database_file(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")


def _occupied(settings: Settings) -> Refusal | None:
    """Is anything here already? What an interrupted restore left behind does not count."""
    if _is_sqlite(settings):
        if _database_file(settings).exists():
            return not_empty(_database_file(settings).name)
    elif filled := _filled_tables(settings):
        return not_empty(f"rows in the table {filled}")
    if (settings.data / STAGE).exists():
        return None
    there = [name for name in PIECES if (settings.data / name).exists()]
    return not_empty(", ".join(there)) if there else None


def _filled_tables(settings: Settings) -> str:
    """The first table that holds a row; empty when none does."""
    engine = open_engine(settings.database_owner, writable=False)
    try:
        if current(engine) is None:
            return ""
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                if connection.execute(select(*table.primary_key.columns).limit(1)).first() is not None:
                    return str(table.name)
    finally:
        engine.dispose()
    return ""


def _staged(settings: Settings, file: Path, manifest: Manifest) -> Refusal | None:
    """Unpack, fill the database, compare, move in; on any fault everything is taken away again."""
    stage = settings.data / STAGE
    _sweep(settings)
    stage.mkdir(parents=True, mode=0o700)
    done = False
    try:
        unpack(file, manifest, stage)
        put = _put_sqlite if _is_sqlite(settings) else _put_postgresql
        refusal = put(settings, stage, manifest)
        done = refusal is None
        return refusal
    finally:
        if done:
            shutil.rmtree(stage)
        else:
            _sweep(settings)


def _sweep(settings: Settings) -> None:
    """Take away what a restore that did not end has left; only ever where its mark lies."""
    stage = settings.data / STAGE
    if not stage.exists():
        return
    for name in PIECES:
        _remove(settings.data / name)
    _remove(stage)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _move_in(settings: Settings, stage: Path) -> None:
    for name in PIECES:
        if (stage / name).exists():
            (stage / name).rename(settings.data / name)


def _put_sqlite(settings: Settings, stage: Path, manifest: Manifest) -> Refusal | None:
    staged = open_site(replace(settings, data=stage, database=f"sqlite:///{stage / DATABASE}"))
    try:
        with staged.db.reading() as db:
            refusal = _compared(db, stage, manifest)
    finally:
        staged.db.close()
    if refusal is None:
        _move_in(settings, stage)
        target = _database_file(settings)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(stage / DATABASE, target)
    return refusal


def _put_postgresql(settings: Settings, stage: Path, manifest: Manifest) -> Refusal | None:
    owner = open_engine(settings.database_owner, writable=True)
    try:
        role = make_url(settings.database).username if settings.database_owner != settings.database else None
        upgrade_schema(owner, role)
        with _filled(owner, stage) as connection, Session(connection) as db:
            db.info.update(vault=Vault(stage / "keys"), files=stage / "files")
            refusal = _compared(db, stage, manifest)
            if refusal is None:
                _move_in(settings, stage)
                connection.commit()
    finally:
        owner.dispose()
    return refusal


@contextmanager
def _filled(owner: Engine, stage: Path) -> Iterator[Connection]:
    """One transaction in which every table holds what the backup held; it is the caller's to commit."""
    with owner.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for table in metadata.sorted_tables:
            statement = f"COPY {table.name} ({columns(table)}) FROM STDIN"
            source = stage / "tables" / f"{table.name}.copy"
            with source.open("rb") as lines, driver.cursor() as cursor, cursor.copy(statement) as copy:
                while data := lines.read(1 << 20):
                    copy.write(data)
            if "id" in table.columns and table.columns["id"].autoincrement is not False:
                connection.exec_driver_sql(
                    f"SELECT setval(s, (SELECT max(id) FROM {table.name})) FROM "  # noqa: S608  our own tables
                    f"pg_get_serial_sequence('{table.name}', 'id') AS s WHERE s IS NOT NULL "
                    f"AND EXISTS (SELECT 1 FROM {table.name})"
                )
        yield connection


def _compared(db: Session, stage: Path, manifest: Manifest) -> Refusal | None:
    """Everything the manifest promises, looked up in the copy itself."""
    found = [*_differences(db, manifest), *_faulty_files(db)]
    lines = (stage / CHECKPOINTS).read_text("ascii").splitlines()
    report = verify(db, lines)
    found += [f"{problem.table} {problem.key}: {problem.what}" for problem in report.problems]
    if (report.entries, report.root) != (manifest.entries, manifest.root):
        found.append(f"the ledger has {report.entries} entries of {manifest.entries}, or another root")
    if read_line(manifest.checkpoint) != (manifest.entries, manifest.root):
        found.append("the manifest's checkpoint is of another ledger")
    if manifest.checkpoint.split()[3] != db.info["vault"].public_key.hex():
        found.append("the keys are not those of the backup")
    return not_equal(len(found), found[0]) if found else None


def _differences(db: Session, manifest: Manifest) -> list[str]:
    counts = row_counts(db)
    told = [
        f"{name} has {counts.get(name)} rows of {manifest.tables.get(name)}"
        for name in sorted({*counts, *manifest.tables})
        if counts.get(name) != manifest.tables.get(name)
    ]
    return told + [f"the guard {name} is missing" for name in missing_guards(db.connection())]


def _faulty_files(db: Session) -> list[str]:
    """Kept files that a row names and that did not come along; their bytes were compared on unpacking."""
    named = db.execute(select(StoredFile.sha256)).scalars()  # type: ignore[call-overload]  # a column
    return [f"the kept file {sha256[:12]}…" for sha256 in named if not path_of(db, sha256).is_file()]


def _told(settings: Settings, manifest: Manifest, at: datetime) -> None:
    """Everybody signs in anew, and the ledger says that its history was brought back here."""
    site = open_site(settings)
    try:
        with site.db.act(SYSTEM, at) as work:
            work.db.connection().execute(update(SysSession).where(_open()).values(ended_at=at))
            about = Subject("backup", manifest.root[:12])
            record(
                work,
                RESTORED,
                about,
                entries=manifest.entries,
                made_at=manifest.made_at,
                root=manifest.root,
            )
    finally:
        site.db.close()


def _open() -> Any:
    return SysSession.ended_at.is_(None)  # type: ignore[union-attr]  # a column
