"""The first page says what waits for this person's hands, and nothing else."""

import pytest

from app.access.doors import door_of
from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.home.queries import COUNTED
from app.site import Site
from tests.lots.factories import lot
from tests.webapp import client_of, web


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page(site: Site, role: Role) -> None:
    client = client_of(site, web(site), role)
    assert "Nothing waits for you" in client.get("/").get_data(as_text=True)


def test_a_lot_in_process_waits_for_those_who_make_it_and_for_nobody_else(site: Site) -> None:
    lot(site)
    app = web(site)
    maker = client_of(site, app, Role.TECHNOLOGIST).get("/").get_data(as_text=True)
    assert "lot in process" in maker and ">1</strong>" in maker
    assert "lot in process" not in client_of(site, app, Role.NURSE).get("/").get_data(as_text=True)


def test_every_line_of_the_worklist_leads_to_a_page_that_its_reader_may_open(site: Site) -> None:
    app = web(site)
    with app.test_request_context():
        for permission, _, _, endpoint, _ in COUNTED:
            door = door_of(app.view_functions[endpoint])
            readers = [role for role in Role if allowed(role, permission)]
            assert app.url_for(endpoint) and readers
            assert all(allowed(role, Permission(str(door))) for role in readers), endpoint
