"""Reading one unit as JSON, signed in, over the cost of a Flask page that says hello."""

import json
from collections.abc import Iterator

from flask import Flask

from bench.grounds import Grounds
from bench.measure import Goal, ratio
from bench.web import answer, request, signed_in

GOALS = (Goal("http-read", "x", 2.6),)


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU of `/units/<code>.json` through the product's WSGI callable over that of a bare Flask page."""
    ground = grounds.ground("sqlite", grounds.sizes[-1])
    bag = ground.sown.season.rows["unit"][-1]["code"]
    code = ground.sown.code(bag, ground.sown.seasons // 2)
    app, headers = signed_in(ground.site)
    hello = Flask("hello")
    hello.add_url_rule("/", view_func=lambda: "hello")
    asked, greeted = request(f"/units/{code}.json", headers), request("/")
    status, body = answer(app, asked)
    if status != "200 OK" or json.loads(body)["code"] != code:
        raise RuntimeError(f"asked for unit {code}, answered {status}")
    yield "http-read", ratio(lambda: answer(app, asked), lambda: answer(hello, greeted), grounds.pairs)
