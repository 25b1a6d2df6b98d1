"""Pages of the patient's consent: record it with its signed sheet, read the sheet (logged), take it back."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.recipients import consents, queries
from app.recipients.forms import ConsentForm, ConsentWithdrawalForm
from app.recipients.models import ConsentScope
from app.web.formpage import Typed
from app.web.forms import Faults, read, typed
from app.web.pages import refused
from app.web.security import as_attachment, takes_files
from app.web.uploads import Kind, UploadFault, uploaded

bp = Blueprint("consents", __name__)

LIMIT_MB = 10


@bp.get("/recipients/<code>/consent")
@needs(Permission.RECIPIENT_READ)
def consent(code: str) -> ResponseReturnValue:
    """Every consent of the patient, and the form for the next one."""
    return _page(code, Typed())


def _page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = queries.by_code(db, code)
        if found is None or found.id is None:
            abort(404)
        page = render_template(
            "recipients/consent.html",
            recipient=found,
            consents=queries.consents_of(db, found.id),
            scopes=[(scope.value, scope.words) for scope in ConsentScope],
            errors=form.errors,
            values=form.values,
            refusal=form.refusal,
        )
    return page, form.status


@bp.post("/recipients/<code>/consent")
@needs(Permission.RECIPIENT_WRITE)
@takes_files(LIMIT_MB)
def sign(code: str) -> ResponseReturnValue:
    """Record the signed consent; the scanned sheet may come with it."""
    form = read(ConsentForm, request.form)
    if isinstance(form, Faults):
        return _page(code, Typed(form.errors, form.values))
    file = uploaded("sheet", LIMIT_MB, Kind.PDF)
    if isinstance(file, Refusal) and file.reason is not UploadFault.MISSING:
        return _page(code, Typed({"sheet": str(file)}, typed(request.form)))
    sheet = None if isinstance(file, Refusal) else (file.data, file.claimed_name)
    with this_work() as work:
        answer = consents.record_consent(work, code, form, sheet)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("recipients.consents.consent", code=code), 303)


@bp.post("/recipients/<code>/consent/withdrawal")
@needs(Permission.RECIPIENT_WRITE)
def withdraw(code: str) -> ResponseReturnValue:
    """The patient took the consent back."""
    form = read(ConsentWithdrawalForm, request.form)
    if isinstance(form, Faults):
        return _page(code, Typed(form.errors, form.values))
    with this_work() as work:
        answer = consents.withdraw_consent(work, code, form)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("recipients.consents.consent", code=code), 303)


@bp.post("/recipients/<code>/consent/<consent_code>/sheet")
@needs(Permission.RECIPIENT_IDENTITY)
def sheet(code: str, consent_code: str) -> ResponseReturnValue:
    """The signed sheet, as it was scanned; that it was read is recorded."""
    with this_work() as work:
        answer = consents.read_sheet(work, code, consent_code)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return refused(answer, 404, back=url_for("recipients.index"))
    response: Response = make_response(answer)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Cache-Control"] = "no-store"
    return as_attachment(response, f"{consent_code}.pdf")
