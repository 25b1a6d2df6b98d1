"""Files of others that we serve ourselves."""

from pathlib import Path

import pytest

from app.web.vendor import FILES, copy, missing


def modules(folder: Path) -> Path:
    """A node_modules with every file that is wanted."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_all_files_come_to_where_they_are_served_from(tmp_path: Path) -> None:
    copied = copy(modules(tmp_path / "modules"), tmp_path / "served")
    assert {path.relative_to(tmp_path / "served").as_posix() for path in copied} == set(FILES.values())
    assert all(path.read_bytes() == b"x" for path in copied)


def test_a_missing_file_is_named_and_nothing_is_copied(tmp_path: Path) -> None:
    source = modules(tmp_path / "modules")
    (source / "htmx.org/dist/htmx.min.js").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"htmx\.min\.js.*npm ci"):
        copy(source, tmp_path / "served")
    assert not (tmp_path / "served").exists()


def test_the_installed_packages_hold_every_file() -> None:
    assert missing() == []
