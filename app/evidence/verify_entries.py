"""The walk along the log: what each entry's bytes hash to, and whether its columns and digests say the same.

The hashes are taken of the stored bytes, a thousand entries at a time. The bytes are canonical JSON, so what
the columns say has one spelling in them, at one place: an entry is compared with that spelling, and read as
JSON only where it differs, to name what is wrong.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as spelled
from typing import Any

from sqlmodel import Session

from app.evidence.tree import Frontier, leaf_hashes
from app.evidence.verify_report import Findings

#: Entries read at once.
BATCH = 1000
#: Below every number an entry can have.
LOWEST = -(2**31)
_ENTRIES = (
    "SELECT seq, at, entered_at, actor, kind, subject_kind, subject_code, body, leaf FROM ledger_entry "
    "WHERE seq > {after} ORDER BY seq LIMIT {limit}"
)
_DIGESTS = (
    "SELECT seq, place, of_table, of_key, digest FROM ledger_row "
    "WHERE seq > {after}{upto} ORDER BY seq, place"
)

#: Columns of a stored entry: seq, at, entered_at, actor, kind, subject_kind, subject_code, body, leaf.
Stored = Sequence[Any]
#: One kept digest: seq, place, table, key, digest.
Kept = Sequence[Any]
_BODY, _LEAF = 7, 8


class LogWalk:
    """One pass along the log, from its beginning or from what is known to be good, collecting problems."""

    def __init__(self, db: Session, found: Findings, start: Frontier | None = None) -> None:
        self.db = db
        self.found = found
        self.frontier = start or Frontier()
        #: The root of the log at each size that was asked for.
        self.roots: dict[Any, str] = {}
        #: By table and key, the last entry that tells of a row, and the digest it tells.
        self.last: defaultdict[str, dict[str, tuple[int, str]]] = defaultdict(dict)

    def run(self, sizes: Collection[Any]) -> None:
        """Walk to the end of the log, noting its root at these sizes."""
        if self.frontier.size in sizes:
            self.roots[self.frontier.size] = self.frontier.root().hex()
        after = self.frontier.size or LOWEST
        while batch := self._select(_ENTRIES.format(after=after, limit=BATCH)):
            self._grow(batch, sizes)
            kept = self._digests(after, batch[-1][0])
            for stored in batch:
                self._entry(stored, kept.pop(stored[0], ()))
            self._strays(kept)
            after = batch[-1][0]
        self._strays(self._digests(after, None))

    def _select(self, statement: str) -> Sequence[Stored]:
        return self.db.connection().exec_driver_sql(statement).all()

    def _grow(self, batch: Sequence[Stored], sizes: Collection[Any]) -> None:
        """Add the hashes of these entries to the tree, and compare them with those that were kept."""
        leaves = leaf_hashes([as_bytes(stored[_BODY]) for stored in batch])
        size = self.frontier.size
        numbers = range(size + 1, size + 1 + len(batch))
        if [stored[_LEAF] for stored in batch] != leaves or [stored[0] for stored in batch] != list(numbers):
            self._differ(batch, numbers, leaves)
        done = 0
        for stop in [at for at in range(1, len(leaves) + 1) if size + at in sizes]:
            self.frontier.extend(leaves[done:stop])
            self.roots[self.frontier.size] = self.frontier.root().hex()
            done = stop
        self.frontier.extend(leaves[done:])

    def _differ(self, batch: Sequence[Stored], numbers: Sequence[int], leaves: Sequence[bytes]) -> None:
        for stored, number, leaf in zip(batch, numbers, leaves, strict=True):
            seq = stored[0]
            if seq != number:
                self.found.add(seq, "ledger_entry", str(seq), f"entry {number} is missing")
            if stored[_LEAF] != leaf:
                self.found.add(seq, "ledger_entry", str(seq), "the entry is not what was hashed")

    def _digests(self, after: int, upto: int | None) -> dict[Any, list[Kept]]:
        """The kept digests of these entries, by entry."""
        kept: defaultdict[Any, list[Kept]] = defaultdict(list)
        limit = "" if upto is None else f" AND seq <= {upto}"
        for digest in self._select(_DIGESTS.format(after=after, upto=limit)):
            kept[digest[0]].append(digest)
        return kept

    def _strays(self, kept: dict[Any, list[Kept]]) -> None:
        for seq, strays in kept.items():
            what = "digest of an entry that does not exist"
            self.found.add(seq, "ledger_row", f"{seq}:{strays[0][1]}", what)

    def _entry(self, stored: Stored, kept: Sequence[Kept]) -> None:
        """Compare the columns and the kept digests with what the entry's bytes say."""
        try:
            same = says(stored, kept)
        except (TypeError, ValueError, KeyError):  # a column holds what no entry ever told
            same = False
        if not same:
            kept = self._read(stored, kept)
        for _, _, table, key, digest in kept:
            self.last[table][key] = (stored[0], digest)

    def _read(self, stored: Stored, kept: Sequence[Kept]) -> Sequence[Kept]:
        """Read the entry as JSON, name what differs, and give the digests that it tells."""
        seq = stored[0]
        try:
            said = json.loads(as_bytes(stored[_BODY]))
            told = {
                "seq": said["seq"],
                "at": said["at"],
                "entered_at": said["entered_at"],
                "actor": said["actor"]["sign_in"],
                "kind": said["kind"],
                "subject_kind": said["subject"][0],
                "subject_code": said["subject"][1],
            }
            digests = [(str(table), str(key), str(digest)) for table, key, digest in said["rows"]]
        except (ValueError, KeyError, TypeError, IndexError):
            self.found.add(seq, "ledger_entry", str(seq), "the entry cannot be read")
            return []
        for (column, value), stored_value in zip(told.items(), stored, strict=False):
            if stored_value != value:
                self.found.add(
                    seq, "ledger_entry", str(seq), f"column {column} differs from the hashed bytes"
                )
        numbered = [(seq, place, *digest) for place, digest in enumerate(digests)]
        if [tuple(digest) for digest in kept] != numbered:
            self.found.add(seq, "ledger_row", str(seq), "the digests differ from the hashed bytes")
        return numbered


