"""The whole application over a test's site, and clients signed in as somebody."""

from flask import Flask
from flask.testing import FlaskClient

from app import build_app
from app.access.models import Person, Role
from app.access.sessions import begin
from app.kernel import clock
from app.site import Site
from tests.factories import person
from tests.once import share_templates
from tests.pages import PolicedClient


def web(site: Site) -> Flask:
    """The application with the client that proves every page's manners."""
    app = build_app(site)
    app.test_client_class = PolicedClient
    share_templates(app)
    return app


def client_of(site: Site, app: Flask, who: Role | Person) -> FlaskClient:
    """A browser in which this person (or a new one of this role) is signed in."""
    someone = person(site, who) if isinstance(who, Role) else who
    client = app.test_client()
    with site.db.writing() as db:
        token = begin(db, someone.id or 0, clock.now())
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client
