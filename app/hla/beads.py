"""Bead readings: what a bead reads under a site's cut-off, and when its number must not be used."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.hla.nomenclature import Allele, Dimer, Locus, Specificity
from app.kernel.speech import say


class Statistic(StrEnum):
    """Which of a bead's two numbers is judged."""

    RAW = "raw"
    NORMAL = "normal"


class Zone(StrEnum):
    """Where a number lies under the cut-off, from low to high."""

    NEGATIVE = "negative"
    GREY = "grey"
    POSITIVE = "positive"


ZONE_ORDER: dict[Zone, int] = {zone: place for place, zone in enumerate(Zone)}


@dataclass(frozen=True, slots=True)
class CutOff:
    """One version of a site's rules for reading beads; each call carries ``version``.

    MFI at or above ``positive`` is positive, at or above ``grey_from`` grey, else negative. A bead with
    fewer events than ``minimum_count`` has failed. Raises ``ValueError`` where the zones make no sense.
    """

    version: str
    positive: Decimal
    grey_from: Decimal
    minimum_count: int
    statistic: Statistic

    def __post_init__(self) -> None:
        if not (self.positive.is_finite() and 0 < self.grey_from <= self.positive):
            raise ValueError("a cut-off needs 0 < grey_from <= positive")
        if self.minimum_count < 0:
            raise ValueError("a minimum bead count is not negative")

    def zone(self, mfi: Decimal) -> Zone:
        """The zone of this MFI; both borders belong to the higher zone."""
        if mfi >= self.positive:
            return Zone.POSITIVE
        return Zone.GREY if mfi >= self.grey_from else Zone.NEGATIVE


#: What a new site starts from until it stores rules of its own: positive from 1500 MFI, grey from 1000
#: (the worked example's cut-off), at least 60 events a bead (the count in the Immucor lot files seen).
SITE_DEFAULT = CutOff("site-1", Decimal(1500), Decimal(1000), 60, Statistic.RAW)


@dataclass(frozen=True, slots=True)
class Bead:
    """One bead of one serum: ``raw`` and ``normal`` are MFI, ``count`` the events behind them.

    ``failed`` is the laboratory's own word that the bead did not work. Missing numbers are None.
    """

    id: str
    specificity: Specificity
    raw: Decimal | float | None
    normal: Decimal | float | None = None
    count: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A bead whose number may be used, with that number (MFI, exact) and its zone."""

    bead: Bead
    mfi: Decimal
    zone: Zone


@dataclass(frozen=True, slots=True)
class Failure:
    """A bead whose number must not be used, and why in words."""

    bead: Bead
    why: str


def read(bead: Bead, cut_off: CutOff) -> Reading | Failure:
    """The bead's number under this cut-off, or why there is none: a failed bead is never negative."""
    if bead.failed:
        return Failure(bead, say("the laboratory marked it as failed"))
    if bead.count is not None and bead.count < cut_off.minimum_count:
        return Failure(
            bead,
            say(
                "it counted {count} events, fewer than {minimum_count}",
                count=bead.count,
                minimum_count=cut_off.minimum_count,
            ),
        )
    number = bead.raw if cut_off.statistic is Statistic.RAW else bead.normal
    if number is None:
        return Failure(bead, say("it has no {statistic} value", statistic=cut_off.statistic))
    mfi = number if isinstance(number, Decimal) else Decimal(str(number))
    if not mfi.is_finite() or (cut_off.statistic is Statistic.RAW and mfi < 0):
        return Failure(bead, say("its {statistic} value is no possible reading", statistic=cut_off.statistic))
    return Reading(bead, mfi, cut_off.zone(mfi))


def chains(molecule: Specificity) -> tuple[Allele, ...]:
    """The protein chains of a bead, none where it is known by serology or as a list only."""
    if isinstance(molecule, Dimer):
        return (molecule.alpha, molecule.beta)
    return (molecule,) if isinstance(molecule, Allele) else ()


def loci(molecule: Specificity) -> tuple[Locus, ...]:
    """The loci whose product the bead carries: two for a dimer."""
    return tuple(chain.locus for chain in chains(molecule)) or (_one_locus(molecule),)


def _one_locus(molecule: Specificity) -> Locus:
    return molecule.beta.locus if isinstance(molecule, Dimer) else molecule.locus


class Panel:
    """All beads of one serum under one cut-off, found by exact protein, by chain, and by locus.

    Readings are kept from high to low whatever the order of the beads.
    """

    def __init__(self, beads: Iterable[Bead], cut_off: CutOff) -> None:
        self.cut_off = cut_off
        self._exact: dict[str, list[Reading]] = {}
        self._chain: dict[str, list[Reading]] = {}
        self._locus: dict[Locus, list[Reading]] = {}
        self._failed: dict[str, list[Failure]] = {}
        for bead in beads:
            self._take(read(bead, cut_off))
        for kept in (self._exact, self._chain, self._locus):
            for readings in kept.values():
                readings.sort(key=_high_first)
        for failures in self._failed.values():
            failures.sort(key=lambda failure: (failure.bead.id, failure.why))

    def exact(self, name: str) -> tuple[Reading, ...]:
        """The usable beads of exactly this two-field protein or dimer, highest first."""
        return tuple(self._exact.get(name, ()))

    def failures(self, name: str) -> tuple[Failure, ...]:
        """The failed beads of exactly this protein or dimer."""
        return tuple(self._failed.get(name, ()))

    def with_chain(self, chain: Allele) -> tuple[Reading, ...]:
        """The usable beads that carry this chain, alone or in a dimer, highest first."""
        return tuple(self._chain.get(chain.two_field, ()))

    def at(self, locus: Locus) -> tuple[Reading, ...]:
        """The usable beads with a product of this locus, highest first."""
        return tuple(self._locus.get(locus, ()))

    def _take(self, result: Reading | Failure) -> None:
        molecule = result.bead.specificity
        parts = chains(molecule)
        name = "~".join(part.two_field for part in parts)
        # A bead said to carry a protein that no cell shows cannot speak for the protein it is kin to.
        is_exact = bool(parts) and all(part.is_expressed_on_surface for part in parts)
        if isinstance(result, Failure):
            if is_exact:
                self._failed.setdefault(name, []).append(result)
            return
        if is_exact:
            self._exact.setdefault(name, []).append(result)
        for part in parts:
            self._chain.setdefault(part.two_field, []).append(result)
        for locus in loci(molecule):
            self._locus.setdefault(locus, []).append(result)


def _high_first(reading: Reading) -> tuple[Decimal, str, str, int]:
    return -reading.mfi, reading.bead.id, str(reading.bead.specificity), -(reading.bead.count or 0)
