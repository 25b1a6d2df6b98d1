"""Pages of populations: every value of a recipient, typed twice or taken from the laboratory's table."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.doors import can, kept, needs, this_db, this_work
from app.access.permissions import Permission
from app.cytometry import counting, queries
from app.cytometry.count_forms import SampleForm, counts_of
from app.cytometry.counting import Sample
from app.cytometry.models import PopulationValue
from app.cytometry.populations import populations
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.recipients import queries as recipients
from app.web.formpage import Typed, shown
from app.web.forms import Faults, typed
from app.web.security import takes_files
from app.web.uploads import Kind, Upload, uploaded

bp = Blueprint("populations", __name__)

LIMIT_MB = 1


@bp.get("/recipients/<code>/populations")
@needs(Permission.CYTOMETRY_READ)
def index(code: str) -> ResponseReturnValue:
    """Every value of a recipient's populations, and the form for more."""
    return _page(code, Typed())


def _page(code: str, form: Typed) -> ResponseReturnValue:
    with this_db() as db:
        recipient = recipients.by_code(db, code)
        if recipient is None:
            abort(404)
        rows = counting.past_counts(db, known(recipient.id))
        former = {row.supersedes_id for row in rows}
        kept_files = queries.listed(db, recipient.id)
        return shown(
            "cytometry/populations.html",
            form,
            recipient=recipient.code,
            rows=[(row, counting.kind_of(row), row.id in former) for row in reversed(rows)],
            files=counting.files_of(db, rows),
            kept_files=[(line.code, f"{line.code}, {line.collected_on}") for line in kept_files],
            followed=populations().followed,
            limit_mb=LIMIT_MB,
            may_write=can(Permission.CYTOMETRY_WRITE),
        )


@bp.post("/recipients/<code>/populations")
@needs(Permission.CYTOMETRY_WRITE)
@takes_files(LIMIT_MB)
def keep(code: str) -> ResponseReturnValue:
    """Keep the values typed twice alike, or the table that came with the form."""
    sheet = counts_of(request.form)
    if isinstance(sheet, Faults):
        return _page(code, Typed(sheet.errors, sheet.values))
    table = _table()
    if isinstance(table, Refusal):
        return _page(code, Typed({"table": str(table)}, typed(request.form)))
    if table is not None and sheet.values:
        error = "Table: type the values or send the table, not both."
        return _page(code, Typed({"table": error}, typed(request.form)))
    sample = _sample(code, sheet.words)
    answer: list[PopulationValue] | Refusal
    with this_work() as work:
        if table is None:
            answer = counting.record_counts(work, sample, sheet.values)
        else:
            answer = counting.import_counts(work, sample, table.data, table.claimed_name)
        if isinstance(answer, Refusal):
            kept(work, Subject("recipient", code), answer)
    if isinstance(answer, Refusal):
        return _page(code, Typed(values=typed(request.form), refusal=answer))
    return redirect(url_for("cytometry.populations.index", code=code), 303)


def _table() -> Upload | Refusal | None:
    """The laboratory's table, when one was chosen."""
    file = request.files.get("table")
    if file is None or not file.filename:
        return None
    return uploaded("table", LIMIT_MB, Kind.CSV)


def _sample(code: str, words: SampleForm) -> Sample:
    return Sample(code, words.collected_on, words.file, words.explanation, words.reason)
