"""Donor-specific calls: does this serum hold an antibody against a molecule of this donor.

The answer is sought in ordered stages; each either answers or passes the target on, and the last always
answers. A stage that reads weaker evidence (P groups, serology) belongs between ``exact_bead`` and
``partner_not_typed``: until some stage decides, the call says that nothing was decided, and why.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from app.hla.beads import ZONE_ORDER, Bead, CutOff, Panel, Reading, Zone, chains
from app.hla.nomenclature import Allele, Ambiguous, Antigen, Dimer, Expression, Locus
from app.hla.typing import LoneChain, Target, Typing, targets
from app.kernel.speech import phrase, say


class CallKind(StrEnum):
    """What a serum says about one target."""

    DSA = "dsa"
    GREY = "grey"
    NEG = "negative"
    SHARED = "shared"
    EXCLUDED = "excluded"
    NOT_TESTED = "not_tested"
    UNDECIDABLE = "undecidable"


class Basis(StrEnum):
    """On what the call rests."""

    EXACT_BEAD = "exact_bead"
    EXACT_DIMER = "exact_dimer_bead"
    RECIPIENT_TYPING = "recipient_typing"
    NOT_ON_SURFACE = "not_on_surface"
    NO_BEAD = "no_bead"
    BEAD_FAILED = "bead_failed"
    DONOR_COARSE = "donor_typing_coarse"
    PARTNER_UNTYPED = "partner_chain_untyped"
    LOCUS_UNTYPED = "donor_locus_untyped"


class Flag(StrEnum):
    """What a reader must know beside the call."""

    LOW_EXPRESSION = "low_expression"
    QUESTIONABLE_EXPRESSION = "questionable_expression"
    RECIPIENT_UNTYPED = "recipient_untyped"
    RECIPIENT_COARSE = "recipient_coarse"
    BEAD_FAILED = "bead_failed"
    COUNT_UNKNOWN = "count_unknown"
    SELF_BEAD_REACTS = "self_bead_reacts"


@dataclass(frozen=True, slots=True)
class Call:
    """The answer for one target of one donor in one serum.

    ``mfi`` is the highest and ``mfi_sum`` the sum over ``readings``, the beads the call rests on, from
    high to low; both are None where no bead decided. ``rule_version`` names the cut-off used.
    """

    target: str
    locus: Locus
    call: CallKind
    basis: Basis
    rule_version: str
    reason: str
    zone: Zone | None = None
    readings: tuple[Reading, ...] = ()
    flags: frozenset[Flag] = frozenset()

    @property
    def mfi(self) -> Decimal | None:
        """The highest MFI among the beads used (the immunodominant one)."""
        return self.readings[0].mfi if self.readings else None

    @property
    def mfi_sum(self) -> Decimal | None:
        """The sum of the MFI of the beads used."""
        return sum((reading.mfi for reading in self.readings), Decimal(0)) if self.readings else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All a stage may look at."""

    panel: Panel
    recipient: Typing

    def answer(self, target: Target, call: CallKind, basis: Basis, reason: str) -> Call:
        """A call on this target under the cut-off in use."""
        return Call(target.name, target.locus, call, basis, self.panel.cut_off.version, reason)


Stage = Callable[[Target, Evidence], Call | None]


def not_on_surface(target: Target, evidence: Evidence) -> Call | None:
    """A protein that is not on the cell surface meets no antibody: EXCLUDED."""
    allele = target.molecule
    if not isinstance(allele, Allele) or allele.is_expressed_on_surface:
        return None
    reason = say(
        "{allele} is not on the cell surface (letter {expression}); no antibody can meet it there.",
        allele=allele,
        expression=allele.expression,
    )
    return evidence.answer(target, CallKind.EXCLUDED, Basis.NOT_ON_SURFACE, reason)


def carried_by_recipient(target: Target, evidence: Evidence) -> Call | None:
    """The recipient shows exactly the same protein: SHARED; a reacting bead of it is flagged."""
    molecule = target.molecule
    if not isinstance(molecule, Allele | Dimer) or not evidence.recipient.carries(molecule):
        return None
    reason = say(
        "The recipient carries {name} too, so an antibody against it would not be donor-specific.",
        name=target.name,
    )
    call = evidence.answer(target, CallKind.SHARED, Basis.RECIPIENT_TYPING, reason)
    beads = evidence.panel.exact(target.name)
    if not beads or beads[0].zone is not Zone.POSITIVE:
        return call
    warning = say(
        " Its bead reads {mfi} MFI, a sign of unspecific signal: ask the HLA laboratory.",
        mfi=number(beads[0].mfi),
    )
    return replace(call, reason=reason + warning, flags=frozenset({Flag.SELF_BEAD_REACTS}))


