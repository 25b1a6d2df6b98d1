"""A small app made of the shared parts, so that they are tested before and apart from the rooms."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from flask import Flask, Response, abort, jsonify, make_response, render_template, request
from pydantic import BaseModel, Field

from app.kernel.refusals import Refusal
from app.web.errors import answer_errors
from app.web.forms import Faults, PlainDate, PlainDecimal, read
from app.web.genealogy import Node, genealogy
from app.web.pages import furnish, refused, register_nav
from app.web.security import secure, takes_files
from app.web.timeline import Mark, Panel, Point, Series, timeline
from app.web.uploads import Kind, Upload, uploaded
from tests.pages import PolicedClient


@dataclass(frozen=True)
class Someone:
    """Who is signed in."""

    sign_in: str = "amara"
    name: str = "Amara Okafor"
    role: str = "technologist"


class Why(StrEnum):
    """Why the demo says no."""

    EXPIRED = "expired"


NO = Refusal(Why.EXPIRED, "This bag expired at 14:10.", "Do not infuse. Return the bag.")
AT = datetime(2025, 5, 6, 9, 40, tzinfo=UTC)


class Harvest(BaseModel):
    """A form with a fault in every kind of field."""

    viable: PlainDecimal = Field(ge=0, le=100, title="Viability")
    day: PlainDate = Field(title="Harvest date")
    vessel: Annotated[str, Field(max_length=20)]


def lot_picture() -> str:
    """Donor to recipient, with a recalled bag, a waiting lot and a stack."""
    nodes = [
        Node("d", "D-0007", "donor", "#d", "eligible"),
        Node("t", "DON-25-014", "donation", "#t"),
        Node("w", "MSC-25-001-F01", "flask", "#w", "consumed"),
        Node("l", "MSC-25-001", "lot", "#l", "in_quarantine", current=True),
        Node("b1", "MSC-25-001-B01", "bag", "#b1", "recalled"),
        Node("r", "LN-01", "recipient", "#r"),
        *(Node(f"b{n}", f"MSC-25-001-B{n:02d}", "bag", f"#b{n}", "available") for n in range(2, 11)),
    ]
    edges = [("d", "t"), ("t", "w"), ("w", "l"), ("b1", "r"), *(("l", f"b{n}") for n in range(1, 11))]
    return genealogy(nodes, edges)


def course() -> str:
    """Two panels, a gap, values below the limit, an infusion."""
    months = (0, 1, 3, 6, 9)
    score = [Point(at, value) for at, value in zip(months, (16, 9, None, 4, 4), strict=True)]
    rising = [
        Point(at, mfi, mfi == 300) for at, mfi in zip(months, (300, 900, 4200, 2100, 1300), strict=True)
    ]
    low = [Point(at, 300, True) for at in months]
    return timeline(
        [
            Panel("SLEDAI-2K", "points", [Series("SLEDAI-2K", score)], band=(0, 4)),
            Panel(
                "Antibodies",
                "MFI",
                [Series("A*24:02", rising), Series("B*35:01", low)],
                limits=[(1500, "positive from 1500")],
                log=True,
            ),
        ],
        [Mark(0, "Infusion")],
        ticks=[(at, f"Month {at}" if at else "Day 0") for at in months],
    )


def make_app(example: bool = True) -> Flask:
    """The demo app. What it received stands in ``app.extensions["demo"]``, a list of dicts."""
    app = Flask(__name__, static_folder=None)
    app.config.update(SECRET_KEY="only for tests", HILO_TIMEZONE="Europe/Madrid", HILO_SITE="Demo site")
    app.config.update(HILO_VERSION="0.1.0", HILO_EXAMPLE=example, HILO_IDLE_MINUTES=15)
    app.test_client_class = PolicedClient
    app.extensions["demo"] = []
    secure(app)
    furnish(app, who=Someone, can=lambda permission: permission != "people:manage")
    answer_errors(app)
    _office(app)
    _bedside(app)
    register_nav(
        app, [("Lots", "lot", ""), ("Harvest", "form", "lot:write"), ("People", "bug", "people:manage")]
    )
    return app


def _received(app: Flask, facts: object) -> None:
    app.extensions["demo"].append(facts)


def _office(app: Flask) -> None:
    @app.get("/")
    def lot() -> str:
        return render_template(
            "demo/lot.html", at=AT, day=date(2028, 3, 31), lot_picture=lot_picture(), course=course()
        )

    @app.get("/find")
    def find() -> str:
        _received(app, {"find": request.args["code"]})
        return lot()

    @app.route("/form", methods=["GET", "POST"])
    @takes_files(limit_mb=5)
    def form() -> tuple[str, int]:
        answer = read(Harvest, request.form) if request.method == "POST" else Faults({})
        if isinstance(answer, Faults):
            page = render_template("demo/form.html", errors=answer.errors, values=answer.values)
            return page, 422 if answer.errors else 200
        return lot(), 200

    @app.post("/upload")
    @takes_files(limit_mb=2)
    def upload() -> Response:
        file = uploaded("beads", 2, Kind.CSV)
        if isinstance(file, Upload):
            return jsonify(size=len(file.data), sha256=file.sha256, name=file.claimed_name)
        return refused(file, 413 if "larger" in file.sentence else 422)

    @app.get("/refused")
    def no() -> Response:
        return refused(NO)

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("a secret of the inside")

    @app.get("/status/<int:code>")
    def status(code: int) -> str:
        abort(code)


def _bedside(app: Flask) -> None:
    @app.route("/bedside", methods=["GET", "POST"])
    def bedside() -> str:
        if request.method == "GET":
            return render_template("demo/bedside.html")
        _received(app, request.form.to_dict())
        word = "GO" if request.form["code"].startswith("B7K3") else "STOP"
        return verdict(word)

    @app.get("/verdict/<word>")
    def verdict(word: str) -> str:
        return render_template(
            "demo/verdict.html",
            word=word,
            sentence={"GO": "Right patient, right bag."}.get(word, "This bag is for another patient."),
            next_step={"GO": "Infuse now."}.get(word, "Do not infuse. Call the cell laboratory."),
            reasons=[] if word == "GO" else [NO],
        )

    @app.post("/ignored")
    def ignored() -> str:
        _received(app, {"ignored": request.get_json()})
        return ""

    @app.post("/note")
    def note() -> str:
        _received(app, {"note": request.form["note"]})
        return render_template("demo/bedside.html")

    @app.post("/unlock")
    def unlock() -> tuple[Response, int]:
        right = request.form["password"] == "a good long password"
        return make_response(jsonify(csrf_token="renewed") if right else ""), 200 if right else 401
