"""A person's typing, and what a serum is judged against for a donor."""

from app.hla.nomenclature import BadName, BadNameReason, Locus
from app.hla.typing import Typing, read_typing, targets


def typing(*names: str) -> Typing:
    found = read_typing(names)
    assert isinstance(found, Typing), found
    return found


def names(*donor: str) -> list[str]:
    """The names of the typed targets."""
    return [target.name for target in targets(typing(*donor)) if not isinstance(target.molecule, Locus)]


def test_every_name_that_cannot_be_kept_is_told() -> None:
    found = read_typing(["A*24:02", "A*2402", "E*01:01"])
    assert not isinstance(found, Typing)
    assert [bad.reason for bad in found] == [BadNameReason.OLD_NAME, BadNameReason.UNKNOWN_LOCUS]


def test_nobody_has_three_alleles_of_a_locus_or_one_of_an_absent_gene() -> None:
    for texts in (["A*01:01", "A*02:01", "A*03:01"], ["DRB4*NNNN", "DRB4*01:01"]):
        found = read_typing(texts)
        assert isinstance(found, tuple) and isinstance(found[0], BadName)
        assert found[0].reason is BadNameReason.TOO_MANY


def test_an_absent_gene_is_typed_and_a_public_epitope_types_nothing() -> None:
    found = typing("DRB4*NNNN", "Bw4")
    assert found.is_typed(Locus.DRB4) and not found.is_typed(Locus.B)


def test_a_locus_that_is_not_typed_is_a_target_of_its_own() -> None:
    found = targets(typing("A*02:01", "DRB4*NNNN"))
    assert [target.name for target in found] == [
        "A*02:01", "B", "C", "DRB1", "DRB3", "DRB5", "DQA1", "DQB1", "DPA1", "DPB1",
    ]  # fmt: skip


def test_targets_are_proteins_in_printed_order_and_each_stands_once() -> None:
    assert names("C*07:02", "A*24:02:01:01", "A*24:02:01:02L", "B*07:02") == ["A*24:02", "B*07:02", "C*07:02"]


def test_a_protein_fully_expressed_by_one_allele_is_not_the_weak_one_of_the_other() -> None:
    (target, *_) = targets(typing("A*24:02:01:02L", "A*24:02:01:01"))
    assert str(target.molecule) == "A*24:02:01:01"


def test_a_donor_of_two_dqa1_and_two_dqb1_has_only_the_dimers_that_can_pair() -> None:
    assert names("DQA1*01:02", "DQA1*05:05", "DQB1*06:02", "DQB1*03:01") == [
        "DQA1*01:02~DQB1*06:02",
        "DQA1*05:05~DQB1*03:01",
    ]


def test_a_dq_donor_of_one_group_has_four_dimers() -> None:
    assert len(names("DQA1*02:01", "DQA1*05:05", "DQB1*02:02", "DQB1*03:01")) == 4


def test_a_chain_without_a_known_partner_is_named_with_a_question_mark() -> None:
    assert names("DQB1*02:02") == ["?~DQB1*02:02"]
    assert names("DQA1*05:05") == ["DQA1*05:05~?"]
    assert names("DQA1*01:02", "DQB1*02:02") == ["DQA1*01:02~?", "?~DQB1*02:02"]


def test_a_null_chain_makes_no_dimer_and_is_told_by_itself() -> None:
    assert names("DQA1*05:15N", "DQB1*03:01") == ["DQA1*05:15N", "?~DQB1*03:01"]


def test_every_dp_alpha_pairs_with_every_dp_beta() -> None:
    assert len(names("DPA1*01:03", "DPA1*02:01", "DPB1*04:01", "DPB1*104:01")) == 4
