"""Every column of every audited table: changed behind Hilo's back, and found, naming the table."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Table
from sqlalchemy.engine import Engine

from app.evidence.checkpoints import line, make_checkpoint
from app.evidence.models import LedgerEntry, LedgerRow, Occasion
from app.evidence.verify import verify
from app.kernel.engine import open_engine
from app.kernel.work import SYSTEM
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.site import Site, open_site
from tests.databases import settings_in
from tests.evidence.tampering import Watch, audited, changed, edit, row_of, unguarded
from tests.evidence.test_ledger import AT, hire, person
from tests.factories import PRESENT
from tests.lots.factories import sure

#: Tables that neither the worked example nor this test fills; each must be named here to be left out.
EMPTY: frozenset[str] = frozenset()


@dataclass
class Cell:
    """One column of one row, and what is wrong with it after an edit."""

    table: Table
    column: Column[object]


@pytest.fixture(scope="module")
def full(told: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Engine]]:
    """The worked example with a paper issued and a hold placed, and an engine of the tables' owner."""
    site = told
    if told.db.is_sqlite:
        folder = tmp_path_factory.mktemp("tamper") / "data"
        shutil.copytree(told.settings.data, folder)
        site = open_site(settings_in(folder))
    fill(site)
    engine = open_engine(site.settings.database_owner, writable=True)
    yield site, engine
    engine.dispose()


def fill(site: Site) -> None:
    """What the worked example leaves empty."""
    from app.concerns.models import SubjectKind
    from app.concerns.operations import place_hold

    with site.db.reading() as db:
        known = verify(db)
    assert known.ok
    with site.db.act(SYSTEM, AT) as work:
        sure(place_hold(work, SubjectKind.LOT, "MSC-25-001", "For the test of tampering"))
    sure(issue_paper(site, SYSTEM, AT, PaperKind.BATCH_RECORD, "MSC-25-001"))
