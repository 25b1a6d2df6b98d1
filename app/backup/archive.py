"""The file of a backup: a plain tar whose last member is the SHA-256 of every byte before it.

Any tar program opens it, in thirty years too. What follows the digested bytes is fully determined by them,
so that no bit of the file can change unseen: not in a member, a header, the padding or the digest itself.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

FORMAT = "hilo backup 1"
MANIFEST, SEAL = "manifest.json", "SHA256"
BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
#: What a member can be called; a name of any other form is not ours.
NAMES = re.compile(
    r"database\.sqlite3|tables/[a-z][a-z0-9_]*\.copy|keys/[a-z]+\.key|tls/[a-zA-Z0-9][a-zA-Z0-9._-]*"
    r"|files/[0-9a-f]{2}/[0-9a-f]{64}|checkpoints\.txt|example"
)


class Torn(ValueError):
    """The file is not, to the last bit, what was written; the words say what was seen."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside: its length and digest."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the backup holds, and the state of the ledger in it."""

    made_at: str
    version: str
    engine: str
    revision: str
    site: str
    timezone: str
    entries: int
    root: str
    #: A signed statement of entries and root, as in ``checkpoints.txt``.
    checkpoint: str
    kept_files: int
    #: Rows of every table.
    tables: dict[str, int]
    members: dict[str, Member] = field(default_factory=dict)
    format: str = FORMAT

    def to_bytes(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """The manifest read again. Raises Torn for anything else."""
        try:
            said: dict[str, Any] = json.loads(data)
            members = {name: Member(**facts) for name, facts in said.pop("members").items()}
            found = cls(**said, members=members)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Torn("its manifest cannot be read") from fault
        if found.format != FORMAT or not all(NAMES.fullmatch(name) for name in members):
            raise Torn("its manifest is of another kind")
        return found


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def _end(digest: str) -> bytes:
    """The last member and the end of the tar, as this digest determines them."""
    seal = f"{digest}\n".encode()
    return _header(SEAL, len(seal)) + seal + _padding(len(seal)) + bytes(2 * BLOCK)


#: Length of what follows the digested bytes.
END = len(_end("0" * 64))


class Writer:
    """Writes a backup member by member, digesting as it goes."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self.members: dict[str, Member] = {}

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)

    def add(self, name: str, source: BinaryIO, size: int) -> Member:
        """One member of exactly this size. Raises ValueError when the source holds fewer bytes."""
        own = hashlib.sha256()
        self._write(_header(name, size))
        left = size
        while left:
            data = source.read(min(CHUNK, left))
            if not data:
                raise ValueError(f"{name} ended {left} bytes early")
            own.update(data)
            self._write(data)
            left -= len(data)
        self._write(_padding(size))
        self.members[name] = Member(size, own.hexdigest())
        return self.members[name]

    def add_file(self, name: str, path: Path) -> Member:
        """A file as it is now."""
        with path.open("rb") as source:
            return self.add(name, source, os.fstat(source.fileno()).st_size)

    def add_bytes(self, name: str, data: bytes) -> Member:
        """A member that is made here."""
        return self.add(name, io.BytesIO(data), len(data))

    def finish(self, manifest: Manifest) -> None:
        """The manifest, then the digest of everything before."""
        data = manifest.to_bytes()
        self._write(_header(MANIFEST, len(data)) + data + _padding(len(data)))
        self._out.write(_end(self._digest.hexdigest()))


def whole(path: Path) -> str:
    """SHA-256 of a file whose every bit is as it was written. Raises Torn for any other file."""
    size = path.stat().st_size
    if size <= END:
        raise Torn("it is too short")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = size - END
        while left and (data := file.read(min(CHUNK, left))):
            digest.update(data)
            left -= len(data)
        end = file.read()
    if end != _end(digest.hexdigest()):
        raise Torn("its bytes are not those that were written")
    digest.update(end)
    return digest.hexdigest()


def manifest_of(path: Path) -> Manifest:
    """The manifest of a file that is whole. Raises Torn."""
    with _opened(path) as tar:
        return Manifest.from_bytes(_stream(tar, _index(tar), MANIFEST).read())


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError as fault:
        raise Torn("it is no tar file") from fault


def _index(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    try:
        return {info.name: info for info in tar.getmembers() if info.isreg()}
    except tarfile.TarError as fault:
        raise Torn("it is no tar file") from fault


def _stream(tar: tarfile.TarFile, index: dict[str, tarfile.TarInfo], name: str) -> IO[bytes]:
    stream = tar.extractfile(index[name]) if name in index else None
    if stream is None:
        raise Torn(f"{name} is missing")
    return stream


def unpack(path: Path, manifest: Manifest, folder: Path) -> None:
    """Write every member under the folder, readable by its owner alone. Raises Torn at the first fault."""
    with _opened(path) as tar:
        index = _index(tar)
        for name, told in manifest.members.items():
            found = _write_out(_stream(tar, index, name), folder / name)
            if found != told:
                raise Torn(f"{name} is not what the manifest says")


def _write_out(stream: IO[bytes], target: Path) -> Member:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while data := stream.read(CHUNK):
            digest.update(data)
            size += out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return Member(size, digest.hexdigest())
