"""A person's HLA typing: which loci are known, and which molecules stand on their cells."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.hla.nomenclature import (
    BETA_OF,
    LOCUS_ORDER,
    Absent,
    Allele,
    Ambiguous,
    Antigen,
    BadName,
    BadNameReason,
    Dimer,
    Locus,
    Name,
    can_pair,
    parse_name,
)
from app.kernel.speech import say


@dataclass(frozen=True, slots=True)
class LoneChain:
    """A typed chain of a DQ or DP molecule whose partner is not known as one protein."""

    chain: Allele

    @property
    def partner_locus(self) -> Locus:
        """The locus that would have to be typed to name the dimer."""
        if self.chain.locus in BETA_OF:
            return BETA_OF[self.chain.locus]
        return next(alpha for alpha, beta in BETA_OF.items() if beta is self.chain.locus)

    @property
    def target_name(self) -> str:
        """``?~beta``, or ``alpha~?``."""
        if self.chain.locus in BETA_OF:
            return f"{self.chain.target_name}~?"
        return f"?~{self.chain.target_name}"


Molecule = Allele | Dimer | LoneChain | Antigen | Ambiguous | Locus


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a serum is judged against; ``molecule`` is a bare ``Locus`` where that is not typed."""

    name: str
    locus: Locus
    molecule: Molecule


@dataclass(frozen=True, slots=True)
class Typing:
    """All names of one person. A locus with one allele is read as homozygous, as reports write it."""

    names: tuple[Name, ...] = ()

    def at(self, locus: Locus) -> tuple[Name, ...]:
        """The names at this locus; public epitopes (Bw4, Bw6) belong to none."""
        return tuple(
            name
            for name in self.names
            if name.locus is locus and not (isinstance(name, Antigen) and name.is_public)
        )

    def is_typed(self, locus: Locus) -> bool:
        """Whether anything is known about this locus, be it that the gene is absent."""
        return bool(self.at(locus))

    def is_coarse(self, locus: Locus) -> bool:
        """Whether a name at this locus stops short of one protein."""
        return any(isinstance(name, Antigen | Ambiguous) for name in self.at(locus))

    @property
    def untyped(self) -> tuple[Locus, ...]:
        """The loci about which nothing is known, in printed order."""
        return tuple(locus for locus in Locus if not self.is_typed(locus))

    @property
    def surface(self) -> frozenset[str]:
        """The two-field names of the chains that stand on this person's cells."""
        return frozenset(
            name.two_field for name in self.names if isinstance(name, Allele) and name.is_expressed_on_surface
        )

    def carries(self, molecule: Allele | Dimer) -> bool:
        """Whether this person shows exactly this protein, or both chains of this dimer."""
        chains = (molecule.alpha, molecule.beta) if isinstance(molecule, Dimer) else (molecule,)
        return all(chain.is_expressed_on_surface and chain.two_field in self.surface for chain in chains)


def read_typing(texts: Iterable[str]) -> Typing | tuple[BadName, ...]:
    """The typing written in these names, or every name that cannot be kept."""
    parsed = [parse_name(text) for text in texts]
    bad = [name for name in parsed if isinstance(name, BadName)]
    names = tuple(name for name in parsed if not isinstance(name, BadName))
    alleles = Counter(name.locus for name in names if isinstance(name, Allele | Ambiguous))
    absent = {name.locus for name in names if isinstance(name, Absent)}
    for locus, count in alleles.items():
        if count > 2 or locus in absent:
            text = ", ".join(str(name) for name in names if name.locus is locus)
            sentence = say("{text}: that cannot be one person's typing at {locus}.", text=text, locus=locus)
            step = say("Enter at most two alleles of a locus, and none where the gene is absent.")
            bad.append(BadName(text, BadNameReason.TOO_MANY, sentence, step))
    return tuple(bad) if bad else Typing(names)


def targets(donor: Typing) -> tuple[Target, ...]:
    """What a serum is judged against for this donor: one target a name, in printed order of the loci.

    DQ and DP are judged as dimers of every alpha with every beta that can pair; a chain left without a
    known partner is a target of its own, and so is a locus that is not typed: nothing is dropped in
    silence. Alleles of one protein give one target, the fully expressed one where they differ.
    """
    found = [_named(name) for name in donor.names if not isinstance(name, Absent)]
    singles = [target for target in found if not _is_live_chain(target.molecule)]
    chains = [
        target.molecule
        for target in found
        if isinstance(target.molecule, Allele) and _is_live_chain(target.molecule)
    ]
    untyped = [Target(locus.value, locus, locus) for locus in donor.untyped]
    by_name: dict[str, Target] = {}
    for target in sorted([*singles, *_dimers(chains), *untyped], key=_print_order):
        by_name.setdefault(target.name, target)
    return tuple(by_name.values())


def _named(name: Allele | Antigen | Ambiguous) -> Target:
    text = name.target_name if isinstance(name, Allele) else str(name)
    return Target(text, name.locus, name)


def _is_live_chain(molecule: Molecule) -> bool:
    """An expressed DQ or DP chain: half of a molecule, never a target without a word on its partner."""
    if not isinstance(molecule, Allele):
        return False
    paired = molecule.locus in BETA_OF or molecule.locus in BETA_OF.values()
    return paired and molecule.is_expressed_on_surface


def _dimers(chains: list[Allele]) -> list[Target]:
    pairs = [Dimer(alpha, beta) for alpha in chains for beta in chains if can_pair(alpha, beta)]
    used = {chain for pair in pairs for chain in (pair.alpha, pair.beta)}
    lone = [LoneChain(chain) for chain in chains if chain not in used]
    whole = [Target(pair.target_name, pair.beta.locus, pair) for pair in pairs]
    return whole + [Target(half.target_name, half.chain.locus, half) for half in lone]


def _print_order(target: Target) -> tuple[int, str, bool]:
    return LOCUS_ORDER[target.locus], target.name, bool(_flagged(target.molecule))


def _flagged(molecule: Molecule) -> bool:
    """Whether an expression letter hangs on the molecule."""
    chains = (molecule.alpha, molecule.beta) if isinstance(molecule, Dimer) else (molecule,)
    return any(isinstance(chain, Allele) and chain.expression is not None for chain in chains)
