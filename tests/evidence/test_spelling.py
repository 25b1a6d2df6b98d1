"""Verification compares spellings: what it takes for the same is the same when read as JSON."""

import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table

from app.evidence.canonical import canonical
from app.evidence.rows import canonical_row, in_order
from app.evidence.verify_entries import says

words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "Cc")), max_size=12
) | st.sampled_from(['"', '\\"', '"},"at":"', '],"entered_at":"', '},"kind":"b","reason":', ',"sentence":"'])
plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | words
names = st.sampled_from(["at", "entered_at", "kind", "note", "reason", "rows", "sentence", "seq"])
entries = st.fixed_dictionaries(
    {
        "actor": st.fixed_dictionaries({"id": st.none() | st.integers(1, 9), "sign_in": words, "via": words}),
        "at": words,
        "changes": st.lists(st.fixed_dictionaries({"column": words, "old": plain, "new": plain}), max_size=2),
        "entered_at": words,
        "facts": st.dictionaries(names, plain | st.lists(plain, max_size=2), max_size=4),
        "kind": words,
        "reason": st.none() | words,
        "rows": st.lists(st.tuples(words, words, words), max_size=2),
        "sentence": words,
        "seq": st.integers(1, 10**6),
        "subject": st.tuples(words, words),
    }
)


def columns_of(entry: dict[str, Any]) -> list[Any]:
    """The columns that the ledger keeps beside this entry's bytes, and the bytes."""
    told = [entry["seq"], entry["at"], entry["entered_at"], entry["actor"]["sign_in"], entry["kind"]]
    return [*told, *entry["subject"], canonical(entry), b"leaf"]


def digests_of(entry: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(entry["seq"], place, *row) for place, row in enumerate(entry["rows"])]


def simple(entry: dict[str, Any]) -> bool:
    """Whether nothing the ledger keeps beside the bytes is written with a backslash in JSON."""
    texts = [entry["at"], entry["entered_at"], entry["kind"], *entry["subject"], *chain(*entry["rows"])]
    return "\\" not in json.dumps(texts, ensure_ascii=False)


@given(entries)
def test_an_entry_says_what_its_columns_and_digests_say(entry: dict[str, Any]) -> None:
    assert says(columns_of(entry), digests_of(entry)) is simple(entry)


@given(entries, st.integers(0, 6), plain | st.floats() | st.binary())
def test_an_entry_says_nothing_else(entry: dict[str, Any], column: int, value: Any) -> None:
    columns = columns_of(entry)
    same = type(value) is type(columns[column]) and value == columns[column]
    columns[column] = value
    try:
        assert says(columns, digests_of(entry)) is (same and simple(entry))
    except TypeError:
        assert not isinstance(value, str)


@given(entries, st.lists(st.tuples(st.integers(0, 2), words, words, words), max_size=2))
def test_an_entry_says_no_other_digests(entry: dict[str, Any], other: list[tuple[Any, ...]]) -> None:
    kept = [(entry["seq"], *digest) for digest in other]
    assert says(columns_of(entry), kept) is (kept == digests_of(entry) and simple(entry))


TABLE = Table(
    "unit",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("code", String),
    Column("a_note", String),
    Column("sealed", Boolean),
    Column("wave", LargeBinary),
)


@given(st.tuples(*[plain | st.binary(max_size=5)] * 5))
def test_a_row_is_spelled_in_canonical_json(values: tuple[Any, ...]) -> None:
    held = {name: value for name, value in zip(in_order(TABLE), values, strict=True) if value is not None}
    row = {name: int(value) if isinstance(value, bool) else value for name, value in held.items()}
    assert canonical_row(TABLE, values) == canonical({"table": "unit", "row": row})


@pytest.mark.parametrize("value", [1.5, float("nan"), object])
def test_a_row_with_a_value_of_no_canonical_form_is_like_no_honest_row(value: object) -> None:
    said = json.loads(canonical_row(TABLE, ("a note", "U-1", 1, None, value)))
    assert set(said) == {"strange", "table"} and said["strange"]["wave"] == repr(value)
