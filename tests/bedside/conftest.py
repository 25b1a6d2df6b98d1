"""A ward with one, two or three patients on each database: made once by the real operations, then copied."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.config import Settings
from app.site import open_site
from tests.bedside.factories import Story, ready_for_infusion
from tests.bedside.tablets import app as app
from tests.bedside.tablets import tablet as tablet
from tests.bedside.tablets import time as time
from tests.databases import PostgreSQL, settings_in


class Wards:
    """Wards that were made before, by database and number of patients, to be copied for each test."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request = request
        self._folder = folder
        self.made = cache(self._make)

    def _settings(self, engine: str, folder: Path) -> Settings:
        folder.mkdir()
        if engine == "sqlite":
            template: Path = self._request.getfixturevalue("sqlite_file")
            shutil.copy(template, folder / "hilo.sqlite3")
            return settings_in(folder)
        server: PostgreSQL = self._request.getfixturevalue("postgresql")
        return settings_in(folder, *server.fresh())

    def _make(self, engine: str, cases: int) -> Story:
        site = open_site(self._settings(engine, self._folder / f"{engine}-{cases}"))
        story = ready_for_infusion(site, cases)
        site.db.close()
        return story

    def copy(self, engine: str, cases: int, folder: Path) -> Story:
        """A ward of its own for one test."""
        story = self.made(engine, cases)
        known = story.site.settings
        shutil.copytree(known.data, folder)
        if engine == "sqlite":
            return replace(story, site=open_site(settings_in(folder)))
        server: PostgreSQL = self._request.getfixturevalue("postgresql")
        made = make_url(known.database_owner).database
        return replace(story, site=open_site(settings_in(folder, *server.fresh(str(made)))))


@pytest.fixture(scope="session")
def wards(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wards:
    """All wards of this run."""
    return Wards(request, tmp_path_factory.mktemp("wards"))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


def _opened(wards: Wards, engine: str, cases: int, tmp_path: Path) -> Iterator[Story]:
    story = wards.copy(engine, cases, tmp_path / "ward")
    yield story
    story.site.db.close()


@pytest.fixture
def story(wards: Wards, engine: str, tmp_path: Path) -> Iterator[Story]:
    """One patient, one bag."""
    yield from _opened(wards, engine, 1, tmp_path)


@pytest.fixture
def two(wards: Wards, engine: str, tmp_path: Path) -> Iterator[Story]:
    """Two patients, each with a bag."""
    yield from _opened(wards, engine, 2, tmp_path)


@pytest.fixture
def three(wards: Wards, engine: str, tmp_path: Path) -> Iterator[Story]:
    """Three patients, each with a bag."""
    yield from _opened(wards, engine, 3, tmp_path)
