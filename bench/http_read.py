"""Reading one unit as JSON, signed in, over the cost of a Flask page that says hello.

Both are asked through werkzeug's test client, as when the target was set: each side bears what every request
costs before and after the application. There, two raw SQL look-ups in a bare Flask view with a signed cookie
are 2.2 times hello; called as bare WSGI, where hello is a third of that, they are 4.
"""

from collections.abc import Iterator

from flask import Flask

from bench.grounds import Grounds
from bench.measure import Goal, ratio
from bench.web import signed_in

GOALS = (Goal("http-read", "x", 2.6),)


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU of `/units/<code>.json` from the product over that of a bare Flask page."""
    ground = grounds.ground("sqlite", grounds.sizes[-1])
    bag = ground.sown.season.rows["unit"][-1]["code"]
    code = ground.sown.code(bag, ground.sown.seasons // 2)
    app, headers = signed_in(ground.site)
    hello = Flask("hello")
    hello.add_url_rule("/", view_func=lambda: "hello")
    ours, theirs = app.test_client(use_cookies=False), hello.test_client(use_cookies=False)
    asked = f"/units/{code}.json"
    answer = ours.get(asked, headers=headers)
    if answer.status_code != 200 or answer.get_json()["code"] != code:
        raise RuntimeError(f"asked for unit {code}, answered {answer.status}")
    found = ratio(lambda: ours.get(asked, headers=headers), lambda: theirs.get("/"), grounds.pairs)
    yield "http-read", found
