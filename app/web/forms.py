"""Outside text into values: one parser for page, JSON and file, and faults that a person can put right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from app.kernel.speech import Said, phrase, say
from app.web.pages import MONTHS, site_zone

Form = TypeVar("Form", bound=BaseModel)
#: What is given back to the page of a long text; nothing longer is ever shown again.
SHOWN = 2000
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
#: Months as they are typed, in either language; no abbreviation means two months.
_SPANISH = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
_WORD_DATE = re.compile(r"(\d{2})-([A-Za-z]{3})-(\d{4})")


@dataclass(frozen=True, slots=True)
class Faults:
    """A form that cannot be taken: a sentence for each field, and what was typed, to show again.

    ``errors`` keeps the order of the form; the key ``_form`` is about the whole. Secrets are left out of
    ``values``.
    """

    errors: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)


def read(form: type[Form], source: Mapping[str, object]) -> Form | Faults:
    """The form as values, or its faults. ``source`` is ``request.form`` or a JSON object.

    Empty text counts as not given; fields the class does not know are left to the class
    (``model_config = {"extra": "forbid"}`` refuses them; csrf and password fields are never counted).
    """
    given = {
        name: value
        for name, value in source.items()
        if name != "csrf_token" and not (isinstance(value, str) and not value.strip())
    }
    try:
        return form.model_validate(given)
    except ValidationError as faults:
        return Faults(_sentences(form, faults), typed(source))


def typed(source: Mapping[str, object]) -> dict[str, str]:
    """What was typed, to show it again: text only, no secrets, no token."""
    return {
        name: value[:SHOWN]
        for name, value in source.items()
        if isinstance(value, str) and "password" not in name and name != "csrf_token"
    }


def _sentences(form: type[BaseModel], faults: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in faults.errors(include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else "_form"
        sentence = _sentence(fault["type"], _label(form, name), fault["msg"], fault.get("ctx", {}))
        found.setdefault(name, sentence)
    return found


def _label(form: type[BaseModel], name: str) -> Said:
    known = form.model_fields.get(name)
    return say((known.title if known and known.title else name.replace("_", " ")).capitalize())


#: Sentences for the faults that pydantic finds; {label} and the fault's own figures are filled in.
_SENTENCES: dict[str, str] = {
    "missing": phrase("{label}: fill this in."),
    "string_too_long": phrase("{label}: at most {max_length} characters."),
    "string_too_short": phrase("{label}: at least {min_length} characters."),
    "greater_than": phrase("{label}: must be more than {gt}."),
    "greater_than_equal": phrase("{label}: must be {ge} or more."),
    "less_than": phrase("{label}: must be less than {lt}."),
    "less_than_equal": phrase("{label}: must be {le} or less."),
    "enum": phrase("{label}: choose one of {expected}."),
    "literal_error": phrase("{label}: choose one of {expected}."),
    "int_parsing": phrase("{label}: write a whole number, such as 12."),
    "int_from_float": phrase("{label}: write a whole number, such as 12."),
    "extra_forbidden": phrase("{label}: this page has no such field."),
    "decimal_max_places": phrase("{label}: at most {decimal_places} digits after the point."),
}


def _sentence(kind: str, label: str, message: str, facts: Mapping[str, object]) -> str:
    if kind in _SENTENCES:
        return say(_SENTENCES[kind], **{**facts, "label": label})
    words = message.removeprefix("Value error, ") if kind == "value_error" else message
    return say("{label}: {fault}.", label=label, fault=_fault(words))


def _fault(words: str) -> Said:
    """What a form's own question found, without the full stop and the capital of a sentence."""
    told_later = say(words)
    text = told_later.rstrip(".")
    if text[1:2].islower():
        text = text[:1].lower() + text[1:]
    return say(text) if text != words else told_later


def plain_decimal(value: object) -> object:
    """A number as ISMP wants it written: ``0.5`` not ``.5``, ``1`` not ``1.``, a point and no comma."""
    if not isinstance(value, str):
        return value
    text = _SPACES.sub("", value).replace("\u2212", "-")
    if not text.isascii() or not _DECIMAL.fullmatch(text):
        raise PydanticCustomError("number", phrase("write a number such as 0.5 or 12, with a point"))
    return Decimal(text)


def plain_integer(value: object) -> object:
    """A whole number; spaces may part the thousands (``90 000 000``), commas and points may not."""
    if not isinstance(value, str):
        return value
    text = _SPACES.sub("", value).replace("\u2212", "-")
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 19:
        raise PydanticCustomError("whole_number", phrase("write a whole number, such as 12 or 90 000 000"))
    return int(text)


def plain_date(value: object) -> object:
    """A day as ``2028-03-31`` or ``31-Mar-2028``; figures alone in another order are refused."""
    if not isinstance(value, str):
        return value
    try:
        return _day(value.strip())
    except ValueError:
        raise PydanticCustomError(
            "day", phrase("write the date as year-month-day, such as 2028-03-31")
        ) from None


def _day(text: str) -> date:
    if words := _WORD_DATE.fullmatch(text):
        spelled = words[2].lower()
        month = (
            _SPANISH.index(spelled) + 1 if spelled in _SPANISH else MONTHS.index(words[2].capitalize()) + 1
        )
        return date(int(words[3]), month, int(words[1]))
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()


def plain_moment(value: object) -> object:
    """A date and time at the site (``2028-03-31 14:05``), or ISO 8601 with its own zone; gives UTC.

    A time that the clock change skips, or runs through twice, is refused: it does not say when.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PydanticCustomError("moment", phrase("a time needs its zone"))
        return value.astimezone(UTC)
    if not isinstance(value, str):
        return value
    try:
        at = datetime.fromisoformat(value.strip())
        if len(value.strip()) < 16:
            raise ValueError
    except ValueError:
        raise PydanticCustomError("moment", phrase("write date and time, such as 2028-03-31 14:05")) from None
    return at.astimezone(UTC) if at.tzinfo else _from_site(at)


def _from_site(at: datetime) -> datetime:
    zone = site_zone()
    first, second = at.replace(tzinfo=zone, fold=0), at.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise PydanticCustomError(
            "clock_change",
            phrase("the clocks change at that time; add the offset, such as 2028-10-29T02:30+02:00"),
        )
    return first.astimezone(UTC)


PlainDecimal = Annotated[Decimal, BeforeValidator(plain_decimal)]
PlainInteger = Annotated[int, BeforeValidator(plain_integer)]
PlainDate = Annotated[date, BeforeValidator(plain_date)]
#: A moment in UTC, from what was typed in the site's time.
PlainMoment = Annotated[datetime, BeforeValidator(plain_moment)]
