"""Pages of quality: the release desk, results, specifications."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from app.access.doors import actor, can, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject
from app.evidence.signatures import signatures_on
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.lots import queries as lots
from app.lots.models import Lot
from app.quality import concerned, operations, queries, reading
from app.quality.forms import ENTRIES, DecisionForm, EntryForm, SpecificationForm, shipped_names
from app.quality.models import Decision
from app.quality.results import ENTER
from app.web.formpage import Typed, carry_out, shown
from app.web.forms import Faults, read, typed

bp = Blueprint("quality", __name__, template_folder="templates")


@bp.record_once
def _tell_every_page(state: BlueprintSetupState) -> None:
    """A page of any room can say that a lot, or the lot of a unit, is in use while results are out."""
    state.app.jinja_env.globals["release_note"] = release_note


def release_note(lot: str = "", unit: str = "") -> Markup:
    """The tests that a conditionally released lot waits for, in one sentence; empty for any other lot."""
    with this_db() as db:
        waiting = concerned.waiting_on(db, lot, unit)
    return Markup(render_template("quality/_note.html", waiting=waiting) if waiting else "")


@bp.get("/quality")
@needs(Permission.QUALITY_READ)
def index() -> str:
    """Lots that wait for quality, and the specifications in force."""
    with this_db() as db:
        return render_template(
            "quality/index.html", lots=queries.desk_rows(db), specifications=queries.specifications(db)
        )


@bp.get("/quality/<code>")
@needs(Permission.QUALITY_READ)
def desk(code: str) -> ResponseReturnValue:
    """The release desk of one lot."""
    return _desk(code, Typed())


def _desk(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        lot = _lot(db, code)
        lines = queries.checklist(db, lot)
        decided = queries.release_of(db, known(lot.id))
        facts = {
            "lot": lot,
            "lines": lines,
            "missing": queries.pending(lines),
            "failing": queries.failing(lines),
            "decided": decided,
            "pending_names": queries.names_of(lines, decided.pending) if decided else [],
            "stands": queries.release_stands(db, lot),
            "history": queries.told_history(db, known(lot.id)),
            "signatures": signatures_on(db, Subject("lot", lot.code)),
            "holds": concerned.holds_on_lot(db, lot),
            "critical": concerned.critical_on_lot(db, lot),
            "deviations": concerned.deviations_of(db, lot),
            "digest": sha256_of(queries.record_of_release(db, lot, Decision.RELEASED, "", "")),
        }
    return shown(
        "quality/desk.html",
        form,
        **facts,
        ticked=request.form.getlist("pending"),
        decisions=queries.open_decisions(lot, facts["decided"] is not None and not facts["stands"]),
        sign_in=actor().sign_in,
        may_release=can(Permission.RELEASE),
    )


def _lot(db: Session, code: str) -> Lot:
    lot = lots.lot_by_code(db, code)
    if lot is None:
        abort(404)
    return lot


@bp.route("/quality/<code>/results", methods=["GET", "POST"])
@needs(Permission.RESULT_WRITE)
def enter_result(code: str) -> ResponseReturnValue:
    """Enter a first result, a correction of the one that counts, or a retest."""
    with this_db() as db:
        lot = _lot(db, code)
        lines = queries.checklist(db, lot)

    def page(form: Typed) -> ResponseReturnValue:
        return shown("quality/result.html", form, lot=lot, lines=lines)

    if request.method == "GET":
        return page(Typed(values={"test": request.args.get("test", "")[:60]}))
    entry = read(EntryForm, request.form)
    if isinstance(entry, Faults):
        return page(Typed(entry.errors, typed(request.form)))
    return carry_out(
        ENTRIES[entry.entry],
        Subject("lot", lot.code),
        page,
        lambda work, form: ENTER[entry.entry](work, code, form),
        lambda _made: url_for("quality.desk", code=code),
    )


@bp.post("/quality/<code>/decision")
@needs(Permission.RELEASE)
def decide(code: str) -> ResponseReturnValue:
    """Sign the decision on a lot."""
    with this_db() as db:
        lot = _lot(db, code)
    form = read(DecisionForm, {**request.form.to_dict(), "pending": request.form.getlist("pending")})
    if isinstance(form, Faults):
        return _desk(code, Typed(form.errors, typed(request.form)))
    proof = prove(site(), request.form.get("sign_in", ""), request.form.get("password", ""))
    if isinstance(proof, Refusal):
        return _desk(code, Typed({"password": str(proof)}, typed(request.form)))
    with this_work() as work:
        answer = operations.decide_release(
            work, code, form.decision, tuple(form.pending), form.reason, proof, shown=form.digest
        )
        if isinstance(answer, Refusal):
            kept(work, Subject("lot", lot.code), answer)
    if isinstance(answer, Refusal):
        return _desk(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("quality.desk", code=code), 303)


@bp.get("/specifications/<code>/<int:version>")
@needs(Permission.QUALITY_READ)
def specification(code: str, version: int) -> str:
    """One version of a specification."""
    with this_db() as db:
        found = queries.specification_by(db, code, version)
        if found is None:
            abort(404)
        return render_template(
            "quality/specification.html",
            specification=found,
            tests=queries.tests_of(db, found),
            signer=queries.signer_name(db, found.signature_id),
        )


@bp.get("/specifications/new")
@needs(Permission.SPECIFICATION_WRITE)
def choose() -> ResponseReturnValue:
    """Choose the version to adopt: a file, or one that ships with Hilo."""
    return _choose(Typed())


def _choose(form: Typed) -> ResponseReturnValue:
    return shown("quality/choose.html", form, names=shipped_names())


@bp.post("/specifications/new")
@needs(Permission.SPECIFICATION_WRITE)
def preview() -> ResponseReturnValue:
    """Show what would be signed, test by test."""
    chosen = reading.chosen_text(request.form.get("ships_as", ""), _uploaded())
    if isinstance(chosen, Refusal):
        return _choose(Typed({"file": str(chosen)}, typed(request.form)))
    return _preview(chosen, Typed())


def _uploaded() -> bytes:
    file = request.files.get("file")
    return b"" if file is None else file.read(reading.SPECIFICATION_LIMIT + 1)


def _preview(text: str, form: Typed) -> ResponseReturnValue:
    specification = reading.read_specification(text.encode())
    if isinstance(specification, Refusal):
        return _choose(Typed({"file": str(specification)}, form.values))
    return shown(
        "quality/adopt.html",
        form,
        specification=specification,
        tests=reading.lines_of(specification),
        text=text,
        digest=sha256_of(specification.model_dump()),
        sign_in=actor().sign_in,
    )


@bp.post("/specifications")
@needs(Permission.SPECIFICATION_WRITE)
def adopt() -> ResponseReturnValue:
    """Adopt the version that was shown, by signature."""
    text = request.form.get("text", "")[: reading.SPECIFICATION_LIMIT + 1]
    form = reading.read_specification(text.encode())
    if isinstance(form, Refusal):
        return _preview(text, Typed())
    proof = prove(site(), request.form.get("sign_in", ""), request.form.get("password", ""))
    if isinstance(proof, Refusal):
        return _preview(text, Typed({"password": str(proof)}))
    with this_work() as work:
        answer = operations.adopt_specification(work, form, proof)
        if isinstance(answer, Refusal):
            kept(work, Subject("specification", f"{form.code} v{form.version}"), answer)
    if isinstance(answer, Refusal):
        return _preview(text, Typed(refusal=answer))
    return redirect(_page_of(form), 303)


def _page_of(form: SpecificationForm) -> str:
    return url_for("quality.specification", code=form.code, version=form.version)
