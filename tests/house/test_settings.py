"""Every setting is read, documented and refused in words when it cannot be used."""

from pathlib import Path

import pytest

from app.config import VARIABLES, BadSetting, read_settings
from tests.shared import ROOT


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text("utf-8")


def test_every_variable_the_program_reads_is_a_setting() -> None:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    for path in sources:
        text = path.read_text("utf-8")
        for asked in ('environ.get("', 'environ["', 'getenv("'):
            for part in text.split(asked)[1:]:
                name = part.split('"')[0]
                assert not name.startswith("HILO_") or name in VARIABLES, f"{path}: {name}"


def test_defaults_put_everything_into_one_folder(tmp_path: Path) -> None:
    settings = read_settings({"HILO_DATA": str(tmp_path)})
    assert settings.database == f"sqlite:///{tmp_path / 'hilo.sqlite3'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HILO_DATABASE", "mysql://x"),
        ("HILO_DATABASE", "no url at all"),
        ("HILO_ENV", "staging"),
        ("HILO_TIMEZONE", "Mars/Olympus"),
        ("HILO_IDLE_MINUTES", "0"),
        ("HILO_IDLE_MINUTES", "ten"),
        ("HILO_DONOR_RULES", "mars-1"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value})
