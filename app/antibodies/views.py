"""Pages of antibodies: the latest imports, a bead file in two steps, and what a serum says."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select

from app.access.doors import actor, can, kept, needs, site, this_db, this_work
from app.access.permissions import Permission
from app.access.proof import prove
from app.antibodies import fusion, operations, queries, rules, sera, withdrawing
from app.antibodies.bars import bar
from app.antibodies.csvrows import MAX_BYTES
from app.antibodies.cutoffs import cut_off
from app.antibodies.faults import Fault
from app.antibodies.forms import AssignForm, UploadForm, WithdrawForm, drawn_days
from app.antibodies.fusion import BeadFile
from app.evidence import files
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.recipients import queries as recipients
from app.recipients.models import Recipient
from app.web.csvtext import csv_text
from app.web.formpage import Typed, shown
from app.web.forms import Faults, read, typed
from app.web.pages import refused
from app.web.security import as_attachment, takes_files
from app.web.uploads import Kind, uploaded

bp = Blueprint("antibodies", __name__, template_folder="templates")

#: A plate of 96 sera on one kit has about 1.3 MB.
LIMIT_MB = 5


@bp.get("/antibodies")
@needs(Permission.ANTIBODY_READ)
def index() -> str:
    """The latest imports."""
    with this_db() as db:
        return render_template(
            "antibodies/index.html", runs=queries.imports(db), may_write=can(Permission.ANTIBODY_WRITE)
        )


@bp.get("/antibodies/upload")
@needs(Permission.ANTIBODY_WRITE)
def upload_form() -> str:
    """The first step: the file, the recipient, the order of day and month."""
    return _upload({}, {"recipient": request.args.get("recipient", "")[:20]})


def _upload(
    errors: dict[str, str], values: dict[str, str], faults: tuple[Fault, ...] = (), no: Refusal | None = None
) -> str:
    with this_db() as db:
        return render_template(
            "antibodies/upload.html",
            recipients=[(line.code, line.code) for line in recipients.listed(db)],
            limit_mb=LIMIT_MB,
            errors=errors,
            values=values,
            faults=faults,
            no=no,
        )


@bp.post("/antibodies/upload")
@needs(Permission.ANTIBODY_WRITE)
@takes_files(LIMIT_MB)
def upload() -> ResponseReturnValue:
    """Read the file whole; keep it if it can be read, and ask which sample is which serum."""
    form = read(UploadForm, request.form)
    if isinstance(form, Faults):
        return _upload(form.errors, form.values), 422
    file = uploaded("file", LIMIT_MB, Kind.CSV)
    if isinstance(file, Refusal):
        return _upload({"file": f"{file.sentence} {file.next_step}"}, request.form.to_dict()), 422
    found = fusion.parse(file.data, date_order=form.date_order)
    faults = () if isinstance(found, BeadFile) else found
    with this_work() as work:
        answer = operations.receive_beads(work, form.recipient, file.data, file.claimed_name, form.date_order)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", form.recipient), answer)
    if isinstance(answer, Refusal):
        listed = faults if answer.reason is rules.Why.FILE_UNREADABLE else ()
        return _upload({}, request.form.to_dict(), listed, None if listed else answer), 422
    order = form.date_order.value
    next_step = url_for(
        "antibodies.assign_form", sha256=answer.sha256, recipient=form.recipient, date_order=order
    )
    return redirect(next_step, 303)


@bp.get("/antibodies/files/<sha256>")
@needs(Permission.ANTIBODY_WRITE)
def assign_form(sha256: str) -> ResponseReturnValue:
    """The second step: on which day was the serum of each sample drawn."""
    form = read(AssignForm, request.args)
    if isinstance(form, Faults):
        abort(404)
    return _assign(sha256, form, {}, {})


def _assign(
    sha256: str, form: AssignForm, errors: dict[str, str], values: dict[str, str], no: Refusal | None = None
) -> ResponseReturnValue:
    with this_db() as db:
        recipient = recipients.by_code(db, form.recipient)
        if recipient is None:
            abort(404)
        file = _kept_file(sha256, form)
        if isinstance(file, Refusal):
            return refused(file, 422, back=url_for("antibodies.upload_form"))
        page = render_template(
            "antibodies/assign.html",
            file=file,
            sha256=sha256,
            form=form,
            sera=sera.sera_of(db, recipient.id or 0),
            errors=errors,
            values=values,
            no=no,
        )
    return page, 422 if errors or no else 200


def _kept_file(sha256: str, form: UploadForm) -> BeadFile | Refusal:
    """The file of the first step, read again. Another file than a bead file is not here."""
    with this_db() as db:
        stored = db.exec(select(StoredFile).where(StoredFile.sha256 == sha256)).one_or_none()
        if stored is None or stored.size_bytes > MAX_BYTES:
            abort(404)
        found = fusion.parse(files.read(db, stored), date_order=form.date_order)
    return found if isinstance(found, BeadFile) else rules.unreadable(found)


@bp.post("/antibodies/files/<sha256>")
@needs(Permission.ANTIBODY_WRITE)
def assign(sha256: str) -> ResponseReturnValue:
    """Take the results of the samples that were given a day."""
    form = read(AssignForm, request.form)
    if isinstance(form, Faults):
        return refused(_lost(), 422, back=url_for("antibodies.upload_form"))
    file = _kept_file(sha256, form)
    if isinstance(file, Refusal):
        return refused(file, 422, back=url_for("antibodies.upload_form"))
    days = drawn_days(request.form, list(file.samples))
    if isinstance(days, Faults):
        return _assign(sha256, form, days.errors, days.values)
    with this_work() as work:
        stored = work.db.exec(select(StoredFile).where(StoredFile.sha256 == sha256)).one()
        data = files.read(work.db, stored)
        answer = operations.import_drawn(
            work, form.recipient, data, stored.came_as, form.date_order, days, form.reason
        )
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", form.recipient), answer)
    if isinstance(answer, Refusal):
        return _assign(sha256, form, {}, request.form.to_dict(), answer)
    return redirect(url_for("antibodies.index"), 303)


def _lost() -> Refusal:
    """The second step without the facts of the first."""
    return Refusal(
        rules.Why.NOTHING_CHOSEN,
        say("The facts of the first step are missing."),
        say("Upload the file again."),
    )


@bp.get("/antibodies/sera/<code>")
@needs(Permission.ANTIBODY_READ)
def serum(code: str) -> str:
    """What one serum says: calls explained, and every bead."""
    with this_db() as db:
        found = sera.serum_by_code(db, code)
        if found is None:
            abort(404)
        assert found.id is not None
        runs = queries.imports(db, found.id)
        tables = [(run, queries.bead_table(db, run.run_id)) for run in runs if run.counts]
        return render_template(
            "antibodies/serum.html",
            serum=found,
            recipient=db.get_one(Recipient, found.recipient_id).code,
            calls=queries.calls_of(db, found.id),
            notes=queries.self_notes(db, found.id),
            runs=runs,
            tables=tables,
            rules=cut_off(),
            bar=bar,
            may_write=can(Permission.ANTIBODY_WRITE),
        )


@bp.get("/antibodies/sera/<code>/beads.csv")
@needs(Permission.ANTIBODY_READ)
def beads_csv(code: str) -> ResponseReturnValue:
    """Every bead of the serum's standing runs as CSV."""
    with this_db() as db:
        found = sera.serum_by_code(db, code)
        if found is None:
            abort(404)
        rows = [
            (
                run.kit,
                bead.bead_id,
                bead.role.value,
                bead.specificity,
                bead.raw,
                bead.count,
                bead.zone,
                bead.why,
            )
            for run in queries.imports(db, found.id or 0)
            if run.counts
            for bead in queries.bead_table(db, run.run_id)
        ]
    heads = ("kit", "bead", "role", "specificity", "raw_mfi", "events", "zone", "why_not_read")
    answer = make_response(csv_text(heads, rows))
    answer.mimetype = "text/csv"
    return as_attachment(answer, f"{found.code}-beads.csv")


