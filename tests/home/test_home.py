"""The first page says what waits for this person's hands, and nothing else."""

from pathlib import Path

import pytest

from app.access.doors import door_of
from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.backup.making import make_backup
from app.home.questions import QUESTIONS
from app.kernel import clock
from app.kernel.work import SYSTEM
from app.site import Site
from tests.factories import person
from tests.lots.factories import lot, sure
from tests.webapp import client_of, web


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page(site: Site, role: Role, tmp_path: Path) -> None:
    person(site, Role.NURSE, "somebody")
    sure(make_backup(site, SYSTEM, clock.now(), tmp_path / "b.tar"))
    client = client_of(site, web(site), role)
    assert "Nothing waits for you" in client.get("/").get_data(as_text=True)


def test_a_site_without_a_backup_says_so_to_those_who_guard_it(site: Site) -> None:
    app = web(site)
    page = client_of(site, app, Role.ADMINISTRATOR).get("/").get_data(as_text=True)
    assert "No backup was ever made" in page and "make one today" in page
    assert "backup" not in client_of(site, app, Role.NURSE).get("/").get_data(as_text=True)


def test_a_lot_in_process_waits_for_those_who_make_it_and_for_nobody_else(site: Site) -> None:
    code = lot(site).code
    app = web(site)
    maker = client_of(site, app, Role.TECHNOLOGIST).get("/").get_data(as_text=True)
    assert "lot in process" in maker and ">1</strong>" in maker and f'href="/lots/{code}"' in maker
    assert "lot in process" not in client_of(site, app, Role.NURSE).get("/").get_data(as_text=True)


def test_every_line_of_the_worklist_leads_to_pages_that_its_reader_may_open(site: Site) -> None:
    app = web(site)
    adapter = app.url_map.bind("127.0.0.1")
    with app.test_request_context():
        for question in QUESTIONS:
            endpoints = [question.endpoint]
            if question.page:
                endpoints.append(str(adapter.match(f"{question.page}X", method="GET")[0]))
            readers = [role for role in Role if allowed(role, question.permission)]
            assert app.url_for(question.endpoint) and readers
            for endpoint in endpoints:
                door = Permission(str(door_of(app.view_functions[endpoint])))
                assert all(allowed(role, door) for role in readers), (question.name, endpoint)


def test_names_of_questions_are_unique() -> None:
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)
