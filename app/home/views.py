"""The first page after sign-in: what waits for this person's hands."""

from flask import Blueprint, render_template

from app.access.doors import can, needs, this_db
from app.access.permissions import Permission
from app.home.queries import waiting

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@needs(Permission.HOME)
def index() -> str:
    """What needs me now, each with its count and its link."""
    with this_db() as db:
        return render_template("home/index.html", tasks=waiting(db, can))
