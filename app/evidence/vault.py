"""The site's keys: kept in files of the data folder, readable by the service alone, never in the database."""

import hashlib
import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# `cryptography` takes 8 MB: it is loaded when the first checkpoint is signed or verified, not at the start.


class Vault:
    """The keys of one site, made at first use in ``folder`` with mode 0600.

    Raises PermissionError when a key file can be read by others: a key somebody may have copied proves
    nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _bytes(self, name: str) -> bytes:
        path = self.folder / name
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others: run chmod 600 on it")
        return path.read_bytes()

    @cached_property
    def _signer(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._bytes("ledger.key"))

    @cached_property
    def public_key(self) -> bytes:
        """The public half of the checkpoint key, 32 bytes."""
        return self._signer.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> str:
        """A short name of the checkpoint key: the first 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self.public_key).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        return self._signer.sign(message)

    @cached_property
    def session_secret(self) -> bytes:
        """What signs the browser's cookies."""
        return self._bytes("session.key")

    @cached_property
    def _identity(self) -> bytes:
        return self._bytes("identity.key")

    def keyed_digest(self, message: bytes) -> str:
        """HMAC-SHA256 under the identity key: proves a row unchanged and tells nothing of what it holds."""
        return hmac.digest(self._identity, message, "sha256").hex()


def signature_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 signature over the message was made with this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
