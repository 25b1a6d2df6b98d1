"""Scores, units, drugs, equations and responses as versioned data: a file for each version, kept for ever."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: The versions that judge from now on; earlier files stay, so that old entries can be explained.
SLEDAI = "sledai-2k-1"
ANALYTES = "analytes-1"
STEROIDS = "steroids-1"
EQUATION = "ckd-epi-2021-1"
RESPONSES = "responses-1"


@cache
def data_of(version: str) -> dict[str, Any]:
    """The file of a version. Raises FileNotFoundError for one that is not shipped, ValueError for a file that
    calls itself otherwise."""
    data = tomllib.loads((HERE / f"{version}.toml").read_text("utf-8"))
    if data["version"] != version:
        raise ValueError(f"{version}.toml calls itself {data['version']}")
    return data
