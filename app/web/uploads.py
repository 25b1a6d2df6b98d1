"""Files that people send: read once, with a cap, hashed, and known by what they are, not by their name."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from flask import request

from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.web.security import MB

CHUNK = 256 * 1024


class UploadFault(StrEnum):
    """Why a file cannot be taken."""

    MISSING = "file_missing"
    EMPTY = "file_empty"
    TOO_LARGE = "file_too_large"
    WRONG_KIND = "file_of_another_kind"


class Kind(StrEnum):
    """Kinds of file that Hilo takes, told by their first bytes."""

    CSV = "CSV table"
    FCS = "FCS file"
    PDF = "PDF"
    PNG = "PNG picture"


#: First bytes of each kind; a CSV has none and is told by holding no zero byte.
MAGIC: dict[Kind, bytes] = {Kind.FCS: b"FCS", Kind.PDF: b"%PDF-", Kind.PNG: b"\x89PNG\r\n\x1a\n"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as received. ``claimed_name`` is what the sender called it: a note, never a path."""

    data: bytes
    sha256: str
    claimed_name: str


def uploaded(field: str, limit_mb: int, kind: Kind | None = None) -> Upload | Refusal:
    """The file of form field ``field``, or the reason why not. The view needs ``@takes_files(limit_mb)``.

    The body was spooled to disk by the form parser above 0.5 MB; here it is read in pieces and never
    beyond the cap.
    """
    file = request.files.get(field)
    if file is None or not file.filename:
        return Refusal(
            UploadFault.MISSING, say("No file came with the form."), say("Choose the file, then send again.")
        )
    parts: list[bytes] = []
    digest = hashlib.sha256()
    left = limit_mb * MB
    while piece := file.stream.read(min(CHUNK, left + 1)):
        left -= len(piece)
        if left < 0:
            return too_large(limit_mb)
        digest.update(piece)
        parts.append(piece)
    data = b"".join(parts)
    return _wrong(data, kind) or Upload(data, digest.hexdigest(), claimed(file.filename))


def too_large(limit_mb: int) -> Refusal:
    """The refusal of a file beyond the cap."""
    return Refusal(
        UploadFault.TOO_LARGE,
        say("This file is larger than {limit_mb} MB.", limit_mb=limit_mb),
        say("Check that it is the right file. Nothing was saved."),
    )


def claimed(name: str) -> str:
    """The sender's name of the file, without folders and control characters, at most 120 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[-120:]


def _wrong(data: bytes, kind: Kind | None) -> Refusal | None:
    if not data:
        return Refusal(
            UploadFault.EMPTY, say("This file is empty."), say("Export it again, then send it again.")
        )
    if kind is None:
        return None
    magic = MAGIC.get(kind)
    fits = data.startswith(magic) if magic else b"\x00" not in data[:CHUNK]
    if fits:
        return None
    return Refusal(
        UploadFault.WRONG_KIND,
        say("This is not a {kind}, whatever its name says.", kind=kind.value),
        say("Choose the {kind} itself. Nothing was saved.", kind=kind.value),
    )
