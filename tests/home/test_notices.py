"""Notices reach the person they concern, are marked as read by that person, and go when it is settled."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.access.models import Person, Role
from app.backup.making import make_backup
from app.concerns.models import Hold, SubjectKind
from app.concerns.operations import lift_hold, place_hold
from app.custody.models import CustodyEvent
from app.home.models import NoticeRead
from app.home.operations import mark_read
from app.home.rules import Why
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import SYSTEM
from app.lots.models import Unit
from app.site import Site
from tests.factories import actor_of, person, proof
from tests.home.test_recounts import everybody
from tests.lots.factories import sure
from tests.webapp import client_of, web

BAG = "MSC-25-001-B04"


def rings(client: FlaskClient, path: str = "/me") -> int:
    """The number on the bell of a page."""
    page = client.get(path).get_data(as_text=True)
    return int(page.partition('<span class="bell-count">')[2].partition("<")[0])


def post(client: FlaskClient, notice: str) -> int:
    """The status that marking a notice as read answers."""
    token = client.token("/me")  # type: ignore[attr-defined]  # PolicedClient's
    data = {"notice": notice, "csrf_token": token}
    return int(client.post("/notices", data=data).status_code)


@pytest.fixture
def office(site: Site) -> FlaskClient:
    """The administrator of a site that never made a backup."""
    return client_of(site, web(site), Role.ADMINISTRATOR)


def test_the_bell_rings_on_every_page_until_the_notice_is_read(office: FlaskClient) -> None:
    assert rings(office) == rings(office, "/") == rings(office, "/people") == 1
    page = office.get("/notices").get_data(as_text=True)
    assert "No backup was ever made" in page and "I have read this" in page
    assert post(office, "backup:never") == 303
    assert rings(office) == 0
    assert "stays here until it is settled" in office.get("/notices").get_data(as_text=True)
    assert office.get("/notices", headers={"Accept": "application/json"}).get_json() == {"unread": []}


def test_what_is_settled_is_no_notice_any_more(site: Site, office: FlaskClient, tmp_path: Path) -> None:
    assert rings(office) == 1
    sure(make_backup(site, SYSTEM, clock.now(), tmp_path / "b.tar"))
    assert rings(office) == 0
    assert "Nothing has happened" in office.get("/notices").get_data(as_text=True)


def test_only_ones_own_notices_can_be_read_and_only_once(site: Site) -> None:
    nurse, office = person(site, Role.NURSE), person(site, Role.ADMINISTRATOR)
    with site.db.act(actor_of(nurse), clock.now()) as work:
        answer = mark_read(work, "backup:never", lambda _permission: False)
        assert isinstance(answer, Refusal) and answer.reason is Why.NO_SUCH_NOTICE
    for _ in range(2):
        with site.db.act(actor_of(office), clock.now()) as work:
            sure(mark_read(work, "backup:never", everybody))
    with site.db.reading() as db:
        assert [row.person_id for row in db.exec(select(NoticeRead))] == [office.id]
    client = client_of(site, web(site), nurse)
    for text in ("backup:never", "", "x" * 5_000, "hold:\x00"):
        assert post(client, text) == 404


def test_a_hold_on_a_bag_rings_with_whoever_took_it_over_and_nobody_else(story: Site) -> None:
    with story.db.reading() as db:
        bag = db.exec(select(Unit).where(Unit.code == BAG)).one()
        links = select(CustodyEvent.taker_id).where(CustodyEvent.unit_id == known(bag.id))
        holder = db.get_one(Person, db.exec(links.order_by(CustodyEvent.link.desc())).first())  # type: ignore[attr-defined]  # a column
        other = db.exec(select(Person).where(Person.role == Role.NURSE)).first()
        quality = db.exec(select(Person).where(Person.role == Role.QUALITY)).one()
    assert other is not None and other.id != holder.id
    app = web(story)
    mine, theirs = client_of(story, app, holder), client_of(story, app, other)
    before, elsewhere = rings(mine), rings(theirs)
    with story.db.act(actor_of(other), clock.now()) as work:
        hold: Hold = sure(place_hold(work, SubjectKind.UNIT, BAG, "the label came off"))
    assert rings(mine) == before + 1 and rings(theirs) == elsewhere
    assert f"STOP for {BAG} in your hands: the label came off" in mine.get("/notices").get_data(as_text=True)
    home = mine.get("/").get_data(as_text=True)
    assert re.search("units? in your hands (is|are) on hold", home) and f'href="/units/{BAG}"' in home
    with story.db.act(actor_of(quality), clock.now()) as work:
        sure(lift_hold(work, hold.code, "a new label was applied", proof(quality)))
    assert rings(mine) == before


def test_the_dashboard_shows_each_figure_as_picture_table_and_csv(story: Site) -> None:
    client = client_of(story, web(story), Role.AUDITOR)
    page = client.get("/dashboard").get_data(as_text=True)
    assert page.count('class="drawn"') >= 4
    figures = client.get("/dashboard", headers={"Accept": "application/json"}).get_json()
    for name, figure in figures.items():
        csv = client.get(f"/dashboard/{name}.csv")
        assert csv.mimetype == "text/csv"
        assert len(csv.get_data(as_text=True).splitlines()) == len(figure["rows"]) + 1
        assert f"/dashboard/{name}.csv" in page
    assert client.get("/dashboard/nothing.csv").status_code == 404
    assert "no order" in page and "365 days and more" in page
