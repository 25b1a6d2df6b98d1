"""Pre-formed, de novo, cleared or indeterminate: the course of one antibody over the sera of a recipient."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.hla.beads import SITE_DEFAULT, Bead
from app.hla.calls import calls
from app.hla.nomenclature import Allele, Locus
from app.hla.timecourse import Course, Origin, SerumCall, courses
from app.hla.typing import Typing

INFUSED = date(2025, 5, 7)
A24 = Allele(Locus.A, ("24", "02"))


def serum(day: int, mfi: int | None, *, lot: str = "LOT-1", positive: int = 1500) -> SerumCall:
    """A serum drawn ``day`` days after the infusion; None is a bead that failed."""
    rules = replace(SITE_DEFAULT, positive=Decimal(positive), grey_from=Decimal(1000))
    beads = [Bead("010", A24, mfi, count=100)]
    call = calls(Typing((A24,)), Typing(), beads, rules)[0]
    return SerumCall(f"S{day}", INFUSED + timedelta(days=day), lot, "SAB IgG neat", call)


def course(*sera: SerumCall) -> Course:
    (found,) = courses(sera, INFUSED)
    return found


def test_the_antibody_of_ln_02_comes_after_the_infusion_and_fades() -> None:
    """180, 1850, 900, 420, 310 MFI: de novo in month 1, negative since month 3."""
    found = course(serum(-7, 180), serum(30, 1850), serum(90, 900), serum(180, 420), serum(270, 310))
    assert (found.origin, found.first_positive_on) == (Origin.DE_NOVO, INFUSED + timedelta(days=30))
    assert found.cleared_on == INFUSED + timedelta(days=90)
    assert found.is_comparable and "1850 MFI" in found.reason


def test_the_same_sera_are_not_positive_under_a_cut_off_of_2000() -> None:
    found = course(serum(-7, 180, positive=2000), serum(30, 1850, positive=2000))
    assert (found.origin, found.first_positive_on, found.cleared_on) == (Origin.NOT_SEEN, None, None)


@pytest.mark.parametrize("day", [-30, 0])
def test_a_positive_serum_at_or_before_the_infusion_is_pre_formed(day: int) -> None:
    assert course(serum(day, 3200), serum(30, 3050)).origin is Origin.PRE_FORMED


def test_a_pre_formed_antibody_that_was_negative_at_baseline_is_still_pre_formed() -> None:
    assert course(serum(-60, 3200), serum(-1, 100), serum(30, 3050)).origin is Origin.PRE_FORMED


def test_without_a_baseline_an_antibody_is_never_called_de_novo() -> None:
    assert course(serum(30, 4000)).origin is Origin.INDETERMINATE


def test_a_baseline_whose_bead_failed_is_no_baseline() -> None:
    found = course(serum(-7, None), serum(30, 4000))
    assert found.origin is Origin.INDETERMINATE and "No valid serum" in found.reason


def test_a_grey_baseline_then_positive_is_possible_memory() -> None:
    assert course(serum(-7, 1200), serum(30, 4000)).origin is Origin.POSSIBLE_MEMORY


def test_a_grey_serum_after_a_positive_one_has_not_cleared() -> None:
    assert course(serum(-7, 10), serum(30, 4000), serum(90, 1200)).cleared_on is None


def test_an_antibody_that_comes_back_has_not_cleared() -> None:
    assert course(serum(-7, 10), serum(30, 4000), serum(90, 10), serum(180, 1600)).cleared_on is None


def test_a_failed_bead_does_not_count_as_cleared() -> None:
    assert course(serum(-7, 10), serum(30, 4000), serum(90, None)).cleared_on is None


def test_sera_that_never_react_are_not_seen() -> None:
    assert course(serum(-7, 240), serum(30, 260)).origin is Origin.NOT_SEEN


def test_sera_that_never_tell_are_indeterminate() -> None:
    assert course(serum(-7, None), serum(30, None)).origin is Origin.INDETERMINATE


def test_numbers_of_two_kit_lots_are_shown_as_not_comparable() -> None:
    found = course(serum(-7, 10), serum(30, 4000, lot="LOT-2"))
    assert not found.is_comparable and "not comparable" in found.reason


def test_a_protein_that_the_recipient_shares_has_no_course() -> None:
    shared_call = calls(Typing((A24,)), Typing((A24,)), [], SITE_DEFAULT)[0]
    assert course(replace(serum(30, 4000), call=shared_call)).origin is Origin.NOT_APPLICABLE


def test_the_history_is_kept_oldest_first_whatever_the_order_of_entry() -> None:
    found = course(serum(90, 900), serum(-7, 180), serum(30, 1850))
    assert [one.serum for one in found.history] == ["S-7", "S30", "S90"]
    assert found == course(serum(-7, 180), serum(30, 1850), serum(90, 900))
