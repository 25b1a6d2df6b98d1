"""Every column of every audited table: changed behind Hilo's back, and found, naming the table."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Table, delete, select, update
from sqlmodel import Session, col

from app.access.models import Person
from app.antibodies.models import BeadRun
from app.antibodies.withdrawing import withdraw_run
from app.backup.making import make_backup
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody.operations import issue_unit, return_unit
from app.custody.returns import accept_return
from app.donors.forms import WithdrawalForm
from app.donors.models import Verdict, Withdrawn
from app.donors.operations import withdraw_consent
from app.donors.urgent import document_need
from app.evidence.models import LedgerCheckpoint, LedgerEntry, LedgerHead, LedgerRow
from app.evidence.tree import Frontier
from app.evidence.verify import verify
from app.example.people import QUINN, TESS, actor, signing
from app.home.operations import mark_read
from app.kernel.engine import open_engine
from app.kernel.work import SYSTEM
from app.lots.models import Unit, UnitState
from app.lots.operations import move_unit
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.site import Site, open_site
from tests.databases import PostgreSQL, settings_in
from tests.donors.cases import US
from tests.donors.factories import decide, decider, donor_of, screened_donor
from tests.evidence.tampering import Watch, audited, changed, edit, hired, row_of, unguarded
from tests.factories import AT, act, proof
from tests.lots.factories import sure
from tests.story import StoryCopy


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The worked example with a paper issued and a hold placed: no audited table is empty."""
    folder = tmp_path_factory.mktemp("tamper") / "data"
    copy: StoryCopy = request.getfixturevalue(f"story_on_{request.param}")
    site = copy(folder)
    return_to_stock(site)
    need_a_donor(site)
    withdrawal = WithdrawalForm(
        scope=Withdrawn.RESEARCH, withdrawn_on=date(2026, 2, 27), reason="the donor wishes so"
    )
    with site.db.act(SYSTEM, datetime(2026, 2, 27, 9, tzinfo=UTC)) as work:
        sure(place_hold(work, SubjectKind.LOT, "MSC-25-001", "For the test of tampering"))
        sure(withdraw_consent(work, "D-0006", withdrawal))
    sure(issue_paper(site, SYSTEM, AT, PaperKind.BATCH_RECORD, "MSC-25-001"))
    with site.db.reading() as db:
        quinn = actor(db, QUINN)
    with site.db.act(quinn, AT) as work:
        sure(mark_read(work, "backup:never", lambda _permission: True))
    signed = signing(site, QUINN)
    with site.db.act(quinn, AT) as work:
        run = work.db.scalars(select(col(BeadRun.id)).order_by(col(BeadRun.id).desc())).first()
        sure(withdraw_run(work, "SER-LN-03-4", run or 0, "The file of another patient", signed))
    sure(make_backup(site, SYSTEM, AT, folder / "backup.tar"))
    yield site
    site.db.close()


def return_to_stock(site: Site) -> None:
    """A bag goes out, comes back cold within half an hour, and quality takes it back."""
    bag, cold, began = "MSC-25-001-B08", Decimal(-170), datetime(2026, 2, 27, 10, tzinfo=UTC)
    with site.db.reading() as db:
        tess, quinn = actor(db, TESS), actor(db, QUINN)
    with site.db.act(tess, began) as work:
        unit = work.db.scalars(select(Unit).where(col(Unit.code) == bag)).one()
        assert move_unit(work, unit.id or 0, UnitState.AVAILABLE, UnitState.ALLOCATED)
        sure(issue_unit(work, bag, "WARD-4", "nils", "frozen, intact", cold))
    with site.db.act(tess, began + timedelta(minutes=30)) as work:
        sure(return_unit(work, bag, "T2", "frozen, intact", cold))
    with site.db.act(quinn, began + timedelta(hours=1)) as work:
        sure(accept_return(work, bag, "it never left the shipper", signing(site, QUINN)))


def need_a_donor(site: Site) -> None:
    """Under the US rules: a donor whose determination is not finished is needed now."""
    site.db.info["donor_rules"] = US
    later = datetime(2026, 2, 27, 12, tzinfo=UTC)
    screening = screened_donor(site, at=later)
    sure(decide(site, screening, Verdict.INCOMPLETE, "CMV is not reported yet", at=later))
    donor, signer = donor_of(site, screening).code, decider(site)
    with act(site, signer, later) as work:
        sure(document_need(work, donor, "No other cells are ready", "paula", later.date(), proof(signer)))


@pytest.fixture
def opened(full: Site) -> Iterator[tuple[Connection, Watch]]:
    """A transaction of the owner without any guard, and verification inside it."""
    engine = open_engine(full.settings.database_owner, writable=True)
    with unguarded(engine) as connection:
        yield connection, Watch(full, connection)
    engine.dispose()


def missed(connection: Connection, watch: Watch, table: Table, column: Column[object]) -> str:
    """The column's name when its edit is not found; empty when it is."""
    row = row_of(connection, table, column)
    if row is None:
        return f"{table.name} is empty"
    with connection.begin_nested() as point:
        edit(connection, table, column, row, changed(column, row[column.name]))
        named = watch.blamed()
        point.rollback()
    return "" if table.name in named else f"{table.name}.{column.name}: {sorted(named)}"


