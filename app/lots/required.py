"""The words that the law makes a label and the papers say of a unit, because of the donors it came from."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from app.donors.texts import Wording, wording_of
from app.lots.queries import donors_of_unit

#: What stands before the word on a label: the sign that readers of any language know.
SIGN, MARKED = "\N{BIOHAZARD SIGN}", "BIOHAZARD"


def required_of(db: Session, unit_id: int, at: datetime) -> tuple[Wording, ...]:
    """What must be said of each donor of this unit, each wording once; empty where nothing must.

    Source: 21 CFR 1271.60(d), 1271.65(b), as the rule set of the donor's decision words it.
    """
    found = [wording_of(db, donor, at) for donor in donors_of_unit(db, unit_id)]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def lines(required: Iterable[Wording]) -> list[str]:
    """Every line once, in order."""
    return list(dict.fromkeys(line for one in required for line in one.words))


def on_a_label(required: Iterable[Wording]) -> str:
    """All lines in one text, with the sign before its word."""
    said = [f"{SIGN} {line}" if line == MARKED else line for line in lines(required)]
    return ". ".join(said)
