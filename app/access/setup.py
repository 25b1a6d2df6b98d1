"""Access joined to the app: Flask-Login over our own sessions, and no route without a door."""

import logging
from typing import TYPE_CHECKING

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager

from app.access import people, sessions
from app.access.cookies import StrictSessions
from app.access.doors import door_of, forbidden
from app.access.here import let_go, reading_session
from app.access.rules import LONGEST_SESSION
from app.access.sessions import SignedIn
from app.kernel import clock

if TYPE_CHECKING:
    from app.site import Site

log = logging.getLogger("hilo.access")


def init_access(app: Flask, site: "Site") -> None:
    """Give the app its doors and the pages at them; ``app.secret_key`` is set before the first request."""
    app.extensions["hilo"] = site
    app.session_interface = StrictSessions()
    app.config["PERMANENT_SESSION_LIFETIME"] = LONGEST_SESSION
    manager = LoginManager(app, add_context_processor=False)
    # Tokens live on the server; a fingerprint of browser and address would only sign nurses out on Wi-Fi.
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_closed_unless_marked)
    app.teardown_request(let_go)
    app.register_blueprint(people.bp)


def _load(token: str) -> SignedIn | None:
    """The person behind the cookie's token: one indexed read, and once a minute one small write."""
    site: Site = current_app.extensions["hilo"]
    at = clock.now()
    found = sessions.find(reading_session(), token, at, site.settings.idle_minutes)
    if found is not None and sessions.touch_due(found, at):
        let_go()
        sessions.touch(site, found, at)
    return found


def _closed_unless_marked() -> ResponseReturnValue | None:
    """A route that forgot its door lets nobody in."""
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    if view is None or endpoint.rpartition(".")[2] == "static" or door_of(view) is not None:
        return None
    log.error("route %s has no door", endpoint)
    return forbidden()