def test_without_an_edit_everything_is_sound(opened: tuple[Connection, Watch]) -> None:
    """The control: with every guard taken away and nothing changed, nothing is found."""
    _, watch = opened
    assert watch.whole().ok, watch.whole().problems


def test_an_edit_of_any_single_column_is_found_and_names_its_table(
    opened: tuple[Connection, Watch],
) -> None:
    connection, watch = opened
    found = [missed(connection, watch, table, column) for table in audited() for column in table.columns]
    assert len(found) > 300
    assert [one for one in found if one] == []
    assert watch.whole().ok


@pytest.mark.parametrize("value", ["'not bytes'", "7", "3.5", "x'00'"])
def test_a_value_of_another_type_is_a_problem_and_no_crash(
    opened: tuple[Connection, Watch], full: Site, value: str
) -> None:
    """SQLite takes any type into any column; a verification that stops there would hide the edit."""
    if not full.db.is_sqlite:
        pytest.skip("PostgreSQL keeps types")
    connection, watch = opened
    for table, column in (
        ("ledger_entry", "body"), ("ledger_entry", "leaf"), ("ledger_head", "frontier"),
        ("ledger_row", "digest"), ("ledger_checkpoint", "size"), ("ledger_checkpoint", "root"),
        ("unit", "volume_ml"), ("lot", "code"), ("donor_identity", "family_name"),
    ):  # fmt: skip
        limit = " WHERE rowid = 1" if table not in ("ledger_head", "ledger_row") else ""
        with connection.begin_nested() as point:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {value}{limit}")  # noqa: S608  our own tables
            assert table in watch.blamed(), (table, column)
            point.rollback()


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("marker_result", "DELETE FROM marker_result WHERE id = 1"),
        (
            "material",
            "INSERT INTO material (id, code, name, supplier, supplier_lot, barcode, expires_on, received_at)"
            " SELECT id + 1000, code || 'x', name, supplier, supplier_lot, barcode, expires_on, received_at"
            " FROM material WHERE id = 1",
        ),
    ],
)
def test_a_removed_and_an_added_row_are_found(
    opened: tuple[Connection, Watch], table: str, statement: str
) -> None:
    connection, watch = opened
    with connection.begin_nested() as point:
        connection.exec_driver_sql(statement)
        assert table in watch.blamed()
        point.rollback()


def cut(connection: Connection, size: int) -> None:
    """Cut the log after so many entries, and everything those told of, so that all fits again."""
    entry, row = LedgerEntry.__table__, LedgerRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    head, kept = LedgerHead.__table__, LedgerCheckpoint.__table__  # type: ignore[attr-defined]  # as above
    people = Person.__table__  # type: ignore[attr-defined]  # as above
    gone = select(row.c.of_key).where(row.c.seq > size, row.c.of_table == "person")
    keys = [int(key) for key in connection.execute(gone).scalars()]
    connection.execute(delete(row).where(row.c.seq > size))
    connection.execute(delete(entry).where(entry.c.seq > size))
    connection.execute(delete(kept).where(kept.c.size >= size))
    connection.execute(delete(people).where(people.c.id.in_(keys)))
    frontier = Frontier()
    for leaf in connection.execute(select(entry.c.leaf).order_by(entry.c.seq)).scalars():
        frontier.append(bytes(leaf))
    connection.execute(update(head).values(size=frontier.size, frontier=frontier.to_bytes()))


def test_a_cut_tail_is_found_only_with_a_checkpoint_from_outside(site: Site) -> None:
    outside = hired(site, "ana", "bea", "cleo")
    engine = open_engine(site.settings.database_owner, writable=True)
    with unguarded(engine) as connection:
        cut(connection, 2)
        db = Session(connection)
        db.info.update(site.db.info)
        assert verify(db).ok, verify(db).problems
        assert verify(db, outside[:1]).ok
        told = verify(db, outside).problems
    engine.dispose()
    assert {problem.entry for problem in told} == {3, 5}
    assert all("the log was cut" in problem.what for problem in told)


def anew(site: Site, request: pytest.FixtureRequest, folder: Path) -> Site:
    """An empty site with the keys of this one: what somebody needs who writes the whole history again."""
    shutil.copytree(site.settings.data / "keys", folder / "keys")
    if site.db.is_sqlite:
        shutil.copy(request.getfixturevalue("sqlite_file"), folder / "hilo.sqlite3")
        return open_site(settings_in(folder))
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return open_site(settings_in(folder, *server.fresh()))


def test_a_history_written_anew_is_found_only_with_a_checkpoint_from_outside(
    site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    outside = hired(site, "ana", "bea")
    other = anew(site, request, tmp_path / "anew")
    hired(other, "eve", "bea")
    with other.db.reading() as db:
        assert verify(db).ok
        told = verify(db, outside).problems
    other.db.close()
    assert told and all("written anew" in problem.what for problem in told)


def test_a_line_that_is_no_checkpoint_or_whose_signature_is_forged_is_named(site: Site) -> None:
    (true,) = hired(site, "ana")
    forged = true[:-1] + ("0" if true[-1] != "0" else "1")
    with site.db.reading() as db:
        told = verify(db, [true, "hello", forged]).problems
    assert [(problem.table, problem.key) for problem in told] == [
        ("checkpoint file", "line 2"),
        ("checkpoint file", "line 3"),
    ]
