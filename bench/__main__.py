"""The command: `python -m bench [--long] [--only ID,ID]`. It measures and prints; it never fails."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from bench import (
    batch_record,
    http_read,
    ledger_verify,
    list_page,
    recall_screen,
    size,
    start,
    trace_grow,
    trace_peer,
    trace_plan,
)
from bench.grounds import Grounds, grounds
from bench.measure import Figure, Goal
from bench.report import write

#: What is measured, in this order: processes first, while memory is still empty.
FIGURES: tuple[ModuleType, ...] = (
    start,
    batch_record,
    list_page,
    http_read,
    recall_screen,
    ledger_verify,
    size,
    trace_grow,
    trace_plan,
    trace_peer,
)
RESULTS = Path(__file__).parent / "results.json"


def wanted(module: ModuleType, only: Sequence[str]) -> tuple[Goal, ...]:
    """The goals of a module that were asked for, by their id or by the part before its first dot."""
    goals: tuple[Goal, ...] = module.GOALS
    return tuple(one for one in goals if not only or {one.id, one.id.partition(".")[0]} & set(only))


def measured(module: ModuleType, goals: tuple[Goal, ...], ground: Grounds) -> list[Figure]:
    """A figure for each goal, printed as it comes; a fault leaves the rest without a value, and is told."""
    open_ = {goal.id: goal for goal in goals}
    found = []
    try:
        for name, value in module.measure(ground):
            if name in open_:
                found.append(Figure(open_.pop(name), value))
                print(found[-1].line, flush=True)
    except Exception as fault:  # a benchmark that breaks says so and lets the others run
        print(f"{module.__name__}: {type(fault).__name__}: {fault}", file=sys.stderr)
    for goal in open_.values():
        found.append(Figure(goal, None))
        print(found[-1].line, flush=True)
    return found


def run(only: Sequence[str], ground: Grounds, results: Path) -> list[Figure]:
    """Measure what was asked for and write the results."""
    found: list[Figure] = []
    for module in FIGURES:
        goals = wanted(module, only)
        if goals:
            found += measured(module, goals, ground)
    write(results, found, ground.sizes)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments and measure. The answer is 0 whatever was found."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Hilo against its budgets.")
    parser.add_argument("--long", action="store_true", help="also the sizes that take minutes")
    parser.add_argument("--only", default="", metavar="ID,ID", help="these figures, or groups of figures")
    given = parser.parse_args(arguments)
    only = [one for one in given.only.split(",") if one]
    known = {
        name for module in FIGURES for goal in module.GOALS for name in (goal.id, goal.id.partition(".")[0])
    }
    for name in sorted(set(only) - known):
        print(f"no figure is called {name}; there are: {', '.join(sorted(known))}", file=sys.stderr)
    if only and not set(only) & known:
        return 0
    with grounds() as ground:
        run(only, replace(ground, sizes=(*ground.sizes, 10**7)) if given.long else ground, RESULTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
