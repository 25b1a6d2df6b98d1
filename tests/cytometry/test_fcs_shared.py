"""Real files of many instruments and the odd and broken ones, against what other readers say of them."""

import json
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import pytest

from app.cytometry import fcs
from app.cytometry.density import density_png
from app.cytometry.fcs import FcsFile, FcsReason, Flag, Rejection
from tests.shared import SHARED, shared


class Vector(TypedDict):
    """What fcsparser and flowio say of one file."""

    file: str
    expect: str
    version: str
    tot: int
    par: int
    pnn: list[str]
    pns: list[str]
    mean: list[float]
    min: list[float]
    max: list[float]


#: fcsparser alone trusted the HEADER here and took 108 bytes of keywords for events; flowio refused.
WRONG_PLACE = "stratedigm_start_offset_discrepancy_fcs30.fcs"


def _vectors() -> list[Vector]:
    path = SHARED / "flow" / "vectors.json"
    return cast("list[Vector]", json.loads(path.read_text())) if path.exists() else []


def test_the_vectors_are_here() -> None:
    """Without them the next test has no cases; this one is skipped in that case, so that it shows."""
    shared("flow/vectors.json")
    assert len(_vectors()) == 18


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["file"])
def test_a_real_file_gives_the_numbers_that_other_readers_give(vector: Vector) -> None:
    data = shared(f"flow/real/{vector['file']}").read_bytes()
    file = fcs.read(data)
    if vector.get("expect") == "reject":
        assert isinstance(file, Rejection)
        return
    assert isinstance(file, FcsFile)
    one = file.data_sets[0]
    assert (one.version, one.events, len(one.parameters)) == (vector["version"], vector["tot"], vector["par"])
    assert [p.name for p in one.parameters] == [name.strip() for name in vector["pnn"]]
    assert [p.marker for p in one.parameters] == [name.strip() for name in vector["pns"]]
    if vector["file"] == WRONG_PLACE:
        assert Flag.FCS_OFFSET_DISCREPANCY in {caution.flag for caution in file.warnings}
        return
    table = fcs.events(file, data).astype(np.float64)
    assert np.allclose(table.mean(0), vector["mean"], rtol=1e-6)
    assert table.min(0).tolist() == vector["min"]
    assert table.max(0).tolist() == vector["max"]


@pytest.mark.parametrize("vector", [v for v in _vectors() if "tot" in v], ids=lambda vector: vector["file"])
def test_a_real_file_can_be_redacted_and_drawn(vector: Vector) -> None:
    data = shared(f"flow/real/{vector['file']}").read_bytes()
    copy = fcs.redact(data)
    assert isinstance(copy, bytes) and len(copy) == len(data)
    before, after = fcs.read(data), fcs.read(copy)
    assert isinstance(before, FcsFile) and isinstance(after, FcsFile)
    assert np.array_equal(fcs.events(before, data), fcs.events(after, copy))
    assert after.data_sets[0].keywords == before.data_sets[0].keywords
    picture = density_png(before, data)
    assert isinstance(picture, bytes) and picture.startswith(b"\x89PNG")


R, F = FcsReason, Flag
ODD: dict[str, FcsReason | set[Flag]] = {
    "datatype_ascii": R.FCS_DATA_TYPE,
    "delimiter_escaped_in_value": set(),
    "duplicate_pnn": {F.FCS_DUPLICATE_CHANNEL},
    "empty_0b": R.EMPTY_FILE,
    "empty_pnn": {F.FCS_UNNAMED_CHANNEL},
    "empty_value_double_delim": {F.FCS_AMBIGUOUS_EMPTY_VALUE},
    "enddata_off_by_one": {F.FCS_TRAILING_BYTES},
    "fcs32_no_mode": set(),
    "html_in_keyword": set(),
    "mode_histogram": R.FCS_MODE,
    "nan_inf_events": {F.FCS_NOT_FINITE},
    "nextdata_enddata_plus1": {F.FCS_NEXT_UNREADABLE},
    "no_begindata_keywords": set(),
    "no_trailing_delimiter": {F.FCS_NO_LAST_DELIMITER},
    "nonascii_macroman_creator": {F.FCS_ENCODING_GUESSED},
    "nonascii_utf8_cyrillic": set(),
    "not_fcs_png": R.NOT_FCS,
    "ok_500x4_fcs31": set(),
    "pnn_with_comma": set(),
    "spill_names_missing_channel": {F.FCS_SPILL_INVALID},
    "spill_short": {F.FCS_SPILL_INVALID},
    "spill_singular": {F.FCS_SPILL_INVALID},
    "synthetic_msc_isct_20000": set(),
    "tot_huge_1e15": R.FCS_EVENT_COUNT,
    "tot_missing": R.FCS_KEYWORD,
    "tot_not_a_number": R.FCS_KEYWORD,
    "tot_padded": set(),
    "tot_too_small_400": R.FCS_EVENT_COUNT,
    "truncated_data_70pct": R.FCS_TRUNCATED,
    "truncated_in_header_40b": R.FCS_TRUNCATED,
    "truncated_in_text": R.FCS_TRUNCATED,
    "two_data_sets": {F.FCS_MULTI_DATASET},
    "version_garbage": R.FCS_VERSION,
    "zero_events": {F.FCS_NO_EVENTS},
}


def _present(name: str) -> Path:
    return shared(f"flow/derived/{name}.fcs")


@pytest.mark.parametrize("name", sorted(ODD))
def test_an_odd_file_is_flagged_or_refused_for_its_one_fault(name: str) -> None:
    answer, expected = fcs.read(_present(name).read_bytes()), ODD[name]
    if isinstance(expected, FcsReason):
        assert isinstance(answer, Rejection) and answer.reason is expected
    else:
        assert isinstance(answer, FcsFile)
        assert {caution.flag for caution in answer.warnings} == expected


def test_every_odd_file_has_its_expectation() -> None:
    files = {path.stem for path in shared("flow/derived").glob("*.fcs")}
    assert files <= set(ODD)


def test_the_synthetic_lot_gates_to_its_truth() -> None:
    """Debris, then dead cells, then each marker: the counts that two other programs agree on."""
    data = _present("synthetic_msc_isct_20000").read_bytes()
    truth = json.loads(shared("flow/derived/synthetic_msc_truth.json").read_text())
    file = fcs.read(data)
    assert isinstance(file, FcsFile)
    table = fcs.events(file, data)
    column = {p.marker or p.name: table[:, p.number - 1] for p in file.data_sets[0].parameters}
    cells = column["FSC-A"] > 40_000
    live = cells & (column["7-AAD"] <= 1_500)
    assert (int(cells.sum()), int(live.sum())) == (truth["non_debris"], truth["live"])
    for marker in ("CD90", "CD73", "CD105"):
        assert int((live & (column[marker] > 1_500)).sum()) == truth[f"{marker.lower()}_pos"]
