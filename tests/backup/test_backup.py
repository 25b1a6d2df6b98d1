"""A backup holds everything, is made while others write, and comes back elsewhere to the last entry."""

import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.access.models import Person, Role
from app.access.sessions import begin
from app.backup.archive import manifest_of, whole
from app.backup.making import make_backup
from app.backup.restoring import restore
from app.backup.rules import Why
from app.evidence.files import StoredFile, path_of
from app.evidence.models import LedgerEntry
from app.evidence.triggers import self_test
from app.evidence.verify import verify
from app.kernel import clock
from app.kernel.engine import open_engine
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.site import Site, open_site
from tests.backup.places import backed_up, contents, empty_place, fill
from tests.evidence.tampering import unguarded
from tests.factories import person
from tests.lots.factories import sure

WRITERS = 4


def test_a_backup_elsewhere_is_the_same_to_the_last_row_key_and_file(
    site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    fill(site)
    before = contents(site)
    made = backed_up(site, tmp_path / "b.tar")
    place = empty_place(request, site, tmp_path / "elsewhere")
    assert sure(restore(place, tmp_path / "b.tar", clock.now())) == made.manifest
    back = open_site(place)
    after = contents(back)
    for table, rows in before.items():
        if table not in ("ledger_head",):
            assert after[table][: len(rows)] == rows, table
    assert len(after["ledger_entry"]) == len(before["ledger_entry"]) + 1
    for name in ("ledger.key", "identity.key", "session.key"):
        key = site.settings.data / "keys" / name
        assert not key.exists() or (place.data / "keys" / name).read_bytes() == key.read_bytes()
    with back.db.reading() as db:
        lines = (site.settings.data / "checkpoints.txt").read_text().splitlines()
        assert verify(db, lines[:1]).ok
        sha256 = db.exec(select(StoredFile.sha256)).one()
        assert path_of(db, sha256).read_bytes().startswith(b"what the laboratory sent")
    with back.db.writing() as db:
        self_test(db.connection())
    back.db.close()


def test_a_restored_site_goes_on_working_and_stays_sound(
    site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    fill(site)
    nurse = person(site, Role.NURSE, "nora")
    with site.db.writing() as db:
        begin(db, nurse.id or 0, clock.now())
    backed_up(site, tmp_path / "b.tar")
    place = empty_place(request, site, tmp_path / "elsewhere")
    sure(restore(place, tmp_path / "b.tar", clock.now()))
    back = open_site(place)
    added = person(back, Role.PHYSICIAN, "new")
    with back.db.reading() as db:
        assert verify(db).ok and added.id == (nurse.id or 0) + 1
        open_sessions = "SELECT count(*) FROM sys_session WHERE ended_at IS NULL"
        assert db.connection().execute(text(open_sessions)).scalar_one() == 0
        assert db.connection().execute(text("SELECT count(*) FROM sys_session")).scalar_one() == 1
    back.db.close()


def test_a_backup_is_made_while_others_write_and_loses_nothing_that_was_acknowledged(
    site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    fill(site)
    stop, acknowledged = threading.Event(), [0] * WRITERS
    warm = [threading.Event() for _ in range(WRITERS)]
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            while not stop.is_set():
                person(site, Role.NURSE, f"w{number}-{acknowledged[number]}")
                acknowledged[number] += 1
                warm[number].set()
        except BaseException as fault:
            faults.append(fault)
            warm[number].set()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for event in warm:
        event.wait(30)
    sure_of = list(acknowledged)
    made = backed_up(site, tmp_path / "b.tar")
    meanwhile = sum(acknowledged) - sum(sure_of)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults and meanwhile > 0
    place = empty_place(request, site, tmp_path / "elsewhere")
    sure(restore(place, tmp_path / "b.tar", clock.now()))
    back = open_site(place)
    with back.db.reading() as db:
        people = set(db.exec(select(Person.sign_in)))
        report = verify(db)
    assert {f"w{n}-{k}" for n in range(WRITERS) for k in range(sure_of[n])} <= people
    assert report.ok and report.entries == made.manifest.entries + 1
    with site.db.reading() as db:
        assert verify(db).ok
    back.db.close()


def test_the_backup_is_told_with_a_checkpoint_and_its_manifest_counts_everything(
    site: Site, tmp_path: Path
) -> None:
    fill(site)
    made = backed_up(site, tmp_path / "b.tar")
    rows = contents(site)
    assert rows["backup"] and made.sha256 == whole(tmp_path / "b.tar")
    held = manifest_of(tmp_path / "b.tar")
    assert held.tables["person"] == len(rows["person"]) and held.tables["backup"] == 0
    assert held.kept_files == 1 and "keys/ledger.key" in held.members
    with site.db.reading() as db:
        body = json.loads(db.get_one(LedgerEntry, held.entries + 1).body)
    assert body["kind"] == "backup.made" and body["facts"]["sha256"] == made.sha256
    assert "SHA-256" in body["sentence"]
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0


def test_a_record_that_no_longer_agrees_with_its_ledger_is_not_backed_up(site: Site, tmp_path: Path) -> None:
    fill(site)
    (tmp_path / "b.tar").write_text("the older one")
    engine = open_engine(site.settings.database_owner, writable=True)
    with unguarded(engine) as connection:
        connection.exec_driver_sql("UPDATE person SET name = 'Somebody Else' WHERE sign_in = 'nurse'")
        connection.commit()
    engine.dispose()
    answer = make_backup(site, SYSTEM, clock.now(), tmp_path / "b.tar")
    assert isinstance(answer, Refusal) and answer.reason is Why.UNSOUND and "person" in answer.sentence
    assert (tmp_path / "b.tar").read_text() == "the older one"
    assert contents(site)["backup"] == [] and [p.name for p in tmp_path.glob(".hilo-backup-*")] == []


def test_a_ledger_that_was_cut_behind_its_checkpoints_is_not_backed_up(site: Site, tmp_path: Path) -> None:
    fill(site)
    kept = site.settings.data / "checkpoints.txt"
    kept.write_text(kept.read_text() + "99 cut off\n")
    answer = make_backup(site, SYSTEM, clock.now(), tmp_path / "b.tar")
    assert isinstance(answer, Refusal) and answer.reason is Why.UNSOUND


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_a_kept_file_that_is_not_what_was_received_is_not_backed_up(
    site: Site, tmp_path: Path, fault: str
) -> None:
    fill(site)
    (kept,) = [path for path in (site.settings.data / "files").glob("*/*") if path.is_file()]
    if fault == "missing":
        kept.unlink()
    else:
        kept.write_bytes(kept.read_bytes()[:-1] + b"!")
    answer = make_backup(site, SYSTEM, clock.now(), tmp_path / "b.tar")
    assert isinstance(answer, Refusal) and answer.reason is Why.KEPT_FILE
    assert not (tmp_path / "b.tar").exists()
