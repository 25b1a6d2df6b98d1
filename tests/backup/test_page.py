"""The page of backups says when the last good one was, and worries in time."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.access.models import Role
from app.backup.limits import limits
from app.backup.making import make_backup
from app.backup.queries import standing
from app.kernel import clock
from app.kernel.work import SYSTEM
from app.site import Site
from tests.backup.places import fill
from tests.factories import AT, actor_of, person
from tests.lots.factories import sure
from tests.webapp import client_of, web


def test_without_a_backup_the_page_says_that_none_was_ever_made(site: Site) -> None:
    page = client_of(site, web(site), Role.ADMINISTRATOR).get("/backups").get_data(as_text=True)
    assert "No backup was ever made" in page


def test_the_page_shows_each_backup_with_its_digest_and_maker(site: Site, tmp_path: Path) -> None:
    fill(site)
    quality = person(site, Role.QUALITY, "quinn")
    made = sure(make_backup(site, actor_of(quality), clock.now(), tmp_path / "b.tar"))
    page = client_of(site, web(site), Role.AUDITOR).get("/backups").get_data(as_text=True)
    assert made.sha256 in page and "quinn" in page and "0 hours ago" in page
    answer = client_of(site, web(site), quality).get("/backups", headers={"Accept": "application/json"})
    assert answer.get_json()["worry"] is False


@pytest.mark.parametrize(("minutes", "worry"), [(-1, False), (0, False), (1, True)])
def test_the_worry_begins_when_the_limit_has_passed(
    site: Site, tmp_path: Path, minutes: int, worry: bool
) -> None:
    person(site, Role.NURSE)
    sure(make_backup(site, SYSTEM, AT, tmp_path / "b.tar"))
    with site.db.reading() as db:
        now = standing(db, AT + limits().worry_after + timedelta(minutes=minutes))
        assert now.worry is worry and now.words in ("25 hours ago", "26 hours ago")
        assert standing(db, AT + timedelta(days=3)).words == "3 days ago"
