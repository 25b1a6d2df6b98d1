"""Every page has a door, and the door lets in exactly the roles of the table."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.access.doors import door_of
from app.access.models import Role
from app.access.permissions import ROLES, Permission
from app.site import Site
from tests.webapp import client_of, web

#: Pages for everybody: signing in, being sent back, health, trust, static files.
OPEN = "public"


def rules(app: Flask) -> Iterator[tuple[Rule, object]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "web.static":
            yield rule, door_of(app.view_functions[rule.endpoint])


def test_every_route_has_a_door(site: Site) -> None:
    without = [rule.rule for rule, door in rules(web(site)) if door is None]
    assert without == []


def test_nobody_enters_without_signing_in(site: Site) -> None:
    app = web(site)
    client = app.test_client()
    for rule, door in rules(app):
        if door == OPEN or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        answer = client.get(rule.rule)
        assert answer.status_code == 303 and "/sign-in" in answer.location, rule.rule


@pytest.mark.parametrize("role", list(Role))
def test_each_role_enters_exactly_the_rooms_of_the_table(site: Site, role: Role) -> None:
    app = web(site)
    client = client_of(site, app, role)
    for rule, door in rules(app):
        if not isinstance(door, Permission) or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        status = client.get(rule.rule).status_code
        if door in ROLES[role]:
            assert status in (200, 302, 303, 422, 404), (rule.rule, status)
        else:
            assert status == 403, (rule.rule, status)


def test_no_get_changes_anything(site: Site) -> None:
    """Two GETs of every page leave every table as it was, plumbing apart."""
    app = web(site)
    client = client_of(site, app, Role.AUDITOR)
    before = site_rows(site)
    for rule, _ in rules(app):
        if not rule.arguments and "GET" in (rule.methods or ()):
            client.get(rule.rule)
            client.get(rule.rule)
    assert site_rows(site) == before


def site_rows(site: Site) -> dict[str, int]:
    """How many rows each audited table has."""
    from sqlalchemy import func, select

    from app.kernel.tables import metadata

    with site.db.reading() as db:
        return {
            table.name: db.connection().execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if not table.name.startswith("sys_")
        }
