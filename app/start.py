"""Before the first page: is this database the one this program needs, and does it guard itself?"""

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.evidence.triggers import GuardsMissing, self_test
from app.migrate import current, newest
from app.site import Site

_FSYNC = "SELECT current_setting('fsync')"
_ROLE = (
    "SELECT rolsuper AS superuser, (SELECT count(*) FROM pg_tables "
    "WHERE schemaname = current_schema() AND tableowner = current_user) AS owns "
    "FROM pg_roles WHERE rolname = current_user"
)


class NotReady(RuntimeError):
    """Hilo does not start on this database; the sentence says what to do."""


def ready(site: Site) -> None:
    """Refuse to start on a database that is unreachable, at another revision, or without its guards."""
    try:
        revision = current(site.db.reader)
    except OperationalError as fault:
        raise NotReady(f"the database cannot be opened: {str(fault.orig).splitlines()[0]}") from fault
    if revision != newest():
        raise NotReady(
            f"the database is at revision {revision or 'none'}, this program needs {newest()}: "
            "run `python -m app migrate`"
        )
    with site.db.writing() as db:
        try:
            self_test(db.connection())
        except GuardsMissing as fault:
            raise NotReady(str(fault)) from fault
    if not site.db.is_sqlite:
        _postgresql_role(site)


def _postgresql_role(site: Site) -> None:
    """The application's role may neither own the tables nor be a superuser: they switch guards off."""
    with site.db.reading() as db:
        connection = db.connection()
        role = connection.execute(text(_ROLE)).one()
        fsync = connection.execute(text(_FSYNC)).scalar_one()
    if role.superuser or role.owns:
        raise NotReady(
            "HILO_DATABASE names a PostgreSQL role that owns the tables or is a superuser: "
            "give the tables to another role (HILO_DATABASE_OWNER) and let Hilo use a plain one"
        )
    if fsync != "on" and site.settings.env == "production":
        raise NotReady("PostgreSQL runs with fsync off: an acknowledged act could be lost at a power cut")
