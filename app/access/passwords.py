"""Passwords: kept as argon2id, made at random where one is given, and refused where they are guessable."""

import secrets
import threading
from dataclasses import dataclass
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

#: Signs of a one-time password: no I, L, O, U, 0, 1, so that it can be read aloud and typed from paper.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: How many hashes may be computed at one time: each holds its memory (a guard against exhausting it).
CONCURRENT = 2


class Hasher:
    """Argon2id with one cost; a stored hash carries its own, so old ones stay readable.

    Source of the product's cost (t = 2, m = 19,456 KiB, p = 1): OWASP password storage, ASVS 5.0 app. C.
    """

    def __init__(self, time_cost: int = 2, memory_kib: int = 19_456, parallelism: int = 1) -> None:
        self._argon2 = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID
        )
        self._room = threading.BoundedSemaphore(CONCURRENT)

    def hash(self, password: str) -> str:
        """The encoded hash, parameters and salt included."""
        with self._room:
            return self._argon2.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one behind ``stored``; None costs the same time and is never right."""
        with self._room:
            try:
                self._argon2.verify(self._nobody if stored is None else stored, password)
            except (VerificationError, InvalidHashError, UnicodeEncodeError):
                return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with another cost than this one."""
        return self._argon2.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._argon2.hash(secrets.token_urlsafe(32))


#: The one hasher of the product.
HASHER = Hasher()


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password with its hash, made before the act that keeps it: argon2 never runs in a transaction."""

    text: str
    hashed: str


def prepared(text: str) -> NewPassword:
    """The password and its hash."""
    return NewPassword(text, HASHER.hash(text))


def one_time() -> NewPassword:
    """A random password of 16 signs in groups of four (78 bits), for somebody to replace at first use."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(16))
    return prepared("-".join(signs[at : at + 4] for at in range(0, 16, 4)))
