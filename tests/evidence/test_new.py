"""Verifying what is new since a checkpoint: what it finds, and what it does not promise to look at."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import Session

from app.access.models import Role
from app.evidence.checkpoints import signed_line
from app.evidence.verify import Report, verify, verify_new
from app.kernel.engine import open_engine
from app.site import Site
from tests.evidence.tampering import hired, unguarded
from tests.factories import AT, person

#: What `story` leaves: ana and her checkpoint's entry, bea and hers, and cleo after the last checkpoint.
OLD, NEW = 3, 2


@pytest.fixture
def story(site: Site) -> list[str]:
    """Two people and their checkpoints, then a third; the lines that were kept outside."""
    outside = hired(site, "ana", "bea")
    person(site, Role.NURSE, "cleo")
    return outside


@contextmanager
def tampered(site: Site, *statements: str) -> Iterator[Session]:
    """A session in which these statements were run behind Hilo's back."""
    engine = open_engine(site.settings.database_owner, writable=True)
    with unguarded(engine) as connection:
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount == 1, statement
        db = Session(connection, autoflush=False)
        db.info.update(site.db.info)
        yield db
    engine.dispose()


def blamed(report: Report) -> set[tuple[str, str]]:
    return {(problem.table, problem.key) for problem in report.problems}


@pytest.mark.usefixtures("story")
def test_only_the_entries_after_the_last_checkpoint_and_their_rows_are_looked_at(site: Site) -> None:
    with site.db.reading() as db:
        whole, new = verify(db), verify_new(db)
    assert whole.ok and new.ok, new.problems
    assert (new.since, new.new, new.rows) == (OLD, NEW, 2)  # bea's checkpoint, and cleo
    assert (new.entries, new.root) == (whole.entries, whole.root)
    assert whole.since is None and whole.rows == 5


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("statement", "table", "key"),
    [
        ("UPDATE ledger_entry SET actor = 'eve' WHERE seq = 5", "ledger_entry", "5"),
        ("UPDATE ledger_entry SET leaf = body WHERE seq = 4", "ledger_entry", "4"),
        ("UPDATE ledger_entry SET body = leaf WHERE seq = 5", "ledger_entry", "5"),
        ("DELETE FROM ledger_entry WHERE seq = 5", "ledger_row", "5:0"),
        ("DELETE FROM ledger_row WHERE seq = 5", "ledger_row", "5"),
        ("UPDATE ledger_row SET digest = of_key WHERE seq = 5", "ledger_row", "5"),
        ("UPDATE ledger_head SET size = 6", "ledger_head", "1"),
        ("UPDATE person SET role = 'qp' WHERE sign_in = 'cleo'", "person", "3"),
        ("DELETE FROM person WHERE sign_in = 'cleo'", "person", "3"),
        ("UPDATE ledger_checkpoint SET occasion = 'paper' WHERE size = 3", "ledger_checkpoint", "2"),
    ],
)
def test_a_changed_new_entry_or_row_is_found(site: Site, statement: str, table: str, key: str) -> None:
    with tampered(site, statement) as db:
        assert (table, key) in blamed(verify_new(db))


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE person SET role = 'qp' WHERE sign_in = 'ana'",
        "UPDATE ledger_entry SET actor = 'eve' WHERE seq = 1",
    ],
)
def test_a_change_of_what_is_old_is_left_to_the_whole_verification(site: Site, statement: str) -> None:
    with tampered(site, statement) as db:
        assert verify_new(db).ok
        assert not verify(db).ok


@pytest.mark.usefixtures("story")
def test_a_checkpoint_that_is_not_good_is_named_and_no_beginning(site: Site) -> None:
    forged = "UPDATE ledger_checkpoint SET root = replace(root, substr(root, 1, 1), 'x') WHERE size = 3"
    with tampered(site, forged) as db:
        report = verify_new(db)
    assert report.since == 1
    assert ("ledger_checkpoint", "2") in blamed(report)


@pytest.mark.parametrize("size", [1, 3])
def test_a_frontier_under_another_root_is_named_and_the_kept_hashes_take_its_place(
    site: Site, story: list[str], size: int
) -> None:
    line = [one for one in story if one.startswith(f"{size} ")]
    other = "UPDATE ledger_checkpoint SET frontier = (SELECT leaf FROM ledger_entry WHERE seq = 2)"
    with tampered(site, f"{other} WHERE size = {size}") as db:
        report = verify_new(db, line)
    assert report.since == size
    assert "its frontier has another root" in {problem.what for problem in report.problems}


@pytest.mark.usefixtures("story")
def test_a_checkpoint_without_a_frontier_begins_at_the_kept_hashes(site: Site) -> None:
    gone = "UPDATE ledger_checkpoint SET frontier = NULL WHERE size = 3"
    with tampered(site, gone) as db:
        assert verify_new(db).since == OLD
    with tampered(site, gone, "UPDATE ledger_entry SET leaf = body WHERE seq = 2") as db:
        assert verify_new(db).since == 1


def test_without_a_checkpoint_every_entry_is_new(site: Site) -> None:
    person(site, Role.NURSE, "ana")
    with site.db.reading() as db:
        report = verify_new(db)
    assert report.ok and (report.since, report.new, report.rows) == (0, 1, 1)


def test_a_file_from_outside_says_where_to_begin(site: Site, story: list[str]) -> None:
    with site.db.reading() as db:
        report = verify_new(db, story[:1])
    assert report.ok and (report.since, report.new) == (1, 4)


@pytest.mark.usefixtures("story")
def test_a_line_of_a_backup_that_is_in_no_table_is_a_beginning_too(site: Site) -> None:
    with site.db.reading() as db:
        root = verify(db).root
        line = signed_line(site.vault, 5, root, AT)
        assert (verify_new(db, [line]).since, verify_new(db, [line]).ok) == (5, True)


def test_a_cut_log_is_found_by_a_line_from_outside(site: Site, story: list[str]) -> None:
    with site.db.reading() as db:
        line = signed_line(site.vault, 9, "0" * 64, AT)
        report = verify_new(db, [*story, line])
    assert report.since == OLD
    assert [problem.what for problem in report.problems] == ["the log was cut: a checkpoint covers 9 entries"]


@pytest.mark.usefixtures("story")
def test_a_log_written_anew_is_found_by_a_line_from_outside_and_looked_at_whole(site: Site) -> None:
    with site.db.reading() as db:
        report = verify_new(db, [signed_line(site.vault, 3, "0" * 64, AT)])
    assert report.since == 0
    assert [problem.what for problem in report.problems] == ["the log was written anew: another root"]
