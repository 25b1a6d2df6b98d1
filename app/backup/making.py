"""Make a backup while the site works: take one moment, verify it, write it, read it again, then name it."""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from app.backup.archive import Manifest, Torn, Writer, whole
from app.backup.events import MADE
from app.backup.models import Backup
from app.backup.rules import kept_file, torn, unsound
from app.backup.snapshot import Snapshot, row_counts, snapshot
from app.config import VERSION
from app.evidence.checkpoints import make_checkpoint, signed_line
from app.evidence.files import StoredFile, path_of
from app.evidence.ledger import Subject, record
from app.evidence.models import Occasion
from app.evidence.verify import Report, verify
from app.kernel.clock import stamp
from app.kernel.refusals import Refusal
from app.kernel.work import Actor
from app.migrate import newest
from app.site import EXAMPLE_MARK, Site

CHECKPOINTS = "checkpoints.txt"
#: Folders of the data folder that go whole into a backup.
FOLDERS = ("keys", "tls")


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that lies in its place: what it holds, and its digest."""

    manifest: Manifest
    size_bytes: int
    sha256: str


def make_backup(site: Site, actor: Actor, at: datetime, out: Path) -> Made | Refusal:
    """Write a verified backup to ``out`` and tell the ledger; refused ones leave no file and no row.

    The database must be at this program's revision.
    The server goes on meanwhile. A file of that name is replaced only by a whole new one.
    """
    with tempfile.TemporaryDirectory(prefix=".hilo-backup-", dir=out.parent) as work:
        made = _written(site, at, Path(work), out)
    if isinstance(made, Made):
        _told(site, actor, at, made)
    return made


def _written(site: Site, at: datetime, folder: Path, out: Path) -> Made | Refusal:
    partial = folder / "partial"
    # Read before the moment is taken: every line then speaks of entries that the moment holds.
    lines = _checkpoints(site)
    with snapshot(site, folder) as taken:
        report = verify(taken.db, lines)
        if not report.ok:
            first = report.problems[0]
            return unsound(len(report.problems), f"{first.table} {first.key}: {first.what}")
        written = _write(site, at, taken, report, lines, partial)
    if isinstance(written, Refusal):
        return written
    try:
        digest = whole(partial)
    except Torn as fault:
        return torn(str(fault))
    made = Made(written, partial.stat().st_size, digest)
    partial.replace(out)
    _durable(out.parent)
    return made


def _checkpoints(site: Site) -> list[str]:
    """The lines kept outside the database; one that is being written now is left for the next backup."""
    kept = site.settings.data / CHECKPOINTS
    text = kept.read_text("ascii", "replace") if kept.exists() else ""
    return [line for line in text[: text.rfind("\n") + 1].splitlines() if line.strip()]


def _write(
    site: Site, at: datetime, taken: Snapshot, report: Report, lines: list[str], partial: Path
) -> Manifest | Refusal:
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        writer = Writer(out)
        for name, path in taken.files():
            writer.add_file(name, path)
        faulty = _kept_files(taken.db, writer)
        if faulty is not None:
            return kept_file(faulty)
        _folder(site, lines, writer)
        manifest = _manifest(site, at, taken.db, report, writer)
        writer.finish(manifest)
        out.flush()
        os.fsync(out.fileno())
    return manifest


def _kept_files(db: Session, writer: Writer) -> str | None:
    """Every kept file that the snapshot names; the digest of one that is not as it was received."""
    for sha256 in db.exec(select(StoredFile.sha256).order_by(col(StoredFile.sha256))):
        path = path_of(db, sha256)
        if not path.is_file() or writer.add_file(f"files/{sha256[:2]}/{sha256}", path).sha256 != sha256:
            return sha256
    return None


def _folder(site: Site, lines: list[str], writer: Writer) -> None:
    """Keys, certificates, the mark of the worked example, and the checkpoints kept outside."""
    data = site.settings.data
    for name in FOLDERS:
        for path in sorted((data / name).glob("*")):
            writer.add_file(f"{name}/{path.name}", path)
    if site.is_example:
        writer.add_file(EXAMPLE_MARK, data / EXAMPLE_MARK)
    writer.add_bytes(CHECKPOINTS, "".join(line + "\n" for line in lines).encode("ascii"))


def _manifest(site: Site, at: datetime, db: Session, report: Report, writer: Writer) -> Manifest:
    return Manifest(
        made_at=stamp(at),
        version=VERSION,
        engine="SQLite" if site.db.is_sqlite else "PostgreSQL",
        revision=newest(),
        site=site.settings.site,
        timezone=site.settings.timezone,
        entries=report.entries,
        root=report.root,
        checkpoint=signed_line(site.vault, report.entries, report.root, at),
        kept_files=sum(name.startswith("files/") for name in writer.members),
        tables=row_counts(db),
        members=dict(writer.members),
    )


def _durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(site: Site, actor: Actor, at: datetime, made: Made) -> None:
    held = made.manifest
    with site.db.act(actor, at) as work:
        row = Backup(
            made_at=at,
            entries=held.entries,
            root=held.root,
            kept_files=held.kept_files,
            size_bytes=made.size_bytes,
            sha256=made.sha256,
            made_by_id=actor.person_id,
        )
        work.db.add(row)
        about = Subject("backup", made.sha256[:12])
        record(work, MADE, about, entries=held.entries, kept_files=held.kept_files, sha256=made.sha256)
        make_checkpoint(work, Occasion.BACKUP)
