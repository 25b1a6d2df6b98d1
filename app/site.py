"""One site: its database, its keys and its files, joined once for pages, console and tests alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import tables
from app.config import Settings
from app.consequences import CONSEQUENCES, GATES
from app.evidence.checkpoints import keep_outside
from app.evidence.ledger import run_consequences
from app.evidence.vault import Vault
from app.kernel.db import Database
from app.kernel.work import Work

if TYPE_CHECKING:
    from app.paper.chapters import Composer

#: File in the data folder that marks the worked example.
EXAMPLE_MARK = "example"


@dataclass(frozen=True, slots=True)
class Site:
    """Everything an act or a page needs."""

    settings: Settings
    db: Database
    vault: Vault

    @property
    def papers(self) -> "Mapping[str, Composer]":
        """What makes each kind of paper, by its kind; loaded when the first paper is asked for."""
        from app.papers import PAPERS

        return PAPERS

    @property
    def is_example(self) -> bool:
        """Whether this site holds the worked example: every page and paper says so."""
        return (self.settings.data / EXAMPLE_MARK).exists()


def open_site(settings: Settings) -> Site:
    """Open the site's database and keys; nothing is created in the database."""
    tables.load()
    data = settings.data
    data.mkdir(parents=True, exist_ok=True)
    vault = Vault(data / "keys")
    db = Database(settings.database, data / "writer.lock")
    db.info.update(
        vault=vault,
        gates=GATES,
        files=data / "files",
        zone=settings.timezone,
        site_name=settings.site,
        languages=settings.languages,
        donor_rules=settings.donor_rules,
        note="SYNTHETIC DATA" if (data / EXAMPLE_MARK).exists() else "",
    )
    db.before_commit.append(partial(run_consequences, CONSEQUENCES))
    db.after_commit.append(partial(_keep_checkpoints, data))
    return Site(settings, db, vault)


def _keep_checkpoints(data: Path, work: Work) -> None:
    keep_outside(data, work.db)
