"""Pages at the bed: scan, verdict, sign, second person, start, end. A tablet in a gloved hand."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import login_user
from markupsafe import Markup
from sqlmodel import Session

from app.access import presence
from app.access.cookies import device_cookie, keep_device
from app.access.doors import actor, current, needs, site, this_db, this_work, wants_json
from app.access.forms import SignInForm
from app.access.here import let_go
from app.access.models import Person
from app.access.permissions import Permission, allowed
from app.access.proof import authenticate, prove
from app.bedside import infusion_views, operations, overview, queries, thaw_views, wizard
from app.bedside.forms import EndForm, ScanForm, SignForm, StartForm
from app.bedside.infusion_views import page_of
from app.bedside.limits import limits
from app.bedside.models import ScanStep, VerdictWord
from app.bedside.operations import Answer, Stop
from app.bedside.rules import may_be_overridden, not_at_the_bed, second_is_first
from app.bedside.scanning import Reason
from app.bedside.situation import ENTRIES
from app.bedside.thawing import Clock, clock_of
from app.bedside.wizard import Screen
from app.evidence.canonical import sha256_of
from app.evidence.signatures import Proof
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.recipients.models import Recipient
from app.recipients.operations import Identity, read_identity
from app.recipients.sections import Section, add_section
from app.web.formpage import Typed
from app.web.forms import Faults, read, typed
from app.web.pages import moment_words, refused, site_zone

WRISTBANDS = (ScanStep.FIRST_WRISTBAND, ScanStep.SECOND_WRISTBAND)

bp = Blueprint("bedside", __name__, template_folder="templates")
bp.register_blueprint(thaw_views.bp)
bp.register_blueprint(infusion_views.bp)


@bp.record_once
def _join_recipient_page(state: BlueprintSetupState) -> None:
    """A recipient's page lists the recipient's infusions."""
    add_section(state.app.extensions, Section(say("Infusions"), Permission.BEDSIDE_READ, _section))


def _section(db: Session, recipient: Recipient) -> Markup:
    lines = overview.infusions(db, recipient.id)
    return Markup(render_template("bedside/_infusions.html", infusions=lines))


def _me() -> int:
    person_id = actor().person_id
    assert person_id is not None, "behind a door somebody is signed in"
    return person_id


@bp.get("/bedside")
@needs(Permission.BEDSIDE)
def start() -> ResponseReturnValue:
    """The first step: the wristband. Running infusions wait below."""
    return _start()


def _start(errors: dict[str, str] | None = None, refusal: Refusal | None = None) -> str:
    with this_db() as db:
        thawed = overview.thawed_bags(db, clock.now())
        running = [line for line in overview.infusions(db) if line.ended_at is None]
        waiting = overview.waiting_for_second(db, clock.now())
    return render_template(
        "bedside/start.html",
        running=running,
        waiting=waiting,
        thawed=thawed,
        errors=errors or {},
        values=typed(request.form),
        refusal=refusal,
        scan_key=secrets.token_hex(16),
    )


@bp.post("/bedside/scan")
@needs(Permission.BEDSIDE)
def scan() -> ResponseReturnValue:
    """One reading: kept, then answered. GO on a wristband leads on, everything else fills the screen."""
    form = _scan_form()
    if isinstance(form, Faults):
        return _step(request.form.get("check", ""), form.errors), 422
    second = _standing_by()
    if isinstance(second, Refusal):
        return _step(form.check, refusal=second), 401
    with this_work() as work:
        answer = operations.scan(work, form, second)
    if isinstance(answer, Refusal):
        return refused(answer, HTTPStatus.UNPROCESSABLE_ENTITY, url_for("bedside.start"))
    if wants_json():
        return _as_json(answer), _status(answer)
    if answer.verdict is VerdictWord.GO and answer.check is not None and answer.scan.step in WRISTBANDS:
        return redirect(url_for("bedside.check", code=answer.check.code), 303)
    return _verdict(answer), _status(answer)


def _scan_form() -> ScanForm | Faults:
    """The reading as it came; a page without script sends no key, and each of its readings gets one here."""
    source = request.get_json(silent=True) if request.is_json else request.form
    if not isinstance(source, dict) and request.is_json:
        source = {}
    given = dict(source or {})
    given["scan_key"] = given.get("scan_key") or secrets.token_hex(16)
    return read(ScanForm, given)


def _standing_by() -> Proof | Refusal | None:
    """Who reads a typed code along, where somebody signed in for it."""
    name, password = request.form.get("second_sign_in", ""), request.form.get("second_password", "")
    return prove(site(), name, password) if name.strip() and password else None


def _status(answer: Answer) -> int:
    return HTTPStatus.OK if answer.verdict is VerdictWord.GO else HTTPStatus.CONFLICT


def _as_json(answer: Answer) -> Response:
    reasons = [
        {"reason": no.reason, "sentence": no.sentence, "next_step": no.next_step} for no in answer.reasons
    ]
    code = None if answer.check is None else answer.check.code
    return jsonify(verdict=answer.verdict, reasons=reasons, check=code, replayed=answer.replayed)


def _verdict(answer: Answer) -> str:
    """The full screen. What it says is already in the ledger."""
    code = "" if answer.check is None else answer.check.code
    named = answer.verdict is VerdictWord.GO and answer.check is not None
    return render_template(
        "bedside/verdict.html",
        go=answer.verdict is VerdictWord.GO,
        reasons=answer.reasons,
        identity=_identity(code) if named else None,
        next_url=_after(code, answer.reasons),
        check=code,
    )


def _after(check_code: str, reasons: Sequence[Refusal | Reason] = ()) -> str:
    """Where the button of a verdict leads: on with the check if it stands, else to the beginning; a bag that
    waited too long leads to its clock, where the physician decides."""
    if may_be_overridden(tuple(reasons), limits().overridable):
        return url_for("bedside.thaws.thaws", check=check_code or None)
    with this_db() as db:
        check = queries.check_by_code(db, check_code) if check_code else None
        if check is None or wizard.view(db, check, _me(), clock.now()).screen is Screen.OVER:
            return url_for("bedside.start")
    return url_for("bedside.check", code=check_code)


def _identity(check_code: str) -> Identity | None:
    """Who lies in the bed, for the spoken check; shown to those who read the wristband, and logged."""
    with this_work() as work:
        check = queries.check_by_code(work.db, check_code)
        if check is None:
            return None
        code = work.db.get_one(Recipient, check.recipient_id).code
        found = read_identity(work, code, say("bedside check {code}", code=check.code))
    return None if isinstance(found, Refusal) else found


def _stopped(stop: Refusal, check_code: str) -> ResponseReturnValue:
    """A STOP that is no scan, full screen, with every reason."""
    every = stop.every if isinstance(stop, Stop) else (stop,)
    page = render_template(
        "bedside/verdict.html",
        go=False,
        reasons=every,
        identity=None,
        next_url=_after(check_code, every),
        check=check_code,
    )
    return page, HTTPStatus.CONFLICT


@bp.post("/bedside/ignored")
@needs(Permission.BEDSIDE)
def ignored() -> ResponseReturnValue:
    """A code that was scanned while a verdict filled the screen: kept, not judged."""
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    form = read(
        ScanForm,
        {
            "code": given.get("text", ""),
            "scan_key": given.get("key") or secrets.token_hex(16),
            "scan_by": given.get("by", ""),
            "scan_at": given.get("at"),
            "check": request.args.get("check", ""),
        },
    )
    if isinstance(form, Faults):
        return jsonify(errors=form.errors), 422
    with this_work() as work:
        answer = operations.note_ignored(work, form)
    if isinstance(answer, Refusal):
        return refused(answer, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _as_json(answer), HTTPStatus.OK


@bp.get("/bedside/checks/<code>")
@needs(Permission.BEDSIDE)
def check(code: str) -> ResponseReturnValue:
    """The step of the check that is due for the person in front of the tablet."""
    return _step(code)


def _step(
    code: str,
    errors: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    others: tuple[Refusal, ...] = (),
) -> str:
    if not code:
        return _start(errors, refusal)
    now = clock.now()
    seen, shown, running = _seen(code, now)
    identity = _identity(code) if seen.screen in wizard.NAMED else None
    return render_template(
        "bedside/check.html",
        seen=seen,
        screen=seen.screen.value,
        shown=shown,
        clock=running,
        digest=None if shown is None else sha256_of(shown),
        identity=identity,
        errors=errors or {},
        values=typed(request.form),
        refusal=refusal,
        others=others,
        now_typed=_typed(now),
        scan_key=secrets.token_hex(16),
    )


def _typed(at: datetime) -> str:
    """A moment as a person types it at this site."""
    return f"{at.astimezone(site_zone()):%Y-%m-%d %H:%M}"


def _seen(code: str, now: datetime) -> tuple[wizard.View, dict[str, object] | None, Clock | None]:
    """The check as this person may see it, what is signed, and the clock of its bag once that is known."""
    with this_db() as db:
        found = queries.check_by_code(db, code)
        if found is None:
            abort(404)
        seen = wizard.view(db, found, _me(), now)
        if seen.screen not in (Screen.FIRST_SIGN, Screen.SECOND_SIGN, Screen.START):
            return seen, None, None
        shown = queries.record_of_check(db, found)
        made = None if found.unit_id is None else queries.thaw_of(db, found.unit_id)
        return seen, shown, None if made is None else clock_of(made, str(shown["unit"]), now)


@bp.post("/bedside/checks/<code>/sign")
@needs(Permission.BEDSIDE)
def sign(code: str) -> ResponseReturnValue:
    """Sign one's own part of the check with one's own password."""
    form = read(SignForm, request.form)
    if isinstance(form, Faults):
        return _step(code, form.errors), 422
    proof = prove(site(), form.sign_in, form.password)
    if isinstance(proof, Refusal):
        return _step(code, refusal=proof), 401
    with this_work() as work:
        answer = operations.sign_check(work, code, proof, form.shown)
    if isinstance(answer, Refusal):
        return _stopped(answer, code)
    return redirect(url_for("bedside.check", code=code), 303)


@bp.post("/bedside/checks/<code>/second")
@needs(Permission.BEDSIDE)
def second(code: str) -> ResponseReturnValue:
    """The second person takes over the tablet: signs in as themself, and the first is signed out."""
    form = read(SignInForm, request.form)
    if isinstance(form, Faults):
        return _step(code, form.errors), 422
    person = authenticate(site(), form.sign_in, form.password)
    if isinstance(person, Refusal):
        return _step(code, refusal=person), 401
    refusal = _not_the_second(code, person)
    if refusal is not None:
        return _step(code, refusal=refusal), HTTPStatus.CONFLICT
    return _take_over(code, person)


def _not_the_second(code: str, person: Person) -> Refusal | None:
    with this_db() as db:
        found = queries.check_by_code(db, code)
        if found is None:
            abort(404)
        if person.id == found.first_person_id:
            return second_is_first()
    return None if allowed(person.role, Permission.BEDSIDE) else not_at_the_bed()


def _take_over(code: str, person: Person) -> ResponseReturnValue:
    former = current()
    device = request.cookies.get(device_cookie()) or secrets.token_urlsafe(16)
    let_go()
    with site().db.act(presence.actor_from(person), clock.now()) as work:
        entered = presence.enter(work, person, former, device)
    if isinstance(entered, Refusal):
        return _step(code, refusal=entered), 401
    session.clear()
    login_user(entered)
    target = url_for("access.password") if entered.must_change else url_for("bedside.check", code=code)
    response = redirect(target, 303)
    keep_device(response, device[:64])
    return response


@bp.post("/bedside/checks/<code>/start")
@needs(Permission.BEDSIDE)
def begin(code: str) -> ResponseReturnValue:
    """Start the infusion, with what was measured at thaw."""
    form = read(StartForm, request.form)
    if isinstance(form, Faults):
        return _step(code, form.errors), 422
    with this_work() as work:
        answer = operations.start_infusion(work, code, form)
    if isinstance(answer, Stop) and all(no.reason in ENTRIES for no in answer.every):
        return _step(code, refusal=answer, others=answer.others), 422
    if isinstance(answer, Refusal):
        return _stopped(answer, code)
    return redirect(url_for("bedside.infusion", code=answer.code), 303)


@bp.get("/bedside/infusions")
@needs(Permission.BEDSIDE_READ)
def infusions() -> ResponseReturnValue:
    """All infusions, the latest first."""
    with this_db() as db:
        return render_template("bedside/infusions.html", infusions=overview.infusions(db))


@bp.get("/bedside/infusions/<code>")
@needs(Permission.BEDSIDE_READ)
def infusion(code: str) -> ResponseReturnValue:
    """One infusion: what was given, or the form for its end."""
    return page_of(code, Typed())


@bp.post("/bedside/infusions/<code>/end")
@needs(Permission.BEDSIDE)
def end(code: str) -> ResponseReturnValue:
    """Record the end; what was delivered is computed."""
    form = read(EndForm, request.form)
    if isinstance(form, Faults):
        return page_of(code, Typed(form.errors, form.values))
    with this_work() as work:
        answer = operations.end_infusion(work, code, form)
    if isinstance(answer, Refusal):
        others = answer.others if isinstance(answer, Stop) else ()
        return page_of(code, Typed(values=typed(request.form), refusal=answer), others)
    return redirect(url_for("bedside.infusion", code=code), 303)


@bp.get("/bedside/scans")
@needs(Permission.BEDSIDE_READ)
def scans() -> ResponseReturnValue:
    """Every scan, and how many codes were scanned rather than typed."""
    before = request.args.get("before", type=int)
    with this_db() as db:
        found = overview.latest_scans(db, overview.PAGE + 1, before)
        return render_template(
            "bedside/scans.html",
            scans=found[: overview.PAGE],
            more=found[overview.PAGE - 1].id if len(found) > overview.PAGE else None,
            compliance=overview.compliance(db),
            overrides=[_override_row(line) for line in overview.overrides(db)],
        )


def _override_row(line: overview.OverrideLine) -> tuple[object, ...]:
    who = say("{physician} with {second}", physician=line.physician, second=line.second)
    return (line.code, line.unit, line.recipient, word(line.overridden), line.minutes_after_thaw,
            moment_words(line.made_at), who, line.reason)  # fmt: skip
