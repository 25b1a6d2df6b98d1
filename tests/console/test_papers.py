"""Papers at the console: a revision is made once, given again to its last byte, and refused in one line."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from app.evidence.verify import verify
from app.site import open_site
from tests.console.test_commands import complaint, run
from tests.databases import settings_in


@pytest.fixture
def example(story_folder: Path, tmp_path: Path) -> Path:
    """A folder whose ``data`` holds the worked example."""
    shutil.copytree(story_folder, tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize(("command", "lot"), [("certificate", "MSC-25-002"), ("record", "MSC-25-003")])
def test_a_paper_is_issued_once_and_again_only_with_a_reason(example: Path, command: str, lot: str) -> None:
    out = example / "F.pdf"
    asked = (command, lot, "--out", str(out), "--as", "quinn", "--json")
    first = json.loads(run(example, *asked).stdout)
    made = out.read_bytes()
    assert first["revision"] == 1 and first["new"] is True and made.startswith(b"%PDF-")
    again = json.loads(run(example, *asked).stdout)
    assert again == first | {"new": False} and out.read_bytes() == made
    assert hashlib.sha256(made).hexdigest() == first["sha256"]
    third = json.loads(run(example, *asked, "--reason", "the print was lost").stdout)
    assert third["revision"] == 2 and third["new"] is True
    site = open_site(settings_in(example / "data"))
    with site.db.reading() as db:
        assert verify(db).ok
    site.db.close()


def test_what_cannot_be_certified_is_refused_in_one_line(example: Path) -> None:
    for lot, words in (("MSC-99-999", "There is no lot"), ("MSC-25-001", "is a folder")):
        out = example / "F.pdf" if lot == "MSC-99-999" else example
        done = run(example, "certificate", lot, "--out", str(out), "--as", "quinn")
        assert done.returncode == 1 and words in complaint(done)
    assert run(example, "certificate", "MSC-25-001", "--out", str(example / "F.pdf")).returncode == 2
    assert not (example / "F.pdf").exists()
