"""A browser for tests: keeps cookies, sends the form token, asks for pages or for JSON."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Browser:
    """One browser on one device at one address."""

    def __init__(self, app: Flask, *, https: bool = False, address: str = "127.0.0.1") -> None:
        self.client = app.test_client()
        self._base = "https://localhost" if https else "http://localhost"
        self._environ = {"REMOTE_ADDR": address}

    def get(self, path: str, *, json: bool = False, **headers: str) -> TestResponse:
        """Open an address."""
        return self.client.get(path, **self._kept(json, headers))

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form with its token."""
        data = {"csrf_token": self.token(), **fields}
        return self.client.post(path, data=data, **self._kept(False, {}))

    def fetch(self, path: str, **fields: str) -> TestResponse:
        """Send a form as a script of ours does, asking for JSON."""
        data = {"csrf_token": self.token(), **fields}
        return self.client.post(path, data=data, **self._kept(True, {}))

    def token(self) -> str:
        """The form token of this browser's session, from a page anybody can open."""
        page = self.client.get("/sign-in", **self._kept(False, {})).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    def sign_in(self, sign_in: str, password: str, **fields: str) -> TestResponse:
        """Send the sign-in form."""
        return self.post("/sign-in", sign_in=sign_in, password=password, **fields)

    def cookie(self, name: str = "hilo_session") -> str | None:
        """The value of a cookie of this browser."""
        found = self.client.get_cookie(name)
        return None if found is None else found.value

    def take_cookies_of(self, other: "Browser") -> None:
        """Become a thief of the other browser's cookies."""
        for name in ("hilo_session", "hilo_device"):
            value = other.cookie(name)
            if value is not None:
                self.client.set_cookie(name, value)

    def _kept(self, json: bool, headers: dict[str, str]) -> dict[str, Any]:
        accept = "application/json" if json else "text/html"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {
            "base_url": self._base,
            "environ_overrides": self._environ,
            "headers": {"Accept": accept, **named},
        }
