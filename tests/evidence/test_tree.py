"""The hash tree is the one of RFC 9162: a slow, literal definition agrees with the frontier."""

import hashlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.canonical import canonical
from app.evidence.tree import Frontier, includes, inclusion_proof, leaf_hash, node_hash, root_of

leaves = st.lists(st.binary(max_size=4).map(leaf_hash), min_size=1, max_size=40)


def literal_root(hashes: list[bytes]) -> bytes:
    """MTH as RFC 9162 §2.1.1 writes it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(literal_root(hashes[:k]), literal_root(hashes[k:]))


@given(leaves)
def test_the_frontier_grows_the_root_of_the_rfc(hashes: list[bytes]) -> None:
    assert root_of(hashes) == literal_root(hashes)


@given(leaves)
def test_a_frontier_survives_being_stored(hashes: list[bytes]) -> None:
    frontier = Frontier()
    for leaf in hashes:
        frontier.append(leaf)
        frontier = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    assert frontier.root() == literal_root(hashes)


@given(leaves, st.data())
def test_an_inclusion_proof_proves_its_leaf_and_no_other(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    path, root = inclusion_proof(index, hashes), root_of(hashes)
    assert includes(index, len(hashes), hashes[index], path, root)
    assert not includes(index, len(hashes), leaf_hash(b"forged leaf"), path, root)


def test_a_frontier_with_the_wrong_number_of_hashes_is_refused() -> None:
    with pytest.raises(ValueError, match="3 entries"):
        Frontier(3, [b"x" * 32])


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "Cc")), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefghijklmnop_", min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON value


def test_a_float_has_no_canonical_form() -> None:
    with pytest.raises(TypeError):
        canonical({"mfi": 1.5})
