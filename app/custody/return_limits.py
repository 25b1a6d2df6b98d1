"""Limits of a return to stock: how cold a unit must have been read, and how long it may go unwatched."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "limits"
#: The limits this site judges by: the name of a file in `FOLDER`.
IN_FORCE = "returns-1"


class Returns(BaseModel):
    """One version of the limits by which returns are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=20)]
    title: str
    celsius_at_most: Annotated[float, Field(ge=-200, le=40)]
    source: str
    minutes_without_logger_at_most: Annotated[int, Field(ge=0, le=10_000)]


@cache
def return_limits(name: str = IN_FORCE) -> Returns:
    """Limits that ship with Hilo, read once. Raises pydantic's ValidationError for a broken file."""
    return Returns.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
