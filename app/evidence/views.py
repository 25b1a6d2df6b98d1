"""Pages of the ledger, and what every device may ask: health and the site's root certificate."""

from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.access.doors import needs, public, site, this_db
from app.access.permissions import Permission
from app.evidence import queries
from app.evidence.checkpoints import line
from app.evidence.ledger import EventKind
from app.evidence.verify import verify

bp = Blueprint("evidence", __name__, template_folder="templates")


@bp.get("/ledger")
@needs(Permission.LEDGER_READ)
def index() -> str:
    """The entries, newest first, a page at a time."""
    before = request.args.get("before", type=int)
    kind, who = request.args.get("kind", "")[:80], request.args.get("actor", "")[:80]
    with this_db() as db:
        return render_template(
            "evidence/index.html",
            entries=queries.entries(db, before=before, kind=kind, actor=who),
            checkpoints=queries.checkpoints(db, 5),
            page=queries.PAGE,
            kinds=sorted(EventKind.known),
            kind=kind,
            actor=who,
        )


@bp.get("/ledger/<int:seq>")
@needs(Permission.LEDGER_READ)
def entry(seq: int) -> str:
    """One entry: who, when, old and new values, and the bytes that were hashed."""
    with this_db() as db:
        found = queries.entry(db, seq)
    if found is None:
        abort(404)
    told, body = found
    return render_template("evidence/entry.html", entry=told, body=body)


@bp.get("/ledger/checkpoints.txt")
@needs(Permission.LEDGER_READ)
def checkpoints() -> Response:
    """Checkpoints to keep elsewhere, one a line."""
    with this_db() as db:
        lines = [line(checkpoint) for checkpoint in queries.checkpoints(db, 10_000)]
    response = make_response("\n".join(lines) + "\n")
    response.headers["Content-Type"] = "text/plain; charset=us-ascii"
    response.headers["Content-Disposition"] = 'attachment; filename="checkpoints.txt"'
    return response


@bp.post("/ledger/verify")
@needs(Permission.LEDGER_VERIFY)
def check() -> str:
    """Verify the whole ledger and every row against it, now."""
    with this_db() as db:
        report = verify(db)
    return render_template("evidence/verified.html", report=report)


@bp.get("/health")
@public
def health() -> ResponseReturnValue:
    """Whether the site answers and its database can be read."""
    with site().db.reading() as db:
        queries.checkpoints(db, 1)
    return jsonify(ok=True)


@bp.get("/trust")
@public
def trust() -> str:
    """How a tablet learns to trust this site."""
    return render_template("evidence/trust.html", made=_root_file().exists())


@bp.get("/trust/root.crt")
@public
def root_certificate() -> Response:
    """The site's root certificate."""
    file = _root_file()
    if not file.exists():
        abort(404)
    response = make_response(file.read_bytes())
    response.headers["Content-Type"] = "application/x-x509-ca-cert"
    response.headers["Content-Disposition"] = 'attachment; filename="hilo-root.crt"'
    return response


def _root_file() -> Path:
    # Making certificates takes a library of 8 MB, which no other page needs.
    from app.tls import root_file

    return root_file(site().settings.data)
