"""When something goes wrong: a page that says what to do next, or the same as JSON."""

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.kernel.speech import say
from app.web.pages import wants_json

log = logging.getLogger("hilo.web")
#: Of a body beyond the limit, this much is read and thrown away: a browser that is still sending would
#: otherwise show "connection reset" in place of the answer. Beyond it the connection is simply closed.
DRAIN = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Words:
    """What a fault page says."""

    heading: str
    sentence: str
    next_step: str


#: Words for each status; a status without its own words gets those of 400 or 500.
WORDS: dict[int, Words] = {
    400: Words(
        say("Not understood"),
        say("This request could not be read. Nothing was saved."),
        say("Go back, check what you entered, and try once more."),
    ),
    401: Words(
        say("Sign in"),
        say("Nobody is signed in here."),
        say("Sign in, then repeat the step. Nothing was saved."),
    ),
    403: Words(
        say("Not for your role"),
        say("Your role does not allow this. Nothing was changed."),
        say("If it is your task, ask the administrator to check your role."),
    ),
    404: Words(
        say("Not here"),
        say("Nothing stands under this address or code."),
        say("Check the code, or scan it again from the start page."),
    ),
    405: Words(
        say("Not possible that way"),
        say("This address does not take that kind of request. Nothing was changed."),
        say("Go back and use the button on the page."),
    ),
    409: Words(
        say("Changed meanwhile"),
        say("Somebody else changed this record first. Nothing was saved."),
        say("Open the record again and look before you repeat the step."),
    ),
    413: Words(
        say("Too large"),
        say("What you sent is larger than this page takes. Nothing was saved."),
        say("Check that you chose the right file. The page says how large it may be."),
    ),
    415: Words(
        say("Wrong kind of file"),
        say("This page does not take that kind of file or data. Nothing was saved."),
        say("Choose a file of the kind that the page names."),
    ),
    422: Words(
        say("Not complete"),
        say("Something in the form is missing or cannot be right. Nothing was saved."),
        say("Go back, put it right, and send it again."),
    ),
    429: Words(
        say("Wait a moment"),
        say("Too many tries in a short time."),
        say("Wait one minute, then try again. Nobody is locked out."),
    ),
    500: Words(
        say("Something broke"),
        say("Hilo made a mistake. The step was not saved."),
        say("Try once more. If it happens again, use the paper procedure and report the incident."),
    ),
    503: Words(
        say("Not available"),
        say("Hilo cannot save at this moment. The step was not saved."),
        say("Use the paper procedure. Tell the administrator."),
    ),
}

STALE = Words(
    say("This page is too old"),
    say("The page was opened before you signed in, or in another session. Nothing was saved."),
    say("Go back, reload the page, and repeat the step."),
)


def words_of(status: int) -> Words:
    """The words of a status."""
    return WORDS.get(status) or WORDS[500 if status >= 500 else 400]


def answer_errors(app: Flask) -> None:
    """Answer every fault with words. A bug is logged with its incident and never shown."""
    app.register_error_handler(HTTPException, _answer)


def _answer(fault: Exception) -> Response:
    if not isinstance(fault, HTTPException):
        raise fault
    if fault.response is not None:
        return make_response(fault.response)
    status = fault.code or 500
    if isinstance(fault, RequestEntityTooLarge):
        _drain()
    words = STALE if isinstance(fault, CSRFError) else words_of(status)
    incident = _incident() if status >= 500 else ""
    if incident:
        log.error("incident %s: %s %s", incident, request.method, request.path)
    answer = _as_json(words, status, incident) if wants_json() else _as_page(words, incident)
    answer.status_code = status
    for name, value in fault.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


def _incident() -> str:
    """Eight characters to quote on the telephone, without look-alikes."""
    if "incident" not in g:
        g.incident = "".join(secrets.choice("23456789CFHJKMPRTVWX") for _ in range(8))
    return str(g.incident)


def _as_json(words: Words, status: int, incident: str) -> Response:
    facts = {"error": status, "sentence": words.sentence, "next_step": words.next_step}
    return jsonify(facts | ({"incident": incident} if incident else {}))


def _as_page(words: Words, incident: str) -> Response:
    try:
        return make_response(
            render_template(
                "web/error.html",
                heading=words.heading,
                sentence=words.sentence,
                next_step=words.next_step,
                incident=incident,
            )
        )
    except Exception:
        # The page itself needs the database (who is signed in); this one needs nothing.
        log.exception("fault page could not be drawn; incident %s", incident)
        return make_response(_bare(words, incident))


def _bare(words: Words, incident: str) -> str:
    number = f"<p>Incident {escape(incident)}</p>" if incident else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(words.heading)}</title>'
        f"</head><body><main><h1>{escape(words.heading)}</h1><p>{escape(words.sentence)}</p>"
        f"<p>{escape(words.next_step)}</p>{number}</main></body></html>"
    )


def _drain() -> None:
    """Read on a little and forget it, so that a browser still sending gets to see the answer."""
    stream, left = request.environ.get("wsgi.input"), min(DRAIN, request.content_length or 0)
    while stream is not None and left > 0:
        piece = stream.read(min(left, 256 * 1024))
        if not piece:
            return
        left -= len(piece)
