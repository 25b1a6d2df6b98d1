"""The worked example, told once for a run on SQLite and copied for each test that walks in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.example.story import load_once
from app.site import Site, open_site
from tests.databases import PostgreSQL, settings_in


def quiet(_words: str) -> None:
    """Say nothing while the story is told."""


@pytest.fixture(scope="session")
def story_folder(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the worked example."""
    folder = tmp_path_factory.mktemp("story")
    shutil.copy(sqlite_file, folder / "hilo.sqlite3")
    site = open_site(settings_in(folder))
    assert load_once(site, quiet)
    site.db.close()
    return folder


#: Makes a site of its own with the worked example in the folder named.
StoryCopy = Callable[[Path], Site]


@pytest.fixture(scope="session")
def story_on_sqlite(story_folder: Path) -> StoryCopy:
    """The worked example on SQLite, a copy for each who asks."""

    def copied(folder: Path) -> Site:
        shutil.copytree(story_folder, folder)
        return open_site(settings_in(folder))

    return copied


@pytest.fixture(scope="session")
def story_on_postgresql(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> StoryCopy:
    """The worked example on PostgreSQL: told once, then a copy of that database for each who asks."""
    first = tmp_path_factory.mktemp("story-pg")
    site = open_site(settings_in(first, *postgresql.fresh()))
    assert load_once(site, quiet)
    site.db.close()
    told_in = make_url(site.settings.database_owner).database or ""

    def copied(folder: Path) -> Site:
        shutil.copytree(first, folder)
        return open_site(settings_in(folder, *postgresql.fresh(told_in)))

    return copied


@pytest.fixture
def story(story_on_sqlite: StoryCopy, tmp_path: Path) -> Iterator[Site]:
    """The worked example on SQLite, this test's own copy."""
    site = story_on_sqlite(tmp_path / "data")
    yield site
    site.db.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The worked example on each of the two databases, for tests that only read it."""
    copy: StoryCopy = request.getfixturevalue(f"story_on_{request.param}")
    site = copy(tmp_path_factory.mktemp("told") / "data")
    yield site
    site.db.close()
