"""How the temperature loggers of different makers write their files: data, one file for each way."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "profiles"

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Profile(BaseModel):
    """One way to write a logger's file; words are compared in lower case, without the unit beside them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=20)]
    separators: tuple[Literal[",", ";", "\t"], ...]
    decimal: Literal[".", ","]
    #: Lines ``name,value`` before the table: the logger's serial number, and the zone of its clock.
    serial: Words
    zone: Words
    #: The two columns.
    time: Words
    temperature: Words
    time_format: str
    example: str


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile that ships with Hilo, in order of name."""
    found = (tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml")))
    return tuple(Profile.model_validate(one) for one in found)
