"""Pages of populations: typed twice, or uploaded as the laboratory's table."""

from decimal import Decimal

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.cytometry import counting, queries
from app.cytometry.counting import Sample
from app.cytometry.forms import SampleForm, counts_of
from app.cytometry.models import PopulationValue
from app.cytometry.populations import Kind, populations
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.recipients import queries as recipients
from app.web.formpage import Typed, shown
from app.web.forms import Faults, read, typed
from app.web.security import takes_files
from app.web.uploads import Kind as FileKind
from app.web.uploads import uploaded

bp = Blueprint("populations", __name__)

LIMIT_MB = 1


@bp.get("/recipients/<code>/populations")
@needs(Permission.CYTOMETRY_READ)
def index(code: str) -> ResponseReturnValue:
    """Every value of a recipient's populations, and the forms for more."""
    return _page(code, Typed())


def _page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        recipient = recipients.by_code(db, code)
        if recipient is None:
            abort(404)
        rows = counting.past_counts(db, known(recipient.id))
        former = {row.supersedes_id for row in rows}
        return shown(
            "cytometry/populations.html",
            form,
            recipient=recipient.code,
            rows=[(row, counting.kind_of(row), row.id in former) for row in reversed(rows)],
            files=counting.files_of(db, rows),
            kept_files=[
                (line.code, f"{line.code}, {line.panel}") for line in queries.listed(db, recipient.id)
            ],
            followed=populations().followed,
            limit_mb=LIMIT_MB,
            may_write=can(Permission.CYTOMETRY_WRITE),
        )


@bp.post("/recipients/<code>/populations")
@needs(Permission.CYTOMETRY_WRITE)
def type_in(code: str) -> ResponseReturnValue:
    """Keep values that were typed twice alike."""
    form, values = read(SampleForm, request.form), counts_of(request.form)
    faults = {
        name: sentence
        for one in (form, values)
        if isinstance(one, Faults)
        for name, sentence in one.errors.items()
    }
    if isinstance(form, Faults) or isinstance(values, Faults):
        return _page(code, Typed(faults, typed(request.form)))
    return _keep(code, form, values, None)


@bp.post("/recipients/<code>/populations/table")
@needs(Permission.CYTOMETRY_WRITE)
@takes_files(LIMIT_MB)
def upload(code: str) -> ResponseReturnValue:
    """Keep the laboratory's table and its values."""
    given = {name.removeprefix("table_"): value for name, value in request.form.items()}
    form = read(SampleForm, given)
    if isinstance(form, Faults):
        errors = {f"table_{name}": sentence for name, sentence in form.errors.items()}
        return _page(code, Typed(errors, typed(request.form)))
    file = uploaded("table", LIMIT_MB, FileKind.CSV)
    if isinstance(file, Refusal):
        return _page(code, Typed({"table": str(file)}, typed(request.form)))
    return _keep(code, form, {}, (file.data, file.claimed_name))


def _keep(
    code: str, form: SampleForm, values: dict[Kind, Decimal], table: tuple[bytes, str] | None
) -> ResponseReturnValue:
    sample = Sample(code, form.collected_on, form.file, form.explanation, form.reason)
    answer: list[PopulationValue] | Refusal
    with this_work() as work:
        if table is None:
            answer = counting.record_counts(work, sample, values)
        else:
            answer = counting.import_counts(work, sample, *table)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("cytometry.populations.index", code=code), 303)