@bp.get("/antibodies/sera/<code>/runs/<int:run_id>/withdrawal")
@needs(Permission.ANTIBODY_WRITE)
def withdrawal(code: str, run_id: int) -> ResponseReturnValue:
    """What would be withdrawn, and the signature."""
    return _withdrawal(code, run_id, Typed())


def _withdrawal(code: str, run_id: int, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        found = sera.serum_by_code(db, code)
        runs = [] if found is None else queries.imports(db, found.id)
        run = next((one for one in runs if one.run_id == run_id), None)
    if run is None:
        abort(404)
    return shown("antibodies/withdraw.html", form, run=run, sign_in=actor().sign_in)


@bp.post("/antibodies/sera/<code>/runs/<int:run_id>/withdrawal")
@needs(Permission.ANTIBODY_WRITE)
def withdraw(code: str, run_id: int) -> ResponseReturnValue:
    """Withdraw a run: it stays in the record and no longer counts."""
    form = read(WithdrawForm, request.form)
    if isinstance(form, Faults):
        return _withdrawal(code, run_id, Typed(form.errors, form.values))
    proof = prove(site(), form.sign_in, request.form.get("password", ""))
    if isinstance(proof, Refusal):
        return _withdrawal(code, run_id, Typed({"password": str(proof)}, typed(request.form)))
    with this_work() as work:
        answer = withdrawing.withdraw_run(work, code, run_id, form.reason, proof)
        if isinstance(answer, Refusal):
            kept(work, Subject("serum", code), answer)
    if isinstance(answer, Refusal):
        return _withdrawal(code, run_id, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("antibodies.serum", code=code), 303)
