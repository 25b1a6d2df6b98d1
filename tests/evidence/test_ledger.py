"""The ledger tells every change, in the same transaction, or the change does not happen."""

from datetime import UTC, datetime

import pytest

from app.access.models import Person, Role
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.verify import verify
from app.kernel.db import SilentChange, change_if
from app.kernel.work import SYSTEM
from app.site import Site

AT = datetime(2025, 4, 28, 9, 0, tzinfo=UTC)
HIRED = EventKind("tests.hired", "{name} was hired")
RENAMED = EventKind("tests.renamed", "{name} was renamed")


def person(sign_in: str = "ana") -> Person:
    return Person(sign_in=sign_in, name="Ana", role=Role.NURSE, password_hash="x", created_at=AT)


def hire(site: Site) -> int:
    with site.db.act(SYSTEM, AT) as work:
        someone = person()
        work.db.add(someone)
        record(work, HIRED, Subject("person", "ana"), name="Ana")
    assert someone.id is not None
    return someone.id


def test_a_told_change_is_sound(site: Site) -> None:
    hire(site)
    with site.db.reading() as db:
        report = verify(db)
    assert report.ok, report.problems
    assert report.entries == 1


def test_a_change_without_an_event_raises_and_is_not_kept(site: Site) -> None:
    with pytest.raises(SilentChange), site.db.act(SYSTEM, AT) as work:
        work.db.add(person())
    with site.db.reading() as db:
        assert db.get(Person, 1) is None


def test_a_changed_row_carries_old_and_new(site: Site) -> None:
    key = hire(site)
    with site.db.act(SYSTEM, AT) as work:
        someone = work.db.get_one(Person, key)
        someone.name = "Ana Ruiz"
        record(work, RENAMED, Subject("person", "ana"), name="Ana Ruiz")
    with site.db.reading() as db:
        assert verify(db).ok


def test_compare_and_set_changes_once(site: Site) -> None:
    key = hire(site)
    with site.db.act(SYSTEM, AT) as work:
        assert change_if(work.db, Person, key, {"name": "Ana"}, name="Bea")
        assert not change_if(work.db, Person, key, {"name": "Ana"}, name="Cleo")
        record(work, RENAMED, Subject("person", "ana"), name="Bea")
    with site.db.reading() as db:
        assert db.get_one(Person, key).name == "Bea"
        assert verify(db).ok


def test_an_event_with_other_facts_raises(site: Site) -> None:
    with pytest.raises(TypeError), site.db.act(SYSTEM, AT) as work:
        record(work, HIRED, Subject("person", "ana"), who="Ana")
