"""Doors: every route says whom it lets in, and what it does is done by the person who is signed in."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access.events import REFUSED
from app.access.here import let_go, site, this_db
from app.access.permissions import Permission, allowed
from app.access.rules import Why, not_allowed
from app.access.sessions import SignedIn
from app.evidence.ledger import Entry, Subject, record
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.work import Actor, Via, Work

__all__ = [
    "actor",
    "can",
    "door_of",
    "kept",
    "needs",
    "public",
    "signed_in",
    "site",
    "this_db",
    "this_work",
    "wants_json",
]

log = logging.getLogger("hilo.access")

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)
View = Callable[P, ResponseReturnValue]

#: The attribute by which a view tells whom it lets in; a house test asks every route for it.
DOOR = "hilo_door"
#: What `public` writes there.
PUBLIC = "public"


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as open to everybody: sign-in, health, trust and static files only."""
    setattr(view, DOOR, PUBLIC)
    return view


def door_of(view: object) -> Permission | str | None:
    """The permission a view asks for, ``"public"``, or None when it has no door and nobody may pass."""
    return getattr(view, DOOR, None)


def needs(permission: Permission, *, before_change: bool = False) -> Callable[[View[P]], View[P]]:
    """Let in only people whose role holds the permission; write it right above the function.

    Nobody signed in: the sign-in page, or 401 for JSON. A locked session: the lock page, or 401. A role
    without the permission: 403 and a line in the log. Somebody with a one-time password is led to choosing
    their own, unless ``before_change``.
    """

    def build(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            stopped = _stopped(permission, before_change)
            return view(*args, **kwargs) if stopped is None else stopped

        setattr(guarded, DOOR, permission)
        return guarded

    return build


def _stopped(permission: Permission, before_change: bool) -> ResponseReturnValue | None:
    person = current()
    if person is None:
        return to_sign_in()
    if person.locked:
        return to_unlock(person)
    if not allowed(person.role, permission):
        log.warning("forbidden: %s asked for %s at %r", person.sign_in, permission.value, request.path)
        return forbidden()
    if person.must_change and not before_change:
        return to_password()
    return None


def current() -> SignedIn | None:
    """The session behind this request, locked or not; None when nobody is signed in."""
    user = current_user._get_current_object()
    return user if isinstance(user, SignedIn) else None


def signed_in() -> SignedIn | None:
    """The person signed in and present; None when nobody is, or while the session is locked."""
    person = current()
    return None if person is None or person.locked else person


def actor() -> Actor:
    """The person signed in, as the ledger names them. Raises RuntimeError behind no door."""
    person = signed_in()
    if person is None:
        raise RuntimeError("nobody is signed in: the route lacks @needs")
    return Actor(person.person_id, person.sign_in, person.name, str(person.role.value), Via.PAGE)


def can(permission: Permission | str) -> bool:
    """Whether the person signed in may do this; for links and buttons, the door itself decides."""
    person = signed_in()
    return person is not None and allowed(person.role, Permission(permission))


@contextmanager
def this_work() -> Iterator[Work]:
    """One act, now, by the person signed in: commits at the end of the block, or keeps nothing."""
    let_go()
    with site().db.act(actor(), clock.now()) as work:
        yield work
    let_go()


def kept(work: Work, subject: Subject, refusal: Refusal) -> Entry:
    """Keep a refusal in the ledger: who was refused what, when and why, committed like any act."""
    about = Subject(subject.kind[:40], subject.code.replace("\x00", "")[:80])
    return record(work, REFUSED, about, sentence=refusal.sentence, why=refusal.reason)


def wants_json() -> bool:
    """Whether the client asks for JSON rather than a page."""
    kinds = request.accept_mimetypes
    return kinds["application/json"] > kinds["text/html"]


def back_here() -> str:
    """Where to come back to after signing in: this page, or the start page after an unsafe request."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    return request.full_path.rstrip("?")


def answer_no(refusal: Refusal, status: int, template: str = "web/refused.html", **shown: object) -> Response:
    """A refusal as JSON or as a page, with its status."""
    if wants_json():
        no = {"refused": refusal.reason, "sentence": refusal.sentence, "next_step": refusal.next_step}
        return make_response(jsonify(no), status)
    return make_response(render_template(template, refusal=refusal, **shown), status)


def to_sign_in() -> Response:
    """Nobody is signed in: the sign-in page, which leads back here."""
    if wants_json():
        no = Refusal(Why.NOT_SIGNED_IN, say("Nobody is signed in."), say("Sign in and try again."))
        return answer_no(no, 401)
    if come_from_elsewhere():
        return arriving()
    return redirect(url_for("access.sign_in", next=back_here()), 303)


def come_from_elsewhere() -> bool:
    """Whether another site's link led here: then the browser left our cookie at home."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "cross-site"


def arriving() -> Response:
    """A page that asks for this address again, from ourselves.

    A link on another site brings no SameSite=Strict cookie; answering it with the sign-in page would also
    replace the cookie of somebody who is signed in.
    """
    response = make_response(render_template("access/arriving.html", here=request.full_path.rstrip("?")))
    response.headers["Cache-Control"] = "no-store"
    return response


def to_unlock(person: SignedIn) -> Response:
    """The session is locked: its owner may unlock it; nothing was done."""
    no = Refusal(
        Why.LOCKED,
        say("The screen is locked by {sign_in}. Nothing was done.", sign_in=person.sign_in),
        say("Enter the password to go on, or sign in as another person."),
    )
    return answer_no(no, 401, "access/locked.html", person=person, next=back_here())


def to_password() -> ResponseReturnValue:
    """A one-time password opens one page: the one that replaces it."""
    if wants_json():
        no = Refusal(
            Why.MUST_CHANGE, say("Your password is a one-time password."), say("Choose your own first.")
        )
        return answer_no(no, 403)
    return redirect(url_for("access.password"), 303)


def forbidden() -> Response:
    """The role does not hold the permission."""
    person = current()
    return answer_no(not_allowed("nobody" if person is None else person.role.value), 403)
