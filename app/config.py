"""Settings: read once from the environment, each of them documented in README and docs/settings.md."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.kernel.speech import LANGUAGES

VERSION = "0.1.0"

#: The rule sets for donors that ship with Hilo.
DONOR_RULES = ("eu-2006-17", "us-1271")


class BadSetting(ValueError):
    """A setting that cannot be used, with its name and what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything Hilo reads from its environment."""

    #: Where tables live: ``sqlite:///PATH`` or ``postgresql://…``.
    database: str
    #: PostgreSQL only: the owner of the tables, used by ``migrate`` alone.
    database_owner: str
    #: Folder of database, files and keys.
    data: Path
    #: ``production`` or ``development``.
    env: str
    #: IANA name of the site's time zone, for what people read.
    timezone: str
    #: Site name printed on papers.
    site: str
    #: Minutes without a touch before a page locks.
    idle_minutes: int
    #: Languages of labels and of bedside verdicts, the first one on top.
    languages: tuple[str, ...]
    #: Name of the rule set that judges donors: a file of app/donors/rulesets.
    donor_rules: str


#: Name of each environment variable, its default, and what it means. README and docs print this table.
VARIABLES: dict[str, tuple[str, str]] = {
    "HILO_DATA": ("instance", "folder for the database, uploaded files and keys"),
    "HILO_DATABASE": ("", "database URL; empty means SQLite in HILO_DATA/hilo.sqlite3"),
    "HILO_DATABASE_OWNER": (
        "",
        "PostgreSQL only: URL of the role that owns the tables, used by `migrate` and `restore` alone",
    ),
    "HILO_ENV": ("production", "production or development (development shows template errors)"),
    "HILO_TIMEZONE": (
        "UTC",
        "IANA name of the site's time zone, for what people read; storage is always UTC",
    ),
    "HILO_SITE": ("Hilo site", "the site's name, printed on papers and labels"),
    "HILO_IDLE_MINUTES": ("15", "minutes without a touch before a page asks for the password again"),
    "HILO_DONOR_RULES": (
        "eu-2006-17",
        "rule set that judges donors: eu-2006-17 (European Union) or us-1271 (United States)",
    ),
    "HILO_LANGUAGES": (
        "en",
        "languages of labels and bedside verdicts, en, es, or both such as es,en, the first that of papers;"
        " each person chooses the language of pages",
    ),
    "HILO_AS": ("", "who acts, for console commands that write, when --as is not given"),
    "HILO_PICTURES": (
        "",
        "tests only: a folder where the browser tests leave pictures of the pages they saw",
    ),
    "HILO_CHROMIUM": (
        "",
        "tests only: the Chromium to drive, when it is not where Debian or Playwright put it",
    ),
}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSetting naming the variable that cannot be used."""
    given = os.environ if environ is None else environ

    def of(name: str) -> str:
        return given.get(name) or VARIABLES[name][0]

    data = Path(of("HILO_DATA")).resolve()
    database = of("HILO_DATABASE") or f"sqlite:///{data / 'hilo.sqlite3'}"
    return Settings(
        database=_database(database),
        database_owner=of("HILO_DATABASE_OWNER") or database,
        data=data,
        env=_one_of("HILO_ENV", of("HILO_ENV"), ("production", "development")),
        timezone=_timezone(of("HILO_TIMEZONE")),
        site=of("HILO_SITE"),
        languages=_languages(of("HILO_LANGUAGES")),
        idle_minutes=_minutes("HILO_IDLE_MINUTES", of("HILO_IDLE_MINUTES")),
        donor_rules=_one_of("HILO_DONOR_RULES", of("HILO_DONOR_RULES"), DONOR_RULES),
    )


def _database(url: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        backend = "nothing readable"
    if backend not in ("sqlite", "postgresql"):
        raise BadSetting(f"HILO_DATABASE must start with sqlite:/// or postgresql://, it names {backend}")
    return url


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadSetting(f"{name} must be {' or '.join(allowed)}, not {value}")
    return value


def _languages(value: str) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in value.split(","))
    if not set(codes) <= set(LANGUAGES) or len(set(codes)) != len(codes):
        raise BadSetting(f"HILO_LANGUAGES must be {', '.join(LANGUAGES)}, or several of them, not {value}")
    return codes


def _timezone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise BadSetting(f"HILO_TIMEZONE must be a name such as Europe/Madrid, not {name}") from fault
    return name


def _minutes(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 720:
        raise BadSetting(f"{name} must be whole minutes from 1 to 720, not {value}")
    return int(value)
