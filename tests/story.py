"""The worked example, told once for a run on SQLite and copied for each test that walks in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture
def story(story_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """The worked example on SQLite, this test's own copy."""
    folder = tmp_path / "data"
    shutil.copytree(story_folder, folder)
    site = open_site(settings_in(folder))
    yield site
    site.db.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The worked example on each of the two databases, for tests that only read it."""
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("story_folder")
        site = open_site(settings_in(folder))
    else:
        folder = tmp_path_factory.mktemp("story-pg")
        server: PostgreSQL = request.getfixturevalue("postgresql")
        fresh = open_site(settings_in(folder, *server.fresh()))
        assert load_once(fresh, quiet)
        fresh.db.close()
        site = open_site(fresh.settings)
    yield site
    site.db.close()
