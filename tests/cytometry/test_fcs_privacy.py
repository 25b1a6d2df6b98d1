"""What of a file's keywords may be seen, and the copy in which the rest is overwritten."""

import numpy as np
import pytest

from app.cytometry import fcs
from app.cytometry.fcs import FcsFile
from app.cytometry.fcs_write import write
from tests.cytometry.fcs_files import EVENTS, MARKERS, NAMES, raw

IDENTIFYING = [
    "$OP",
    "$EXP",
    "$INST",
    "$INSTADDRESS",
    "$SRC",
    "$FIL",
    "$PROJ",
    "$COM",
    "$LAST_MODIFIER",
    "$SMNO",
    "GTI$USERNAME",
    "GTI$FULLUSERNAME",
    "HSRCE",
    "(@)TESTNAME",
    "PATIENT ID",
    "&10PATIENT ID",
    "CD AGE",
    "EXPORT USER NAME",
    "LOGIN NAME",
    "EXPERIMENT NAME",
    "TUBE NAME",
    "SAMPLE ID",
    "SOME NEW VENDOR'S KEYWORD",
]
SECRET = "Zorrilla, Inés 1961"


def personal() -> bytes:
    keywords = dict.fromkeys(IDENTIFYING, SECRET) | {"$CYT": "LSRII", "$DATE": "07-JUN-2024"}
    return write(NAMES, MARKERS, EVENTS, keywords)


def test_only_what_is_known_to_be_harmless_is_shown() -> None:
    file = fcs.read(personal())
    assert isinstance(file, FcsFile)
    one = file.data_sets[0]
    assert not set(one.keywords) & set(IDENTIFYING)
    assert one.withheld == len(IDENTIFYING)
    assert one.keywords["$CYT"] == "LSRII"
    assert one.raw_keywords["$OP"] == SECRET
    assert SECRET not in repr(file)


def test_control_characters_do_not_reach_a_page() -> None:
    file = fcs.read(raw(changes={"$P2S": "CD\x0090\x1b", "$CYT": "A\nB"}))
    assert isinstance(file, FcsFile)
    assert file.data_sets[0].parameters[1].marker == "CD\ufffd90\ufffd"
    assert file.data_sets[0].keywords["$CYT"] == "A\ufffdB"


def test_the_redacted_copy_has_the_length_and_the_events_and_no_names() -> None:
    data = personal()
    copy = fcs.redact(data)
    assert isinstance(copy, bytes)
    assert len(copy) == len(data)
    before, after = fcs.read(data), fcs.read(copy)
    assert isinstance(before, FcsFile) and isinstance(after, FcsFile)
    assert np.array_equal(fcs.events(before, data), fcs.events(after, copy))
    assert after.data_sets[0].keywords == before.data_sets[0].keywords
    for part in ("Zorrilla", "In", "1961"):
        assert part.encode() in data and part.encode() not in copy


@pytest.mark.parametrize(
    "data",
    [
        raw(changes={"$COM": "", "$SRC": "Zorrilla", "$OP": "x"}),
        raw(changes={"$COM": "", "$SRC": "", "Zorrilla": ""}),
        raw(text=raw()[58:-16] + b"Zorrilla"),
        raw(text=raw()[58:-16] + b"$COM|Zorrilla"),
        raw(after=b"Zorrilla"),
        raw(changes={"$COM": "ox Zorrilla"}, delimiter="x"),
    ],
)
def test_a_name_in_an_odd_place_is_overwritten_too(data: bytes) -> None:
    """Empty values, a lone last keyword, bytes behind the events, an x as delimiter."""
    assert b"Zorrilla" in data
    copy = fcs.redact(data)
    assert isinstance(copy, bytes)
    assert b"Zorrilla" not in copy
    assert isinstance(fcs.read(copy), FcsFile)
