"""Here: the site, and the one reading session, of the request in hand."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING

from flask import current_app, g, has_app_context
from sqlmodel import Session

if TYPE_CHECKING:
    from app.site import Site


def site() -> "Site":
    """The site this app serves."""
    found: Site = current_app.extensions["hilo"]
    return found


def reading_session() -> Session:
    """The request's reading session: one consistent view of the database until `let_go`."""
    if "hilo_reading" not in g:
        stack = ExitStack()
        g.hilo_reading = (stack, stack.enter_context(site().db.reading()))
    session: Session = g.hilo_reading[1]
    return session


def this_db() -> AbstractContextManager[Session]:
    """``with this_db() as db:`` the request's reading session; asked again it is the same one.

    An act in between (`app.access.doors.this_work`) ends it, so that a page drawn afterwards shows what
    the act did: ask again after writing instead of keeping ``db``.
    """
    return nullcontext(reading_session())


def let_go(_fault: BaseException | None = None) -> None:
    """End the request's reading session, if there is one.

    Called before every write: SQLite with a rollback journal cannot commit while a reader looks on.
    """
    if has_app_context():
        opened = g.pop("hilo_reading", None)
        if opened is not None:
            opened[0].close()
