"""A backup that is not whole to the last bit is refused, and the place it was meant for stays as it was."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from app.backup.archive import END, Manifest, Torn, Writer, manifest_of, unpack, whole
from app.backup.restoring import STAGE, restore
from app.backup.rules import Why
from app.backup.snapshot import DATABASE
from app.config import Settings
from app.kernel import clock
from app.kernel.engine import sqlite_driver
from app.kernel.refusals import Refusal
from app.site import Site, open_site
from tests.backup.places import backed_up, empty_place, fill, repacked, rows_in
from tests.databases import PostgreSQL, settings_in
from tests.lots.factories import sure

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with something of everything, and its backup in ``b.tar`` of its data folder."""
    folder = tmp_path_factory.mktemp("kept")
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_file")
        (folder / "hilo.sqlite3").write_bytes(template.read_bytes())
        site = open_site(settings_in(folder))
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        site = open_site(settings_in(folder, *server.fresh()))
    fill(site)
    backed_up(site, folder / "b.tar")
    yield site
    site.db.close()


def file_of(site: Site) -> Path:
    return site.settings.data / "b.tar"


def flipped(file: Path, place: int, bit: int) -> str:
    """What is said of the file with this one bit turned over; the bit is turned back."""

    def turn() -> None:
        with file.open("r+b") as handle:
            handle.seek(place)
            byte = handle.read(1)[0]
            handle.seek(place)
            handle.write(bytes([byte ^ (1 << bit)]))

    turn()
    try:
        whole(file)
    except Torn as fault:
        return str(fault)
    finally:
        turn()
    return ""


def test_the_untouched_file_is_whole(kept: Site) -> None:
    """The control: with no bit turned nothing is found."""
    assert len(whole(file_of(kept))) == 64


@QUICK
@given(data=st.data())
def test_a_flipped_bit_in_any_member_is_found(kept: Site, data: st.DataObject) -> None:
    file = file_of(kept)
    content = file.read_bytes()
    members = manifest_of(file).members
    names = data.draw(st.lists(st.sampled_from(sorted(members)), min_size=1, max_size=6, unique=True))
    for name in names:
        if members[name].size:
            start = content.index(name.encode()) + 512
            place = start + data.draw(st.integers(0, members[name].size - 1))
            assert flipped(file, place, data.draw(st.integers(0, 7))), (name, place)


@QUICK
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_found(kept: Site, share: float, bit: int) -> None:
    file = file_of(kept)
    assert flipped(file, int(share * file.stat().st_size), bit)


def test_every_bit_of_the_seal_and_of_the_end_is_found(kept: Site) -> None:
    file = file_of(kept)
    size = file.stat().st_size
    assert all(flipped(file, place, place % 8) for place in range(size - END, size, 7))


@QUICK
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_torn_anywhere_is_refused_and_nothing_is_left(
    kept: Site, tmp_path: Path, share: float
) -> None:
    content = file_of(kept).read_bytes()
    torn = tmp_path / "torn.tar"
    torn.write_bytes(content[: int(share * len(content))])
    place = settings_in(tmp_path / "place", kept.settings.database, kept.settings.database_owner)
    answer = restore(place, torn, clock.now())
    assert isinstance(answer, Refusal) and answer.reason is Why.TORN
    assert not list(place.data.glob("*"))


def test_a_file_that_is_no_backup_at_all_is_refused(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"hello", bytes(10_000), b"PK\x03\x04" * 5_000)):
        file = tmp_path / f"{number}.tar"
        file.write_bytes(data)
        with pytest.raises(Torn):
            whole(file)


def refused(answer: Manifest | Refusal) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


def clean(settings: Settings) -> bool:
    """Whether nothing of a restore is left in the data folder."""
    return {path.name for path in settings.data.glob("*")} <= {"writer.lock"}


