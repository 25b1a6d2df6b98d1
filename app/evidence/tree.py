"""The hash tree of RFC 9162 §2.1: leaves, roots, and the compact frontier that grows it."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Hash of one entry: SHA-256(0x00 ‖ body)."""
    return hashlib.sha256(b"\x00" + body).digest()


def leaf_hashes(bodies: Iterable[bytes]) -> list[bytes]:
    """`leaf_hash` of many entries."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + body).digest() for body in bodies]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees of a log, largest first: at most 64 hashes for any size."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError(f"a log of {size} entries has {size.bit_count()} subtrees, not {len(hashes)}")
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> "Frontier":
        """The frontier written by `to_bytes`. Raises ValueError when size and bytes disagree."""
        if len(packed) % 32:
            raise ValueError("a frontier is whole hashes of 32 bytes")
        return cls(size, [packed[i : i + 32] for i in range(0, len(packed), 32)])

    def to_bytes(self) -> bytes:
        """The hashes one after another, 32 bytes each."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order; a walk over the whole log does little else, so no call is wasted."""
        hashes, size, sha256 = self.hashes, self.size, hashlib.sha256
        for leaf in leaves:
            carry, position = leaf, size
            while position & 1:
                carry = sha256(b"\x01" + hashes.pop() + carry).digest()
                position >>= 1
            hashes.append(carry)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        result = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            result = node_hash(left, result)
        return result


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the leaf hashes, in order."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The path that proves leaf ``index`` is in the tree over ``leaves`` (RFC 9162 §2.1.3)."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion_proof(index, leaves[:k]), root_of(leaves[k:])]
    return [*inclusion_proof(index - k, leaves[k:]), root_of(leaves[:k])]


def includes(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that ``leaf`` stands at ``index`` of the tree of ``size`` with ``root``."""
    if not 0 <= index < size:
        return False
    result, fn, sn = leaf, index, size - 1
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            result = node_hash(step, result)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            result = node_hash(result, step)
        fn >>= 1
        sn >>= 1
    return sn == 0 and result == root
