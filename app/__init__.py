"""Hilo: the thread from a donor to a recipient, and back. This file alone names every room."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from app.kernel.speech import phrase

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings
    from app.site import Site

#: Rooms with pages, in the order of the thread: each has `views.py` with a blueprint `bp`.
ROOMS = (
    "home",
    "concerns",
    "donors",
    "materials",
    "lots",
    "quality",
    "labeling",
    "custody",
    "recipients",
    "antibodies",
    "cytometry",
    "orders",
    "bedside",
    "followup",
    "trace",
    "backup",
    "paper",
    "evidence",
)

#: The navigation: what it says, where it leads, who sees it.
NAVIGATION = (
    (phrase("Home"), "home.index", "home:read"),
    (phrase("Bedside"), "bedside.start", "bedside:infuse"),
    (phrase("Donors"), "donors.index", "donor:read"),
    (phrase("Lots"), "lots.index", "lot:read"),
    (phrase("Quality"), "quality.index", "quality:read"),
    (phrase("Labels"), "labeling.index", "label:print"),
    (phrase("Custody"), "custody.index", "custody:read"),
    (phrase("Shipments"), "custody.shipments.index", "custody:read"),
    (phrase("Materials"), "materials.index", "material:read"),
    (phrase("Recipients"), "recipients.index", "recipient:read"),
    (phrase("Orders"), "orders.index", "order:read"),
    (phrase("Antibodies"), "antibodies.index", "antibody:read"),
    (phrase("Cytometry"), "cytometry.index", "cytometry:read"),
    (phrase("Follow-up"), "followup.index", "followup:read"),
    (phrase("Holds"), "concerns.index", "hold:read"),
    (phrase("Deviations"), "concerns.deviations.index", "hold:read"),
    (phrase("Trace"), "trace.index", "trace:read"),
    (phrase("Dashboard"), "home.dashboard", "dashboard:read"),
    (phrase("Ledger"), "evidence.index", "ledger:read"),
    (phrase("Backups"), "backup.index", "backup:read"),
    (phrase("People"), "access.people", "people:manage"),
)


def hilo_version() -> str:
    """The version of this program."""
    try:
        return version("hilo")
    except PackageNotFoundError:
        from app.config import VERSION

        return VERSION


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The web application of one site.

    Raises `app.config.BadSetting` for a setting that cannot be used and `app.start.NotReady` when the
    database is not at this program's schema or lacks a guard.
    """
    from app.config import read_settings
    from app.site import open_site
    from app.start import ready

    site = open_site(settings or read_settings())
    ready(site)
    return build_app(site)


def _language() -> str | None:
    """The language of whoever is signed in."""
    from app.access.doors import signed_in

    person = signed_in()
    return None if person is None else person.language


def build_app(site: "Site") -> "Flask":
    """The web application over an open site: its look, its doors, its rooms."""
    from flask import Flask

    from app.access.doors import can, signed_in
    from app.access.setup import init_access
    from app.example.tour import TOUR
    from app.home.views import bell
    from app.web.errors import answer_errors
    from app.web.pages import furnish, register_nav
    from app.web.security import secure

    app = Flask(__name__, static_folder=None)
    app.secret_key = site.vault.session_secret
    app.config.update(
        HILO_SITE=site.settings.site,
        HILO_LANGUAGES=site.settings.languages,
        HILO_TIMEZONE=site.settings.timezone,
        HILO_VERSION=hilo_version(),
        HILO_IDLE_MINUTES=site.settings.idle_minutes,
        HILO_EXAMPLE=site.is_example,
        HILO_TOUR=TOUR if site.is_example else (),
    )
    secure(app)
    furnish(app, who=signed_in, can=can, reads=_language)
    app.jinja_env.globals.update(can=can, bell=bell)
    init_access(app, site)
    answer_errors(app)
    for room in ROOMS:
        app.register_blueprint(import_module(f"app.{room}.views").bp)
    register_nav(app, NAVIGATION)
    return app
