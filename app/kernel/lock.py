"""One writer at a time, in the order of arrival: threads by ticket, other processes by a file lock.

SQLite's own busy timeout is unfair (one thread waited 6 s while another made 2,345 commits,
reference/regulation-and-reliability.md §9) and errors under load; a queue has neither fault.
"""

import fcntl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FairLock:
    """A lock whose waiters get it in the order they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._held = False
        self._holder = 0

    def acquire(self) -> None:
        """Wait for the turn. Raises RuntimeError for an act inside an act, which would wait for itself."""
        me = threading.get_ident()
        with self._guard:
            if self._held and self._holder == me:
                raise RuntimeError("an act inside an act: finish the first, or pass its work along")
            if not self._held and not self._queue:
                self._held, self._holder = True, me
                return
            turn = threading.Event()
            self._queue.append(turn)
        turn.wait()
        self._holder = me

    def release(self) -> None:
        """Hand the lock to the longest waiter."""
        with self._guard:
            self._holder = 0
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False


class WriterLock:
    """The right to write: fair inside the process, and one process at a time where a file is given."""

    def __init__(self, path: Path | None) -> None:
        self._threads = FairLock()
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the right to write for the length of the block."""
        self._threads.acquire()
        try:
            if self._path is None:
                yield
                return
            with self._path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        finally:
            self._threads.release()
