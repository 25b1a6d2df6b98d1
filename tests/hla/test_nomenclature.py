"""What an HLA name says: allele, antigen, open list, absent gene, or no name at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hla.nomenclature import (
    Absent,
    Allele,
    Ambiguous,
    Antigen,
    BadName,
    BadNameReason,
    Dimer,
    Locus,
    Vagueness,
    can_pair,
    parse_name,
    parse_specificity,
)


def allele(text: str) -> Allele:
    found = parse_name(text)
    assert isinstance(found, Allele), found
    return found


def test_the_loci_are_printed_in_the_agreed_order() -> None:
    assert " ".join(Locus) == "A B C DRB1 DRB3 DRB4 DRB5 DQA1 DQB1 DPA1 DPB1"


@pytest.mark.parametrize(
    ("text", "two_field"),
    [
        ("A*24:02", "A*24:02"),
        (" HLA-A*24:02:01:01 ", "A*24:02"),
        ("A*24:02:01:02L", "A*24:02"),
        ("DPB1*104:01", "DPB1*104:01"),
        ("DRB4*01:03:01:02N", "DRB4*01:03"),
    ],
)
def test_an_allele_collapses_to_its_protein(text: str, two_field: str) -> None:
    assert allele(text).two_field == two_field


@pytest.mark.parametrize(("letter", "seen"), [*((x, False) for x in "NSCA"), *((x, True) for x in "LQ")])
def test_only_low_and_questionable_proteins_are_kept_as_targets(letter: str, seen: bool) -> None:
    found = allele(f"A*24:09{letter}")
    assert found.is_expressed_on_surface is seen
    assert found.target_name == ("A*24:09" if seen else f"A*24:09{letter}")


@pytest.mark.parametrize(
    ("text", "locus"),
    [
        ("A24", Locus.A), ("A2403", Locus.A), ("B64(14)", Locus.B), ("Cw12", Locus.C),
        ("DR17(3)", Locus.DRB1), ("DR51", Locus.DRB5), ("DR52", Locus.DRB3), ("DR53", Locus.DRB4),
        ("DQ7", Locus.DQB1), ("DPw1", Locus.DPB1),
    ],
)  # fmt: skip
def test_a_serological_name_is_kept_and_not_made_an_allele(text: str, locus: Locus) -> None:
    assert parse_name(text) == Antigen(text, locus)


def test_the_antigen_a2403_is_not_the_allele_of_the_same_digits() -> None:
    assert isinstance(parse_name("A2403"), Antigen)
    assert allele("A*24:03").two_field == "A*24:03"


def test_bw4_is_known_as_a_public_epitope() -> None:
    assert parse_name("Bw4") == Antigen("Bw4", Locus.B, is_public=True)


@pytest.mark.parametrize(
    ("text", "vagueness", "candidates"),
    [
        ("DQB1*02:01/02", Vagueness.LIST, ["DQB1*02:01", "DQB1*02:02"]),
        ("A*24:02/24:03", Vagueness.LIST, ["A*24:02", "A*24:03"]),
        ("A*24:02/A*24:09N", Vagueness.LIST, ["A*24:02", "A*24:09N"]),
        ("A*24:BDVU", Vagueness.CODE, []),
        ("A*24:XX", Vagueness.CODE, []),
        ("DQA1*05", Vagueness.FIRST_FIELD, []),
        ("A*24:02P", Vagueness.GROUP, []),
        ("A*24:02:01G", Vagueness.GROUP, []),
    ],
)
def test_a_typing_that_leaves_proteins_open_says_so(
    text: str, vagueness: Vagueness, candidates: list[str]
) -> None:
    found = parse_name(text)
    assert isinstance(found, Ambiguous)
    assert (found.vagueness, [str(one) for one in found.candidates]) == (vagueness, candidates)


def test_a_list_within_one_protein_is_that_protein() -> None:
    assert parse_name("A*24:02:01/A*24:02:03") == Allele(Locus.A, ("24", "02"))


def test_nnnn_says_that_the_gene_is_absent() -> None:
    assert parse_name("DRB4*NNNN") == Absent(Locus.DRB4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", BadNameReason.EMPTY),
        ("A*2402", BadNameReason.OLD_NAME),
        ("Cw*0303", BadNameReason.OLD_NAME),
        ("DRB1*1454", BadNameReason.OLD_NAME),
        ("E*01:01", BadNameReason.UNKNOWN_LOCUS),
        ("DRB4*XXXX", BadNameReason.PLACEHOLDER),
        ("A*24:02+A*02:01", BadNameReason.SEVERAL_NAMES),
        ("A*24:02/B*07:02", BadNameReason.MIXED_LOCI),
        ("A*24:02X", BadNameReason.FORM),
        ("a*24:02", BadNameReason.FORM),
        ("A*٢٤:٠٢", BadNameReason.FORM),
        ("x" * 10_000, BadNameReason.FORM),
    ],
)
def test_a_bad_name_is_answered_with_its_reason_and_a_next_step(text: str, reason: BadNameReason) -> None:
    found = parse_name(text)
    assert isinstance(found, BadName)
    assert found.reason is reason
    assert found.next_step and len(str(found)) < 300


@pytest.mark.parametrize("text", ["DQA1*05:05~DQB1*03:01", "DQA1*05:05&DQB1*03:01", "DQB1*03:01~DQA1*05:05"])
def test_a_dimer_is_the_same_with_either_sign_and_in_either_order(text: str) -> None:
    found = parse_specificity(text)
    assert isinstance(found, Dimer)
    assert found.target_name == "DQA1*05:05~DQB1*03:01"


@pytest.mark.parametrize(
    "text", ["DQA1*05:05~DPB1*03:01", "DQA1*05:05~DQA1*01:01", "DQA1*05~DQB1*03:01", "A*01:01~"]
)
def test_what_is_no_dimer_is_refused(text: str) -> None:
    assert isinstance(parse_specificity(text), BadName)


@pytest.mark.parametrize(
    ("alpha", "beta", "pairs"),
    [
        ("DQA1*01:02", "DQB1*06:02", True),
        ("DQA1*01:02", "DQB1*02:02", False),
        ("DQA1*05:05", "DQB1*03:01", True),
        ("DQA1*05:05", "DQB1*05:01", False),
        ("DPA1*01:03", "DPB1*104:01", True),
        ("DPA1*01:03", "DQB1*05:01", False),
    ],
)
def test_dq_chains_pair_only_within_their_two_groups(alpha: str, beta: str, pairs: bool) -> None:
    assert can_pair(allele(alpha), allele(beta)) is pairs


@given(st.one_of(st.text(max_size=30), st.text("ABCDRQPw*:/~&0123456789NX-()", max_size=20)))
def test_no_text_makes_the_parser_raise_and_every_name_reads_back(text: str) -> None:
    found = parse_specificity(text)
    if not isinstance(found, BadName):
        assert parse_specificity(str(found)) == found
