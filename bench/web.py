"""The product's web application over a ground, and somebody signed in to it."""

import io
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from app import build_app
from app.access.sessions import begin
from app.kernel import clock
from app.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def signed_in(site: Site) -> tuple[Flask, dict[str, str]]:
    """The application, and the headers of a browser in which the first person is signed in."""
    app = build_app(site)
    client = app.test_client()
    with site.db.writing() as db:
        token = begin(db, 1, clock.now())
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    held = client.get_cookie("hilo_session")
    assert held is not None
    return app, {"Cookie": f"hilo_session={held.value}"}


def request(path: str, headers: dict[str, str] | None = None) -> "WSGIEnvironment":
    """What a server would hand to the application for a GET."""
    return EnvironBuilder(path, headers=Headers(headers or {})).get_environ()


def answer(app: "WSGIApplication", asked: "WSGIEnvironment") -> tuple[str, bytes]:
    """Status and body of one call of the WSGI application, as a server would make it."""
    status: list[str] = []

    def start(line: str, _headers: list[tuple[str, str]], _fault: Any = None) -> Any:
        status.append(line)
        return io.BytesIO().write

    starting: StartResponse = start
    parts = app({**asked, "wsgi.input": io.BytesIO()}, starting)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return status[0], body
