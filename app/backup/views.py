"""The page of backups: when the last good one was made, and how to make and use one."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from app.access.doors import needs, this_db
from app.access.permissions import Permission
from app.backup import queries
from app.kernel import clock
from app.web.pages import wants_json

bp = Blueprint("backup", __name__, template_folder="templates")


@bp.get("/backups")
@needs(Permission.BACKUP_READ)
def index() -> ResponseReturnValue:
    """The latest backups, newest first, and whether the last one is too old."""
    with this_db() as db:
        found, standing = queries.latest(db), queries.standing(db, clock.now())
    if wants_json():
        return jsonify(last=standing.last, worry=standing.worry, limits=standing.version)
    return render_template("backup/index.html", backups=found, standing=standing)
