"""Cookies: the session's and the device's, as strict as the connection allows."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.access.delays import KNOWN_FOR


def session_cookie() -> str:
    """The session cookie's name; over https with the prefix that binds it to this host (ASVS 3.3.3)."""
    return "__Host-hilo" if request.is_secure else "hilo_session"


def device_cookie() -> str:
    """The name of the cookie that marks a browser somebody signed in with (see `app.access.delays`)."""
    return "__Host-hilo_device" if request.is_secure else "hilo_device"


class StrictSessions(SecureCookieSessionInterface):
    """Flask's signed cookie: HttpOnly, SameSite=Strict, no Domain, Secure wherever the page came by https."""

    def __init__(self) -> None:
        self._serializer: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer, made once: deriving its key on each request costs more than reading the cookie."""
        if self._serializer[0] is not app.secret_key:
            self._serializer = (app.secret_key, super().get_signing_serializer(app))
        return self._serializer[1]

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002  signature of Flask
        """See `session_cookie`."""
        return session_cookie()

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  as above
        """Only over https, and always there."""
        return request.is_secure

    def get_cookie_httponly(self, app: Flask) -> bool:  # noqa: ARG002  as above
        """No script reads it."""
        return True

    def get_cookie_samesite(self, app: Flask) -> str:  # noqa: ARG002  as above
        """No other site's link or form brings it along."""
        return "Strict"

    def get_cookie_domain(self, app: Flask) -> None:
        """This host alone."""

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002  as above
        """The whole site."""
        return "/"


def keep_device(response: Response, device: str) -> None:
    """Let the browser keep its device token."""
    response.set_cookie(
        device_cookie(),
        device,
        max_age=KNOWN_FOR,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
        path="/",
    )
