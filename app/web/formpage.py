"""A form's way: read it, do one act, keep a refusal; then on, or back to the page with what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from app.access.doors import kept, this_work
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.web.forms import Faults, read, typed

F = TypeVar("F", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form page shows again: faults by field, what was typed, and a refusal when there is one."""

    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def status(self) -> HTTPStatus:
        """200 at first, 422 for what was typed wrong, 409 for what Hilo refuses."""
        if self.refusal is not None:
            return HTTPStatus.CONFLICT
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.errors else HTTPStatus.OK


#: Draws a form page, with its faults when there are some.
Page = Callable[[Typed], ResponseReturnValue]


def shown(template: str, form: Typed, **facts: object) -> ResponseReturnValue:
    """The page, with ``errors``, ``values`` and ``refusal`` for its form, and the status that fits."""
    page = render_template(template, errors=form.errors, values=form.values, refusal=form.refusal, **facts)
    return page, form.status


def carry_out(
    form: type[F],
    subject: Subject,
    page: Page,
    run: Callable[[Work, F], R | Refusal],
    onward: Callable[[R], str],
    source: Mapping[str, object] | None = None,
) -> ResponseReturnValue:
    """Read the form and do the act; ``onward`` gives the address to go to once it is done."""
    source = request.form if source is None else source
    given = read(form, source)
    if isinstance(given, Faults):
        return page(Typed(given.errors, given.values))
    with this_work() as work:
        answer = run(work, given)
        if isinstance(answer, Refusal):
            kept(work, subject, answer)
    if isinstance(answer, Refusal):
        return page(Typed(values=typed(source), refusal=answer))
    return redirect(onward(answer), 303)
