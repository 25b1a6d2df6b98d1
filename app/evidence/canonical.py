"""One spelling for every record: the RFC 8785 subset that is hashed and signed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.kernel.clock import stamp

#: Whole numbers beyond this lose digits in JSON readers (RFC 8785 refuses them); they are kept as text.
EXACT = 2**53


def plain(value: Any) -> Any:
    """The value in the words of canonical JSON: text, whole number, true/false, nothing, list, object.

    Decimals and times become text, bytes become hexadecimal text. Raises TypeError for a float or
    anything else whose spelling is not exact.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -EXACT < value < EXACT else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {_name(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def _name(key: Any) -> str:
    if not isinstance(key, str) or not key.isascii():
        raise TypeError(f"a canonical name is ASCII text, not {key!r}")
    return str(key)


def canonical(record: Any) -> bytes:
    """The canonical bytes of a record, UTF-8 JSON with sorted names and no blanks."""
    text = json.dumps(
        plain(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def sha256_of(record: Any) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(record)).hexdigest()
