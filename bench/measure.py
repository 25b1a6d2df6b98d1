"""Measuring: CPU time, in turns, so that a busy machine troubles both sides alike."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log
from statistics import fmean, median

Act = Callable[[], object]
#: Gives CPU seconds used so far.
Clock = Callable[[], float]

#: Each side of a pair runs at least so long, so that the clock's own step does not matter.
LEAST_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure that Hilo holds itself to."""

    id: str
    unit: str
    #: The figure is met at this value or below.
    at_most: float

    @property
    def target(self) -> str:
        """The target as it is printed."""
        return f"<={self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A goal and what was measured; no value where the measuring itself failed."""

    goal: Goal
    value: float | None

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value is not None and self.value <= self.goal.at_most

    @property
    def line(self) -> str:
        """``id value unit target pass|short``."""
        value = "-" if self.value is None else f"{self.value:.3g}"
        return f"{self.goal.id} {value} {self.goal.unit} {self.goal.target} {'pass' if self.met else 'short'}"


def clock_of(process: int) -> Clock:
    """The CPU clock of another process, which Linux names by the process's number (clock_getcpuclockid)."""
    number = (~process << 3) | 2
    return lambda: time.clock_gettime(number)


def together(*clocks: Clock) -> Clock:
    """The CPU time of several processes as one."""
    return lambda: sum(clock() for clock in clocks)


@contextmanager
def settled() -> Iterator[None]:
    """Collect rubbish now, and spare what is alive from being looked through in every later collection."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def cost(act: Act, times: int, clock: Clock = time.process_time) -> float:
    """CPU seconds of one act, as the mean of so many."""
    start = clock()
    for _ in range(times):
        act()
    return (clock() - start) / times


def enough(act: Act) -> int:
    """How many times to run an act for it to take long enough; runs it, so that it is warm."""
    act()
    return max(1, round(LEAST_SECONDS / max(cost(act, 2), 1e-7)))


def ratio(ours: Act, theirs: Act, pairs: int) -> float:
    """CPU time of ours over theirs: median over pairs run in turns, each begun by the other side."""
    with settled():
        times = enough(ours), enough(theirs)
        found = []
        for number in range(pairs):
            if number % 2:
                their, our = cost(theirs, times[1]), cost(ours, times[0])
            else:
                our, their = cost(ours, times[0]), cost(theirs, times[1])
            found.append(our / their)
    return median(found)


def medians(acts: dict[int, list[Act]], rounds: int, clock: Clock = time.process_time) -> dict[int, float]:
    """For each key the median cost of its acts, each act by its own median over rounds taken in turns."""
    costs: dict[int, list[list[float]]] = {key: [[] for _ in some] for key, some in acts.items()}
    with settled():
        for number in range(rounds + 1):
            for at in range(max(len(some) for some in acts.values())):
                for key, some in acts.items():
                    spent = cost(some[at], 1, clock)
                    if number:  # the first round warms
                        costs[key][at].append(spent)
    return {key: fmean(median(each) for each in some) for key, some in costs.items()}


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """The b of y = a·x^b that fits best: the slope of log y on log x. Raises ValueError below two points."""
    logs = [(log(x), log(y)) for x, y in points]
    if len(logs) < 2:
        raise ValueError("an exponent needs two sizes")
    middle_x, middle_y = fmean(x for x, _ in logs), fmean(y for _, y in logs)
    across = sum((x - middle_x) ** 2 for x, _ in logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / across
