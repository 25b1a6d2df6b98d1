"""Where the third-party test data lies; it is never copied into the project."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


def shared(name: str) -> Path:
    """The file or folder ``name`` of the shared test data; skips the test where it is missing."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared test data not here: {name} (see README, section Tests)")
    return path