def exact_bead(target: Target, evidence: Evidence) -> Call | None:
    """A bead of exactly this protein or dimer decides by its highest usable reading."""
    molecule = target.molecule
    beads = evidence.panel.exact(target.name)
    if not isinstance(molecule, Allele | Dimer) or not beads:
        return None
    zone = beads[0].zone
    basis = Basis.EXACT_DIMER if isinstance(molecule, Dimer) else Basis.EXACT_BEAD
    flags, remarks = _remarks(molecule, evidence, zone)
    if evidence.panel.failures(target.name):
        flags |= {Flag.BEAD_FAILED}
        remarks.append(say("Another bead of it failed and was not used."))
    if any(reading.bead.count is None for reading in beads):
        flags |= {Flag.COUNT_UNKNOWN}
        remarks.append(say("The file gives no event count for it."))
    call = evidence.answer(target, _BY_ZONE[zone], basis, _reading_sentence(target, beads, evidence.panel))
    return replace(
        call, zone=zone, readings=beads, flags=frozenset(flags), reason=" ".join([call.reason, *remarks])
    )


def donor_locus_untyped(target: Target, evidence: Evidence) -> Call | None:
    """Nothing is known of the donor at this locus: undecidable if a foreign bead there reacts."""
    locus = target.molecule
    if not isinstance(locus, Locus):
        return None
    foreign = [bead for bead in evidence.panel.at(locus) if not _is_self(bead, evidence.recipient)]
    reacting = [bead for bead in foreign if bead.zone is not Zone.NEGATIVE]
    if not reacting:
        none = say("none of {number} foreign beads there reacts", number=len(foreign))
        seen = none if foreign else say("no foreign bead there reads")
        reason = say(
            "The donor is not typed at {locus}, so no molecule can be tested; {seen}.", locus=locus, seen=seen
        )
        return evidence.answer(target, CallKind.NOT_TESTED, Basis.LOCUS_UNTYPED, reason)
    reason = say(
        "The donor is not typed at {locus}, and the serum reacts there: {highest}. "
        "Have the donor typed at {locus}.",
        locus=locus,
        highest=_highest(reacting),
    )
    call = evidence.answer(target, CallKind.UNDECIDABLE, Basis.LOCUS_UNTYPED, reason)
    return replace(call, zone=reacting[0].zone)


def locus_not_on_panel(target: Target, evidence: Evidence) -> Call | None:
    """No usable bead of this locus at all: NOT_TESTED, unless beads failed, which the last stage tells."""
    if evidence.panel.at(target.locus) or evidence.panel.failures(target.name):
        return None
    reason = say("No usable bead with a product of {locus} is in this serum's results.", locus=target.locus)
    return evidence.answer(target, CallKind.NOT_TESTED, Basis.NO_BEAD, reason)


def partner_not_typed(target: Target, evidence: Evidence) -> Call | None:
    """One chain of a DQ or DP molecule is known, its partner is not: no exact dimer can be named."""
    lone = target.molecule
    if not isinstance(lone, LoneChain):
        return None
    beads = evidence.panel.with_chain(lone.chain)
    seen = (
        say("Beads with this chain: {beads}.", beads=_highest(beads))
        if beads
        else say("No bead carries this chain.")
    )
    reason = say(
        "The donor's {partner_locus} partner of {two_field} is not known as one protein, "
        "so the dimer cannot be named. {seen} Have {partner_locus} typed, or ask the HLA "
        "laboratory.",
        partner_locus=lone.partner_locus,
        two_field=lone.chain.two_field,
        seen=seen,
    )
    return evidence.answer(target, CallKind.UNDECIDABLE, Basis.PARTNER_UNTYPED, reason)


def donor_typing_coarse(target: Target, evidence: Evidence) -> Call | None:
    """The donor's typing names an antigen or leaves several proteins open: no exact bead can be chosen."""
    name = target.molecule
    if not isinstance(name, Antigen | Ambiguous):
        return None
    kind = (
        say("a serological name")
        if isinstance(name, Antigen)
        else say("a typing that leaves several proteins open")
    )
    reason = say(
        "{name} is {kind}; no single bead stands for it. Beads of this locus: {locus}. "
        "Have the donor typed to two fields.",
        name=name,
        kind=kind,
        locus=_highest(evidence.panel.at(target.locus)),
    )
    return evidence.answer(target, CallKind.UNDECIDABLE, Basis.DONOR_COARSE, reason)


def no_exact_bead(target: Target, evidence: Evidence) -> Call:
    """The molecule is known, but no usable bead is exactly it: NOT_TESTED, never negative."""
    failures = evidence.panel.failures(target.name)
    if failures:
        reason = say(
            "The bead of {name} failed: {why}. Ask for a repeat.", name=target.name, why=failures[0].why
        )
        call = evidence.answer(target, CallKind.NOT_TESTED, Basis.BEAD_FAILED, reason)
        return replace(call, flags=frozenset({Flag.BEAD_FAILED}))
    reason = say(
        "No bead is exactly {name}. Other beads of this locus: {locus}. Ask the HLA "
        "laboratory whether one speaks for it.",
        name=target.name,
        locus=_highest(evidence.panel.at(target.locus)),
    )
    return evidence.answer(target, CallKind.NOT_TESTED, Basis.NO_BEAD, reason)


