"""Specifications from outside: a TOML file that was uploaded, or one that ships with Hilo."""

import tomllib

from pydantic import ValidationError

from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.quality.forms import SHIPPED, SpecificationForm, shipped_names
from app.quality.queries import Line
from app.quality.rules import Limit, Why

#: A specification file is a page or two of text.
SPECIFICATION_LIMIT = 200_000
_AGAIN = say("Mend the file and upload it again; nothing was adopted.")


def chosen_text(ships_as: str, uploaded: bytes) -> str | Refusal:
    """The text of the uploaded file or, without one, of the specification that ships under this name."""
    if uploaded:
        read = read_specification(uploaded)
        return read if isinstance(read, Refusal) else uploaded.decode("utf-8")
    if ships_as in shipped_names():
        return (SHIPPED / f"{ships_as}.toml").read_text("utf-8")
    return Refusal(
        Why.BAD_FILE, say("No specification was chosen."), say("Upload a file, or choose one that ships.")
    )


def read_specification(source: bytes) -> SpecificationForm | Refusal:
    """A specification from the bytes of a TOML file, or why it cannot be read, with the place."""
    if len(source) > SPECIFICATION_LIMIT:
        return Refusal(Why.BAD_FILE, say("This file is too large for a specification."), _AGAIN)
    try:
        return SpecificationForm.model_validate(tomllib.loads(source.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        return Refusal(Why.BAD_FILE, say("This is not a specification file: {fault}.", fault=fault), _AGAIN)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = " › ".join(str(part) for part in first["loc"]) or say("the file")
        return Refusal(Why.BAD_FILE, say("In {place}: {first}.", place=place, first=first["msg"]), _AGAIN)


def lines_of(form: SpecificationForm) -> list[Line]:
    """The tests as the checklist will show them."""
    return [
        Line(
            test_id=0,
            limit=Limit(
                test.test,
                test.name,
                test.comparator,
                test.limit,
                test.limit_words,
                test.unit,
                test.weight,
                test.retest,
            ),
            method=test.method,
            source=test.source,
            result_id=None,
            qualifier="",
            value_number=None,
            value_words=None,
            flag=None,
            sampled_at=None,
            resulted_at=None,
        )
        for test in form.tests
    ]
