"""Headers, request limits and cross-site protection of every answer."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFProtect

MB = 1024 * 1024
#: A plain form; views that take files say more with `takes_files`.
FORM_LIMIT = 1 * MB
#: One text field held in memory.
FIELD_LIMIT = 512 * 1024
PARTS_LIMIT = 400
YEAR = 365 * 24 * 3600
WORKER = "/static/js/decode-worker.mjs"

_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
#: The one policy of all pages.
CSP = _POLICY.format(scripts="'self'")
#: A module worker takes its policy from its own response: only there may WebAssembly be compiled.
WORKER_CSP = _POLICY.format(scripts="'self' 'wasm-unsafe-eval'")
#: Files that people uploaded: shown as data, never as a page of ours.
FILE_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"

HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

View = TypeVar("View", bound=Callable[..., object])


def takes_files(limit_mb: int) -> Callable[[View], View]:
    """Let this view receive up to ``limit_mb`` MB; put it directly above the function, below the route."""

    def mark(view: View) -> View:
        view.__dict__["upload_limit_mb"] = limit_mb
        return view

    return mark


def secure(app: Flask) -> CSRFProtect:
    """Limits before, CSRF in between, headers after each request. Call once, before any other before_request.

    ``TRUSTED_HOSTS`` is left to the site: a list in the config (None trusts any name).
    """
    app.config.setdefault("TRUSTED_HOSTS", None)
    app.config["MAX_CONTENT_LENGTH"] = FORM_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = FIELD_LIMIT
    app.config["MAX_FORM_PARTS"] = PARTS_LIMIT
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # Our own pages send no Referer (Referrer-Policy above); `_own_pages_only` looks at Sec-Fetch-Site.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.before_request(_limit_body)
    app.before_request(_own_pages_only)
    protection = CSRFProtect(app)
    app.after_request(_headers)
    return protection


def _limit_body() -> None:
    """Set this request's limit from its view, and refuse a body that says it is larger before reading it."""
    view = current_app.view_functions.get(request.endpoint or "")
    limit_mb: int | None = getattr(view, "upload_limit_mb", None)
    if limit_mb is not None:
        # A little room for the form's own fields and the boundaries round the file.
        request.max_content_length = limit_mb * MB + FORM_LIMIT
    allowed = request.max_content_length or FORM_LIMIT
    if (request.content_length or 0) > allowed:
        abort(413)


def _own_pages_only() -> None:
    """Refuse an unsafe request that the browser says another site started (ASVS 3.5.3)."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        started_by = request.headers.get("Sec-Fetch-Site", "same-origin")
        if started_by not in ("same-origin", "none"):
            abort(403)


def _headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    is_worker = request.path == WORKER
    answer.headers.setdefault("Content-Security-Policy", WORKER_CSP if is_worker else CSP)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    answer.headers["Cache-Control"] = _caching(answer)
    return answer


def _caching(answer: Response) -> str:
    """Pages and data are never kept; static files for a year when their address carries a fingerprint."""
    if not request.path.startswith("/static/") or answer.status_code not in (200, 206, 304):
        return "no-store"
    if request.args.get("v"):
        return f"public, max-age={YEAR}, immutable"
    return "public, max-age=604800" if request.path.endswith(".woff2") else "no-cache"


def as_attachment(answer: Response, name: str) -> Response:
    """Mark an answer as a file to save under a server-made ``name``: never opened as a page of ours."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = FILE_CSP
    return answer
