"""The right to write goes round in the order of asking, and nobody waits for themselves."""

import threading
from pathlib import Path

import pytest

from app.kernel.lock import FairLock, WriterLock
from app.kernel.work import SYSTEM
from app.site import Site
from tests.factories import AT


def test_waiters_get_the_lock_in_the_order_they_came() -> None:
    lock, order = FairLock(), []
    lock.acquire()
    waiting = []
    for number in range(5):
        asked = threading.Event()

        def take(number: int = number, asked: threading.Event = asked) -> None:
            asked.set()
            lock.acquire()
            order.append(number)
            lock.release()

        thread = threading.Thread(target=take)
        thread.start()
        asked.wait()
        while len(lock._queue) <= number:
            pass
        waiting.append(thread)
    lock.release()
    for thread in waiting:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_an_act_inside_an_act_raises_instead_of_waiting_for_itself(site: Site) -> None:
    with (
        site.db.act(SYSTEM, AT),
        pytest.raises(RuntimeError, match="act inside an act"),
        site.db.act(SYSTEM, AT),
    ):
        pass


def test_another_process_waits_at_the_file(tmp_path: Path) -> None:
    """Two locks on one file are two processes' locks: the second has its turn after the first."""
    file, seen = tmp_path / "writer.lock", []
    first, second = WriterLock(file), WriterLock(file)
    inside = threading.Event()

    def other() -> None:
        inside.wait()
        with second.held():
            seen.append("second")

    thread = threading.Thread(target=other)
    thread.start()
    with first.held():
        inside.set()
        seen.append("first")
    thread.join()
    assert seen == ["first", "second"]
