"""Passwords: kept as argon2id at the stated cost, long enough, not guessable, and free otherwise."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.access import passwords
from app.access.passwords import CONCURRENT, HASHER, Hasher, one_time
from app.access.rules import Why, new_password, weak_password

CHEAP = Hasher(1, 8, 1)


def why(password: str, *about: str) -> str | None:
    fault = weak_password(password, about)
    return None if fault is None else fault.reason


def test_the_product_hashes_with_exactly_the_stated_cost() -> None:
    """ASVS 5.0 appendix C: argon2id, t = 2, m = 19,456 KiB, p = 1."""
    assert HASHER.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert CHEAP.hash("quiet otters") != CHEAP.hash("quiet otters")


def test_a_password_is_compared_exactly() -> None:
    """ASVS 6.2.8: no change of case, no cutting, no trimming."""
    stored = CHEAP.hash("Quiet otters paint")
    assert CHEAP.matches(stored, "Quiet otters paint")
    for other in ("quiet otters paint", "Quiet otters paint ", "Quiet otters pain"):
        assert not CHEAP.matches(stored, other)


def test_no_stored_hash_is_never_right_and_costs_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """ASVS 6.3.8: an unknown name takes as long as a wrong password."""
    hasher = Hasher(1, 8, 1)
    asked: list[str] = []
    real = hasher._argon2.verify
    monkeypatch.setattr(hasher, "_argon2", Spy(real, hasher._argon2.hash, asked))
    assert not hasher.matches(None, "anything")
    assert len(asked) == 1 and asked[0].startswith("$argon2id$")


class Spy:
    """Argon2 that tells which hashes it was asked to verify."""

    def __init__(self, verify: object, hash_: object, asked: list[str]) -> None:
        self._verify, self.hash, self._asked = verify, hash_, asked

    def verify(self, stored: str, password: str) -> object:
        self._asked.append(stored)
        assert callable(self._verify)
        return self._verify(stored, password)


def test_no_more_than_two_hashes_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each hash holds 19 MiB: a flood of sign-ins must not take the memory away."""
    hasher, meter = Hasher(1, 8, 1), Meter()
    monkeypatch.setattr(hasher, "_argon2", meter)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(hasher.hash, ["x"] * 6))
    assert meter.most == CONCURRENT == 2


class Meter:
    """Argon2 that counts how many are inside; each waits until a second one came."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self._guard, self._pair = threading.Lock(), threading.Barrier(2, timeout=10)

    def hash(self, _password: str) -> str:
        with self._guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self._pair.wait()
        with self._guard:
            self.inside -= 1
        self._pair.wait()
        return "hash"


def test_a_hash_of_another_cost_is_known_as_outdated() -> None:
    assert HASHER.outdated(CHEAP.hash("x"))
    assert not HASHER.outdated(HASHER.hash("x"))


def test_eleven_characters_are_too_few_and_twelve_are_enough() -> None:
    """ASVS 6.2.1, and at least 12 as this site asks."""
    assert why("qoxtwpanilu") == Why.PASSWORD_SHORT
    assert why("qoxtwpanilud") is None


def test_128_characters_are_taken_and_129_are_not() -> None:
    """ASVS 6.2.9."""
    assert why("quiet otter " * 10 + "piano123") is None
    assert why("quiet otter " * 10 + "piano1234") == Why.PASSWORD_LONG


@pytest.mark.parametrize(
    "free",
    [
        "quiet otters paint",
        "839205716402",
        "QOXTWPANILUD",
        "ñandú lejano café",
        "雨の日は本を読むのが好きです",
        "    k3!x9 v7 q2 z8",
    ],
)
def test_there_are_no_rules_of_composition(free: str) -> None:
    """ASVS 6.2.5: any characters, of one sort or many, spaces and other scripts too."""
    assert why(free) is None


@pytest.mark.parametrize(
    "guess",
    [
        "password2025",
        "P@ssw0rd!2025",
        "Passw0rd1234",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "Summer-2025-!!",
        "Hospital2025!!",
        "MesenchymalStromal1",
        "hilohilohilo",
        "letmein-letmein",
        "abcdefghijklmnop",
        "Verano2024...",
    ],
)
def test_common_words_words_of_the_trade_and_runs_are_refused(guess: str) -> None:
    """ASVS 6.2.4 and 6.2.11."""
    assert why(guess) == Why.PASSWORD_COMMON


def test_words_about_the_person_are_refused() -> None:
    assert why("anaruiz-ANARUIZ", "ana", "Ana Ruiz") == Why.PASSWORD_COMMON
    assert why("anaruiz-ANARUIZ", "bea", "Beatriz Vega") is None


def test_a_new_password_is_typed_twice_the_same_and_is_not_the_old_one() -> None:
    old, new = "quiet otters paint", "eleven umbrellas"
    differ, same = new_password(old, new, new + "x", ()), new_password(old, old, old, ())
    assert differ is not None and differ.reason == Why.PASSWORDS_DIFFER
    assert same is not None and same.reason == Why.PASSWORD_SAME
    assert new_password(old, new, new, ()) is None


def test_a_one_time_password_is_random_long_and_readable() -> None:
    """ASVS 6.4.1; no I, L, O, U, 0 or 1 to misread."""
    given = {one_time().text for _ in range(3)}
    assert len(given) == 3
    for text in given:
        assert len(text.replace("-", "")) == 16
        assert not set(text) & set("ILOU01")
    assert len(passwords._SIGNS) ** 16 > 2**77
