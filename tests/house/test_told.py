"""Every event kind was told and every refusal made by some test; judged last, on whole runs only.

A run shared by several processes is judged the same way when all are done (tests/told.py).
"""

from enum import StrEnum

import pytest

from tests.told import REFUSED, TOLD, kinds, name_of, reasons


@pytest.mark.parametrize("kind", kinds())
def test_every_event_kind_is_told_by_a_test(kind: str) -> None:
    assert kind in TOLD, f"no test makes {kind} happen"


@pytest.mark.parametrize("why", reasons(), ids=lambda why: f"{type(why).__module__}.{why.value}")
def test_every_refusal_is_provoked_by_a_test(why: StrEnum) -> None:
    assert name_of(why) in REFUSED, f"no test is refused for {why!r}"
