"""A 'no' somebody can act on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 'no' that is an answer, not an accident: it is returned, shown, and kept in the ledger.

    ``reason`` comes from the closed list of the room that refuses, ``sentence`` says what is wrong in
    words a nurse reads at 3 a.m., ``next_step`` says what to do now.
    """

    reason: StrEnum
    sentence: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}"


def first(*answers: Refusal | None) -> Refusal | None:
    """The first refusal among the answers, or None when every question was answered with yes."""
    return next((answer for answer in answers if answer is not None), None)


def first_of(questions: tuple[Callable[[S], Refusal | None], ...], situation: S) -> Refusal | None:
    """Ask the questions in order; stop at the first refusal."""
    return first(*(question(situation) for question in questions))