#: The order of evidence (a stage that cannot tell passes on); ``no_exact_bead`` answers what is left.
STAGES: tuple[Stage, ...] = (
    not_on_surface,
    carried_by_recipient,
    exact_bead,
    donor_locus_untyped,
    locus_not_on_panel,
    partner_not_typed,
    donor_typing_coarse,
)

_BY_ZONE = {Zone.POSITIVE: CallKind.DSA, Zone.GREY: CallKind.GREY, Zone.NEGATIVE: CallKind.NEG}


def calls(donor: Typing, recipient: Typing, beads: Iterable[Bead], cut_off: CutOff) -> tuple[Call, ...]:
    """One call for every target of this donor, in printed order of the loci.

    A recipient not typed at a locus is taken not to carry the donor's molecule there, so that a positive
    bead stays a DSA; the call is flagged and says so. To leave a locus untyped can thus never hide an
    antibody. Two donors are two calls of this function.
    """
    evidence = Evidence(Panel(beads, cut_off), recipient)
    return tuple(judge(target, evidence) for target in targets(donor))


def judge(target: Target, evidence: Evidence, stages: Sequence[Stage] = STAGES) -> Call:
    """The answer of the first stage that can tell."""
    answers = (stage(target, evidence) for stage in stages)
    return next((call for call in answers if call is not None), None) or no_exact_bead(target, evidence)


def number(mfi: Decimal) -> str:
    """An MFI as printed: exact, no trailing zeros, never rounded, so that 1499.99 does not look like 1500."""
    text = f"{mfi:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _reading_sentence(target: Target, beads: tuple[Reading, ...], panel: Panel) -> str:
    rules, high = panel.cut_off, beads[0]
    bead = say("The bead") if len(beads) == 1 else say("The highest of {beads} beads", beads=len(beads))
    words = {
        Zone.POSITIVE: phrase(
            "{bead} of {name} reads {mfi} MFI ({statistic}), at or above the cut-off of {positive}."
        ),
        Zone.GREY: phrase(
            "{bead} of {name} reads {mfi} MFI ({statistic}), in the grey zone from {grey_from} to below "
            "{positive}."
        ),
    }.get(high.zone, phrase("{bead} of {name} reads {mfi} MFI ({statistic}), below {grey_from}."))
    told = say(
        words,
        bead=bead,
        name=target.name,
        mfi=number(high.mfi),
        statistic=rules.statistic,
        grey_from=number(rules.grey_from),
        positive=number(rules.positive),
    )
    if high.zone in (Zone.POSITIVE, Zone.GREY):
        return told
    others = [bead for bead in panel.at(target.locus) if bead.zone is Zone.POSITIVE]
    if not others:
        return told
    return say(
        "{told} Other beads of this locus react: {others}; kinship is not judged here.",
        told=told,
        others=_highest(others),
    )


def _remarks(molecule: Allele | Dimer, evidence: Evidence, zone: Zone) -> tuple[set[Flag], list[str]]:
    """What to say about the donor's expression and the recipient's typing beside the reading."""
    flags: set[Flag] = set()
    remarks: list[str] = []
    for chain in chains(molecule):
        if chain.expression is Expression.LOW:
            flags.add(Flag.LOW_EXPRESSION)
            remarks.append(say("{chain} is expressed weakly.", chain=chain))
        elif chain.expression is Expression.QUESTIONABLE:
            flags.add(Flag.QUESTIONABLE_EXPRESSION)
            remarks.append(say("Whether {chain} is expressed is not known.", chain=chain))
        if not evidence.recipient.is_typed(chain.locus):
            flags.add(Flag.RECIPIENT_UNTYPED)
        elif evidence.recipient.is_coarse(chain.locus):
            flags.add(Flag.RECIPIENT_COARSE)
    if flags & {Flag.RECIPIENT_UNTYPED, Flag.RECIPIENT_COARSE} and ZONE_ORDER[zone] > 0:
        remarks.append(
            say("The recipient's typing cannot rule out that it is self; it is counted as foreign.")
        )
    return flags, remarks


def _is_self(reading: Reading, recipient: Typing) -> bool:
    molecule = reading.bead.specificity
    return isinstance(molecule, Allele | Dimer) and recipient.carries(molecule)


def _highest(readings: Sequence[Reading]) -> str:
    """The highest reading in words, and how many more there are."""
    top = readings[0]
    more = say(" and {readings} lower", readings=len(readings) - 1) if len(readings) > 1 else ""
    return f"{top.bead.specificity} {number(top.mfi)} MFI{more}"