def says(stored: Stored, kept: Sequence[Kept]) -> bool:
    """Whether the entry's bytes are spelled as an entry with just these columns and digests is.

    In canonical JSON a quotation mark within a text always has a backslash before it. So one without begins
    or ends a text, and the names looked for here stand at one place only: the first time after the actor, the
    last before the digests, the last before the sentence. Raises TypeError, ValueError or KeyError where a
    column or the bytes are nothing an entry ever had.
    """
    seq, at, entered_at, actor, kind, subject_kind, subject_code, body, _ = stored
    texts = [at, entered_at, kind, subject_kind, subject_code]
    digests = []
    for number, (_, place, table, key, digest) in enumerate(kept):
        if place != number:
            return False
        texts += (table, key, digest)
        digests.append(f'["{table}","{key}","{digest}"]')
    together = "".join(texts)
    if len(spelled(together)) != len(together) + 2:
        return False  # something here is written with a backslash; that is left to a reader of JSON
    said = as_bytes(body).decode()
    told = said.find('"},"at":"') + 2
    rows = f',"rows":[{",".join(digests)}]'
    rows_at = said.rfind(',"sentence":"') - len(rows)
    kind_at = said.rfind('},"kind":"', told, rows_at)
    entered = said.find('],"entered_at":"', told, kind_at)
    return (
        _actor_of(said[:told]) == actor
        and said.startswith(f',"at":"{at}","changes":[', told)
        and said.startswith(f'],"entered_at":"{entered_at}","facts":{{', entered)
        and said.startswith(f'}},"kind":"{kind}","reason":', kind_at)
        and said.startswith(rows, rows_at)
        and said.endswith(f'","seq":{seq},"subject":["{subject_kind}","{subject_code}"]}}')
    )


@lru_cache(maxsize=1024)
def _actor_of(head: str) -> Any:
    """Who acted, of the bytes before an entry's time; few people act often."""
    return json.loads(head + "}")["actor"]["sign_in"]


def kept_frontier(db: Session, size: int) -> Frontier | None:
    """The tree over the first entries, grown from their kept hashes alone; None when some are gone."""
    frontier = Frontier()
    found = db.connection().exec_driver_sql(
        f"SELECT leaf FROM ledger_entry WHERE seq <= {int(size)} ORDER BY seq"  # noqa: S608  a number
    )
    frontier.extend(as_bytes(leaf) for (leaf,) in found)
    return frontier if frontier.size == size else None


def as_bytes(value: Any) -> bytes:
    """A stored value as bytes. On SQLite raw SQL can leave text or a number where bytes were."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogatepass")