def test_a_member_that_the_manifest_does_not_know_so_is_refused(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Sealed again over a changed key, under the old manifest."""
    members = manifest_of(file_of(kept)).members

    def change(inside: Path) -> None:
        (inside / "keys" / "ledger.key").write_bytes(bytes(32))

    forged = repacked(file_of(kept), tmp_path / "f", change, lambda told: replace(told, members=members))
    place = empty_place(request, kept, tmp_path / "place")
    answer = refused(restore(place, forged, clock.now()))
    assert answer.reason is Why.TORN and "ledger.key" in answer.sentence and clean(place)


def edit(inside: Path) -> None:
    """Another name for the nurse, put into the copied database itself."""
    if (inside / DATABASE).exists():
        connection = sqlite_driver()[0].connect(str(inside / DATABASE))
        connection.execute("UPDATE person SET name = 'Eve' WHERE sign_in = 'nurse'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    else:
        copy = inside / "tables" / "person.copy"
        copy.write_bytes(copy.read_bytes().replace(b"\tNurse\t", b"\tEve\t"))


def less(inside: Path) -> None:
    """Another key than the one that signed."""
    (inside / "keys" / "ledger.key").write_bytes(bytes(32))


def nothing(_inside: Path) -> None:
    """Leave everything as it is."""


def test_a_copy_that_does_not_verify_is_taken_away_again(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = empty_place(request, kept, tmp_path / "place")
    for number, change in enumerate((edit, less)):
        forged = repacked(file_of(kept), tmp_path / f"f{number}", change)
        answer = refused(restore(place, forged, clock.now()))
        assert answer.reason is Why.NOT_EQUAL and clean(place), answer
    # The place is still empty: the good one goes in.
    sure(restore(place, file_of(kept), clock.now()))
    assert rows_in(place) > 5


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"entries": 3}, "entries"),
        ({"root": "00" * 32}, "another root"),
        ({"tables": {}}, "rows"),
    ],
)
def test_a_manifest_that_promises_something_else_is_not_believed(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path, facts: dict[str, object], words: str
) -> None:
    forged = repacked(file_of(kept), tmp_path / "f", nothing, lambda told: replace(told, **facts))  # type: ignore[arg-type]  # any fact
    answer = refused(restore(empty_place(request, kept, tmp_path / "place"), forged, clock.now()))
    assert answer.reason is Why.NOT_EQUAL and words in answer.sentence


@pytest.mark.parametrize(
    ("facts", "why"),
    [({"engine": "Oracle"}, Why.OTHER_DATABASE), ({"revision": "9999"}, Why.OTHER_REVISION)],
)
def test_a_backup_of_another_database_or_revision_is_refused_by_name(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path, facts: dict[str, str], why: Why
) -> None:
    forged = repacked(file_of(kept), tmp_path / "f", nothing, lambda told: replace(told, **facts))  # type: ignore[arg-type]  # any fact
    answer = refused(restore(empty_place(request, kept, tmp_path / "place"), forged, clock.now()))
    assert answer.reason is why and next(iter(facts.values())) in answer.sentence


def test_a_name_that_leaves_the_folder_is_no_member(kept: Site, tmp_path: Path) -> None:
    with (tmp_path / "evil.tar").open("wb") as target:
        writer = Writer(target)
        writer.add_bytes("../outside", b"x")
        writer.finish(replace(manifest_of(file_of(kept)), members=dict(writer.members)))
    assert whole(tmp_path / "evil.tar")
    with pytest.raises(Torn):
        manifest_of(tmp_path / "evil.tar")
    unknown = replace(manifest_of(file_of(kept)), members={"example": next(iter(writer.members.values()))})
    with pytest.raises(Torn, match="example is missing"):
        unpack(file_of(kept), unknown, tmp_path / "out")


def test_nothing_that_is_there_is_written_over(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before = file_of(kept).read_bytes()
    answer = refused(restore(kept.settings, file_of(kept), clock.now()))
    assert answer.reason is Why.NOT_EMPTY and file_of(kept).read_bytes() == before
    place = empty_place(request, kept, tmp_path / "place")
    place.data.mkdir(exist_ok=True)
    (place.data / "checkpoints.txt").write_text("somebody's\n")
    assert refused(restore(place, file_of(kept), clock.now())).reason is Why.NOT_EMPTY
    assert (place.data / "checkpoints.txt").read_text() == "somebody's\n"


def test_what_an_interrupted_restore_left_is_taken_away_by_the_next(
    kept: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = empty_place(request, kept, tmp_path / "place")
    (place.data / STAGE / "keys").mkdir(parents=True)
    (place.data / "keys").mkdir()
    (place.data / "keys" / "ledger.key").write_bytes(bytes(32))
    sure(restore(place, file_of(kept), clock.now()))
    ours = (kept.settings.data / "keys" / "ledger.key").read_bytes()
    assert (place.data / "keys" / "ledger.key").read_bytes() == ours
    assert not (place.data / STAGE).exists() and rows_in(place) > 5


def test_the_database_may_lie_elsewhere_than_the_data_folder(
    kept: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = empty_place(request, kept, tmp_path / "place")
    if kept.db.is_sqlite:
        url = make_url(f"sqlite:///{tmp_path / 'disk2' / 'tables.sqlite3'}").render_as_string()
        place = replace(place, database=url, database_owner=url)
    sure(restore(place, file_of(kept), clock.now()))
    assert rows_in(place) > 5
