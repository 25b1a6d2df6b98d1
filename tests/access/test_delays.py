"""Wrong passwords: each makes the next attempt wait longer, and nobody is ever locked out."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.access import delays, proof
from app.access.models import Role, SysDelay
from app.access.passwords import HASHER
from app.access.proof import prove
from app.access.rules import Why
from app.evidence.signatures import Proof
from app.kernel.refusals import Refusal
from app.site import Site
from tests.access.factories import OTHER, PASSWORD, added, kinds, ledger_text, staff
from tests.factories import AT


def why(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Refusal) else None


def fail(site: Site, times: int, sign_in: str = "ana") -> float:
    """Fail so often, each time as soon as it is possible again; the answer is the seconds it took."""
    at = AT
    for _ in range(times):
        assert why(prove(site, sign_in, "wrong", at)) == Why.WRONG_PASSWORD
        at += wait(site, sign_in, at)
    return (at - AT).total_seconds()


def wait(site: Site, sign_in: str, at: datetime) -> timedelta:
    with site.db.reading() as db:
        row = db.get_one(SysDelay, delays.buckets_of(sign_in, None, None).name)
    assert row.wait_until > at
    return row.wait_until - at


def test_the_wait_doubles_up_to_a_minute() -> None:
    """ASVS 6.3.1."""
    assert [delays.wait_after(n).total_seconds() for n in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.usefixtures("cheap")
def test_failures_in_a_row_wait_2_4_8_seconds(site: Site) -> None:
    staff(site)
    assert fail(site, 3) == 14


@pytest.mark.usefixtures("cheap")
def test_while_waiting_even_the_right_password_is_not_looked_at(site: Site) -> None:
    staff(site)
    fail(site, 1)
    answer = prove(site, "ana", PASSWORD, AT + timedelta(seconds=1.5))
    assert why(answer) == Why.WAIT
    assert "1 s" in str(answer)


@pytest.mark.usefixtures("cheap")
def test_nobody_is_locked_out_however_many_fail(site: Site) -> None:
    """A guesser must not be able to keep a nurse from the bedside."""
    staff(site)
    took = fail(site, 30)
    assert isinstance(prove(site, "ana", PASSWORD, AT + timedelta(seconds=took)), Proof)


@pytest.mark.usefixtures("cheap")
def test_the_right_password_ends_the_run_of_failures(site: Site) -> None:
    staff(site)
    took = fail(site, 4)
    at = AT + timedelta(seconds=took)
    assert isinstance(prove(site, "ana", PASSWORD, at), Proof)
    assert why(prove(site, "ana", "wrong", at)) == Why.WRONG_PASSWORD
    assert wait(site, "ana", at) == timedelta(seconds=2)


@pytest.mark.usefixtures("cheap")
def test_failures_are_forgotten_after_a_quarter_of_an_hour(site: Site) -> None:
    staff(site)
    later = AT + timedelta(seconds=fail(site, 4)) + delays.FORGOTTEN + timedelta(seconds=1)
    prove(site, "ana", "wrong", later)
    assert wait(site, "ana", later) == timedelta(seconds=2)


@pytest.mark.usefixtures("cheap")
def test_an_unknown_name_waits_like_a_known_one_and_leaves_no_trace_of_itself(site: Site) -> None:
    """ASVS 6.3.8. People type passwords into the wrong field: what was typed is kept nowhere."""
    assert fail(site, 3, "my secret words") == 14
    with site.db.reading() as db:
        assert "secret" not in " ".join(db.exec(select(SysDelay.who)).all())


@pytest.mark.usefixtures("cheap")
def test_names_that_no_database_can_hold_are_simply_wrong(site: Site) -> None:
    for name in ("a\x00b", "\ud800", "x" * 10_000, "' OR 1=1 --", ""):
        assert why(prove(site, name, "anything", AT)) == Why.WRONG_PASSWORD
    staff(site)
    assert why(prove(site, "ana", "\ud800\x00", AT)) == Why.WRONG_PASSWORD


def test_an_unknown_name_costs_a_hash_like_a_wrong_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 6.3.8: the time of the answer does not tell whether the name exists."""
    asked: list[str | None] = []
    monkeypatch.setattr(proof, "HASHER", Told(asked))
    staff(site)
    prove(site, "ana", "wrong", AT)
    prove(site, "bea", "wrong", AT)
    assert asked[0] is not None and asked[1] is None


class Told:
    """A hasher that tells what it was asked."""

    def __init__(self, asked: list[str | None]) -> None:
        self._asked = asked

    def matches(self, stored: str | None, password: str) -> bool:
        self._asked.append(stored)
        return HASHER.matches(stored, password)


@pytest.mark.usefixtures("cheap")
def test_the_fifth_failure_in_a_row_is_told_to_the_ledger(site: Site) -> None:
    """21 CFR 11.300(d): attempts at unauthorised use are detected and reported."""
    staff(site)
    fail(site, 4)
    assert "access.guessed" not in kinds(site)
    prove(site, "ana", "wrong", AT + timedelta(minutes=5))
    assert kinds(site).count("access.guessed") == 1
    assert "wrong" not in ledger_text(site).replace("wrong passwords in a row", "")


@pytest.mark.usefixtures("cheap")
def test_a_one_time_password_signs_nothing(site: Site) -> None:
    given = added(site, "ana", Role.NURSE)
    assert why(prove(site, "ana", given.one_time_password, AT)) == Why.MUST_CHANGE


def test_an_old_hash_is_made_anew_at_the_next_proof(site: Site, cheap: None) -> None:  # noqa: ARG001
    """ASVS 11.4.2; the ledger tells it and never the hash."""
    person = staff(site)
    assert isinstance(prove(site, "ana", PASSWORD, AT), Proof)
    with site.db.reading() as db:
        now = db.get_one(type(person), person.id)
    assert not HASHER.outdated(now.password_hash)
    assert kinds(site)[-1] == "access.rehashed"
    assert "argon2" not in ledger_text(site)
    assert isinstance(prove(site, "ana", PASSWORD, AT), Proof)


@pytest.mark.usefixtures("cheap")
def test_many_attempts_at_once_are_no_way_round_the_delay(site: Site) -> None:
    """Of guesses sent together one is looked at; the others wait like any next attempt."""
    from concurrent.futures import ThreadPoolExecutor

    staff(site)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: why(prove(site, "ana", f"guess {n}", AT)), range(8)))
    assert sorted(map(str, answers)) == [Why.WAIT] * 7 + [Why.WRONG_PASSWORD]


@pytest.mark.usefixtures("cheap")
def test_old_buckets_are_swept_away(site: Site) -> None:
    """A guesser cannot fill the table for ever."""
    for name in ("a1", "a2", "a3"):
        prove(site, name, "x", AT)
    prove(site, "a4", "x", AT + timedelta(days=1))
    with site.db.reading() as db:
        assert len(db.exec(select(SysDelay)).all()) == 1


def test_the_proof_names_the_signer_as_printed(site: Site) -> None:
    """21 CFR 11.50(a)(1); capitals in the name as typed do not matter."""
    staff(site, "ana", Role.RELEASER, OTHER)
    answer = prove(site, " Ana ", OTHER, AT)
    assert isinstance(answer, Proof)
    assert (answer.printed_name, answer.role, answer.sign_in) == ("Ana Ruiz", "releaser", "ana")
