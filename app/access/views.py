"""Pages at the door: signing in and out, changing places, the lock, one's own password."""

import secrets

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from app.access import presence, rules
from app.access.cookies import device_cookie, keep_device
from app.access.doors import (
    answer_no,
    arriving,
    come_from_elsewhere,
    current,
    needs,
    public,
    site,
    this_work,
    to_sign_in,
    wants_json,
)
from app.access.forms import LanguageForm, PasswordForm, SignInForm, UnlockForm
from app.access.here import let_go
from app.access.models import Person
from app.access.operations import choose_language, set_password
from app.access.passwords import prepared
from app.access.permissions import Permission
from app.access.proof import authenticate
from app.access.rules import Why, safe_next
from app.access.sessions import SignedIn, begin
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.web.forms import Faults, read

bp = Blueprint("access", __name__, template_folder="templates")

#: Seconds a client is asked to wait after too many wrong passwords; the sentence says the exact time.
LONGEST_WAIT = 60


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in; somebody already signed in at this workstation is signed out by it."""
    if request.method == "GET":
        if come_from_elsewhere():
            return arriving()
        return _sign_in_page(next=safe_next(request.args.get("next", "/")))
    form = read(SignInForm, request.form)
    back = safe_next(request.form.get("next", "/"))
    if isinstance(form, Faults):
        return _sign_in_page(422, errors=form.errors, typed=form.values, next=back)
    person = authenticate(site(), form.sign_in, form.password)
    entered = person if isinstance(person, Refusal) else _enter(person)
    if isinstance(entered, Refusal):
        typed = {"sign_in": form.sign_in}
        return _sign_in_page(_status(entered), refusal=entered, typed=typed, next=back)
    return entered


def _sign_in_page(status: int = 200, **shown: object) -> Response:
    refusal = shown.get("refusal")
    if wants_json() and isinstance(refusal, Refusal):
        return answer_no(refusal, status)
    page = render_template("access/sign_in.html", **{"errors": {}, "typed": {}, "here": current(), **shown})
    response = make_response(page, status)
    if status == 429:
        response.headers["Retry-After"] = str(LONGEST_WAIT)
    return response


def _status(refusal: Refusal) -> int:
    return 429 if refusal.reason == Why.WAIT else 401


def _enter(person: Person) -> Response | Refusal:
    """Open the session. A person who takes over somebody's workstation begins at the start page."""
    former = current()
    device = request.cookies.get(device_cookie()) or secrets.token_urlsafe(16)
    let_go()
    with site().db.act(presence.actor_from(person), clock.now()) as work:
        entered = presence.enter(work, person, former, device)
    if isinstance(entered, Refusal):
        return entered
    switched = former is not None and former.person_id != entered.person_id
    session.clear()
    login_user(entered)
    back = "/" if switched else safe_next(request.form.get("next", "/"))
    response = redirect(url_for("access.password") if entered.must_change else back, 303)
    keep_device(response, device[:64])
    return response


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Leave; also possible while the session is locked."""
    person = current()
    let_go()
    if person is not None:
        with site().db.act(presence.actor_from(person), clock.now()) as work:
            presence.leave(work, person)
    logout_user()
    session.clear()
    return redirect(url_for("access.sign_in"), 303)


@bp.get("/me")
@needs(Permission.HOME, before_change=True)
def me() -> ResponseReturnValue:
    """One's own account: change the password, lock, change places."""
    return render_template("access/me.html", person=current(), errors={})


@bp.post("/me/language")
@needs(Permission.HOME, before_change=True)
def language() -> ResponseReturnValue:
    """Read Hilo in another language from now on."""
    form = read(LanguageForm, request.form)
    if isinstance(form, Faults):
        return render_template("access/me.html", person=current(), errors=form.errors), 422
    with this_work() as work:
        choose_language(work, _me().sign_in, form.language)
    return redirect(url_for("access.me"), 303)


@bp.post("/lock")
@needs(Permission.HOME, before_change=True)
def lock() -> ResponseReturnValue:
    """Lock the screen and leave the workstation for a while."""
    with this_work() as work:
        presence.lock(work, _me())
    return redirect(safe_next(request.form.get("next", "/")), 303)


@bp.post("/unlock")
@public
def unlock() -> ResponseReturnValue:
    """The password of the session's owner: 204 for a script, the page it was locked on for a browser."""
    person = current()
    if person is None:
        ended = Refusal(Why.NOT_SIGNED_IN, say("This session has ended."), say("Sign in again."))
        return answer_no(ended, 409) if wants_json() else to_sign_in()
    form = read(UnlockForm, request.form)
    if isinstance(form, Faults):
        known: Person | Refusal = rules.wrong_password()
    else:
        known = authenticate(site(), person.sign_in, form.password)
    if isinstance(known, Refusal):
        back = safe_next(request.form.get("next", "/"))
        return answer_no(known, _status(known), "access/locked.html", person=person, next=back)
    with site().db.act(presence.actor_from(person), clock.now()) as work:
        _go_on_as(presence.unlock(work, person))
    return ("", 204) if wants_json() else redirect(safe_next(request.form.get("next", "/")), 303)


def _me() -> SignedIn:
    person = current()
    assert person is not None, "behind a door somebody is signed in"
    return person


def _go_on_as(person: SignedIn) -> None:
    """The browser keeps the new token; its form tokens stay good, so that an open form can be sent."""
    login_user(person)


@bp.route("/password", methods=["GET", "POST"])
@needs(Permission.HOME, before_change=True)
def password() -> ResponseReturnValue:
    """Choose a new password; every other session of this person ends."""
    person = _me()
    if request.method == "GET":
        return _password_page(person)
    form = read(PasswordForm, request.form)
    if isinstance(form, Faults):
        return _password_page(person, 422, errors=form.errors)
    refusal = _change_password(person, form)
    if refusal is not None:
        return _password_page(person, 429 if refusal.reason == Why.WAIT else 422, refusal=refusal)
    flash(say("Your password is changed. Other browsers where you were signed in are signed out."), "good")
    return redirect("/", 303)


def _password_page(person: SignedIn, status: int = 200, **shown: object) -> Response:
    page = render_template("access/password.html", **{"errors": {}, "person": person, **shown})
    return make_response(page, status)


def _change_password(person: SignedIn, form: PasswordForm) -> Refusal | None:
    refusal = rules.new_password(
        form.current_password, form.new_password, form.new_password_again, (person.sign_in, person.name)
    )
    if refusal is not None:
        return refusal
    known = authenticate(site(), person.sign_in, form.current_password)
    if isinstance(known, Refusal):
        return known
    made = prepared(form.new_password)
    with this_work() as work:
        changed = set_password(work, person.sign_in, made)
        if isinstance(changed, Refusal):
            return changed
        token = begin(work.db, person.person_id, work.at, person.started_at)
    session["_user_id"] = token
    return None
