"""The demo app, its client, and a browser for the pages of this room."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser import Served, served
from tests.pages import PolicedClient
from tests.web.demo import make_app


@pytest.fixture
def app() -> Flask:
    """A fresh demo app."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> PolicedClient:
    """A client that looks at the manners of each page."""
    client = app.test_client()
    assert isinstance(client, PolicedClient)
    return client


@pytest.fixture
def site(app: Flask) -> Iterator[Served]:
    """The demo app on a port."""
    with served(app) as running:
        yield running
