"""Pages of the administrator: the people of the site and what they may do."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.doors import answer_no, kept, needs, this_db, this_work
from app.access.forms import AccountForm, PersonForm, What
from app.access.models import Person, Role
from app.access.operations import (
    Added,
    add_person,
    change_role,
    deactivate,
    end_sessions,
    reset_password,
    subject_of,
)
from app.access.passwords import NewPassword, one_time
from app.access.permissions import Permission
from app.access.queries import by_sign_in, open_sessions, people_lines
from app.access.rules import SIGN_IN_NAME, Why, no_such_person
from app.access.views import bp
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import headed, say
from app.kernel.work import Work
from app.web.forms import Faults, read

__all__ = ["bp"]

#: Roles as the administrator chooses them.
ROLE_CHOICES = tuple((role.value, headed(role)) for role in Role)
WHAT_CHOICES = (
    (What.ROLE.value, say("Give another role")),
    (What.RESET.value, say("Give a one-time password (the person forgot theirs)")),
    (What.SIGN_OUT.value, say("Sign out everywhere (a device was lost)")),
    (What.CLOSE.value, say("Close the account for good")),
)


@bp.get("/people")
@needs(Permission.PEOPLE_MANAGE)
def people() -> ResponseReturnValue:
    """Everybody, and a form to add somebody."""
    return _people_page()


@bp.post("/people")
@needs(Permission.PEOPLE_MANAGE)
def add() -> ResponseReturnValue:
    """Add somebody; their one-time password is shown on the answer and nowhere else."""
    form = read(PersonForm, request.form)
    if isinstance(form, Faults):
        return _people_page(422, errors=form.errors, typed=form.values)
    password = one_time()
    with this_work() as work:
        added = add_person(work, form.sign_in, form.name, form.role, password)
        if isinstance(added, Refusal):
            _keep(work, form.sign_in, added)
    if isinstance(added, Refusal):
        status = 409 if added.reason == Why.NAME_TAKEN else 422
        return _people_page(status, refusal=added, typed=dict(request.form))
    return _shown_once(added)


def _people_page(status: int = 200, **shown: object) -> Response:
    with this_db() as db:
        lines = people_lines(db)
    facts = {"errors": {}, "typed": {}, "lines": lines, "roles": ROLE_CHOICES, **shown}
    return make_response(render_template("access/people.html", **facts), status)


def _shown_once(added: Added) -> Response:
    page = render_template("access/one_time.html", person=added.person, password=added.one_time_password)
    return make_response(page)


def _keep(work: Work, sign_in: str, refusal: Refusal) -> None:
    """Keep the refusal under the name, or under no name when what was typed cannot be one."""
    name = sign_in.strip().lower()
    kept(work, subject_of(name if SIGN_IN_NAME.fullmatch(name) else "-"), refusal)


@bp.get("/people/<sign_in>")
@needs(Permission.PEOPLE_MANAGE)
def person(sign_in: str) -> ResponseReturnValue:
    """One account."""
    return _person_page(sign_in)


@bp.post("/people/<sign_in>")
@needs(Permission.PEOPLE_MANAGE)
def change(sign_in: str) -> ResponseReturnValue:
    """Change an account, with a reason."""
    form = read(AccountForm, request.form)
    if isinstance(form, Faults):
        return _person_page(sign_in, 422, errors=form.errors, typed=form.values)
    password = one_time() if form.what == What.RESET else None
    with this_work() as work:
        done = _change(work, sign_in, form, password)
        if isinstance(done, Refusal):
            _keep(work, sign_in, done)
    if isinstance(done, Refusal):
        return _person_page(sign_in, 409, refusal=done, typed=dict(request.form))
    return _shown_once(done) if isinstance(done, Added) else _person_page(sign_in, done=True)


def _change(
    work: Work, sign_in: str, form: AccountForm, password: NewPassword | None
) -> Person | Added | int | Refusal:
    if form.what == What.RESET:
        return reset_password(work, sign_in, form.reason, password)
    if form.what == What.SIGN_OUT:
        return end_sessions(work, sign_in, form.reason)
    if form.what == What.CLOSE:
        return deactivate(work, sign_in, form.reason)
    assert form.role is not None, "the form asks for it"
    return change_role(work, sign_in, form.role, form.reason)


def _person_page(sign_in: str, status: int = 200, **shown: object) -> Response:
    with this_db() as db:
        found = by_sign_in(db, sign_in)
        if found is None or found.id is None:
            return answer_no(no_such_person(sign_in), 404, back="/people")
        browsers = open_sessions(db, found.id, clock.now())
    facts = {
        "errors": {},
        "typed": {},
        "person": found,
        "browsers": browsers,
        "roles": ROLE_CHOICES,
        "whats": WHAT_CHOICES,
        **shown,
    }
    return make_response(render_template("access/person.html", **facts), status)
