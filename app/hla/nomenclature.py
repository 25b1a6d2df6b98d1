"""HLA names: what does this name say, and can an antibody meet it on the surface of a cell."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.speech import say


class Locus(StrEnum):
    """The loci Hilo keeps, in the order in which they are printed."""

    A = "A"
    B = "B"
    C = "C"
    DRB1 = "DRB1"
    DRB3 = "DRB3"
    DRB4 = "DRB4"
    DRB5 = "DRB5"
    DQA1 = "DQA1"
    DQB1 = "DQB1"
    DPA1 = "DPA1"
    DPB1 = "DPB1"


#: Position of each locus in print.
LOCUS_ORDER: dict[Locus, int] = {locus: place for place, locus in enumerate(Locus)}

#: The beta locus that makes a dimer with each alpha locus.
BETA_OF: dict[Locus, Locus] = {Locus.DQA1: Locus.DQB1, Locus.DPA1: Locus.DPB1}


class Expression(StrEnum):
    """The letter at the end of an allele name: how the protein differs in expression from its kin."""

    NULL = "N"
    SECRETED = "S"
    CYTOPLASM = "C"
    ABERRANT = "A"
    LOW = "L"
    QUESTIONABLE = "Q"


#: Letters that say: this protein is not on the cell surface, so no antibody can meet it there.
NOT_ON_SURFACE = frozenset({Expression.NULL, Expression.SECRETED, Expression.CYTOPLASM, Expression.ABERRANT})


@dataclass(frozen=True, slots=True)
class Allele:
    """An allele of two to four fields, such as ``A*24:02:01:02L``."""

    locus: Locus
    fields: tuple[str, ...]
    expression: Expression | None = None

    @property
    def two_field(self) -> str:
        """The protein's name: locus, allele group and protein, without the expression letter."""
        return f"{self.locus}*{self.fields[0]}:{self.fields[1]}"

    @property
    def is_expressed_on_surface(self) -> bool:
        """False for N, S, C and A; L and Q are kept, since a little protein is enough for an antibody."""
        return self.expression not in NOT_ON_SURFACE

    @property
    def target_name(self) -> str:
        """How a call names it: two fields, with the letter only where the protein is not on the surface."""
        return self.two_field if self.is_expressed_on_surface else f"{self.two_field}{self.expression}"

    def __str__(self) -> str:
        return f"{self.locus}*{':'.join(self.fields)}{self.expression or ''}"


@dataclass(frozen=True, slots=True)
class Antigen:
    """A serological name such as ``A24``, ``DR17(3)`` or ``Bw4``, kept as it is and never made an allele.

    A public epitope (Bw4, Bw6) stands on the molecules of several antigens and types no locus.
    """

    text: str
    locus: Locus
    is_public: bool = False

    def __str__(self) -> str:
        return self.text


class Vagueness(StrEnum):
    """In which way a molecular typing stops short of one protein."""

    LIST = "list"
    CODE = "code"
    GROUP = "group"
    FIRST_FIELD = "first_field"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A typing that leaves several proteins open: a list, a multiple-allele code, XX, a P or G group.

    ``candidates`` holds the alleles of a list; it is empty where the name does not spell them out.
    """

    locus: Locus
    text: str
    vagueness: Vagueness
    candidates: tuple[Allele, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Absent:
    """``DRB4*NNNN``: the locus was tested and this person has no such gene."""

    locus: Locus

    def __str__(self) -> str:
        return f"{self.locus}*NNNN"


@dataclass(frozen=True, slots=True)
class Dimer:
    """The alpha and the beta chain of one DQ or DP molecule."""

    alpha: Allele
    beta: Allele

    @property
    def target_name(self) -> str:
        """``alpha~beta`` in two fields each."""
        return f"{self.alpha.target_name}~{self.beta.target_name}"

    def __str__(self) -> str:
        return f"{self.alpha}~{self.beta}"


class BadNameReason(StrEnum):
    """Why a text is no name that Hilo can keep."""

    EMPTY = "empty"
    OLD_NAME = "old_name"
    UNKNOWN_LOCUS = "unknown_locus"
    PLACEHOLDER = "placeholder"
    SEVERAL_NAMES = "several_names"
    MIXED_LOCI = "mixed_loci"
    NO_DIMER = "no_dimer"
    TOO_MANY = "too_many"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class BadName:
    """A 'no' to a name: what was written, why it cannot be kept, and what to do."""

    text: str
    reason: BadNameReason
    sentence: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}"


Name = Allele | Antigen | Ambiguous | Absent
Specificity = Allele | Dimer | Antigen | Ambiguous

_LOCI = "|".join(sorted(Locus, key=len, reverse=True))
_ALLELE = re.compile(rf"({_LOCI})\*([0-9]{{2,3}}(?::[0-9]{{2,4}}){{1,3}})([NLSCAQ])?")
_LIST = re.compile(rf"({_LOCI})\*([0-9:NLSCAQ]+(?:/(?:(?:{_LOCI})\*)?[0-9:NLSCAQ]+)+)")
_CODE = re.compile(rf"({_LOCI})\*[0-9]{{2,3}}:[A-Z]{{2,6}}")
_GROUP = re.compile(rf"({_LOCI})\*[0-9]{{2,3}}:(?:[0-9]{{2,4}}P|[0-9]{{2,4}}:[0-9]{{2,3}}G)")
_FIRST_FIELD = re.compile(rf"({_LOCI})\*[0-9]{{2,3}}")
_PLACEHOLDER = re.compile(rf"({_LOCI})\*(NNNN|XXXX|UUUU|NEW)")
_ANTIGEN = re.compile(r"(A|Bw|B|Cw?|DR|DQ|DPw?)([0-9]{1,4})(?:\([0-9]{1,4}\))?")
_OLD = re.compile(r"(?:Cw\*[0-9:]{4,11}|(?:[A-Z]+[0-9]?)\*[0-9]{4,8})[NLSCAQ]?")
_ANY_LOCUS = re.compile(r"([A-Z]{1,5}[0-9]{0,2})\*[0-9A-Z:/]+")

_ANTIGEN_LOCUS = {
    "A": Locus.A, "B": Locus.B, "Bw": Locus.B, "C": Locus.C, "Cw": Locus.C,
    "DR": Locus.DRB1, "DQ": Locus.DQB1, "DP": Locus.DPB1, "DPw": Locus.DPB1,
}  # fmt: skip
#: The three DR antigens that are carried by the second DR beta gene.
_SECOND_DR = {"51": Locus.DRB5, "52": Locus.DRB3, "53": Locus.DRB4}


def parse_name(text: str) -> Name | BadName:
    """What one name of a typing says; a text that is no HLA name comes back as a ``BadName``."""
    name = text.strip().removeprefix("HLA-")
    if not name:
        return BadName(text, BadNameReason.EMPTY, say("No HLA name was given."), _FORM_STEP)
    if "/" in name and (found := _LIST.fullmatch(name)):
        return _list(name, Locus(found[1]), found[2])
    return _allele(name) or _vague(name) or _antigen(name) or _bad(name)


def parse_specificity(text: str) -> Specificity | BadName:
    """What a bead carries: one protein, or a dimer written ``alpha~beta`` or ``alpha&beta``, in any order."""
    chains = re.split("[~&]", text)
    if len(chains) == 1:
        name = parse_name(text)
        return _bad(str(name)) if isinstance(name, Absent) else name
    names = [parse_name(chain) for chain in chains]
    if bad := next((name for name in names if isinstance(name, BadName)), None):
        return bad
    alleles = [name for name in names if isinstance(name, Allele)]
    if len(alleles) == len(names) == 2 and (made := dimer(alleles[0], alleles[1])):
        return made
    return BadName(
        text,
        BadNameReason.NO_DIMER,
        say("{text} does not name one alpha and one beta chain of the same molecule.", text=_shown(text)),
        say("Give one DQA1 and one DQB1 allele, or one DPA1 and one DPB1 allele, joined by ~."),
    )


def dimer(first: Allele, second: Allele) -> Dimer | None:
    """The dimer of two chains in either order; None where they do not belong to one kind of molecule."""
    alpha, beta = (first, second) if first.locus in BETA_OF else (second, first)
    return Dimer(alpha, beta) if BETA_OF.get(alpha.locus) is beta.locus else None


def can_pair(alpha: Allele, beta: Allele) -> bool:
    """Whether these two chains form a stable dimer.

    DQA1*01 pairs with DQB1*05 and *06, DQA1*02 to *06 with DQB1*02, *03 and *04 (Blood 2022;139:3009);
    every DPA1 pairs with every DPB1.
    """
    if BETA_OF.get(alpha.locus) is not beta.locus:
        return False
    return alpha.locus is Locus.DPA1 or (alpha.fields[0] == "01") == (beta.fields[0] in {"05", "06"})


def _allele(name: str) -> Allele | None:
    if not (found := _ALLELE.fullmatch(name)):
        return None
    suffix = Expression(found[3]) if found[3] else None
    return Allele(Locus(found[1]), tuple(found[2].split(":")), suffix)


def _vague(name: str) -> Ambiguous | Absent | None:
    for form, vagueness in (
        (_CODE, Vagueness.CODE),
        (_GROUP, Vagueness.GROUP),
        (_FIRST_FIELD, Vagueness.FIRST_FIELD),
    ):
        if found := form.fullmatch(name):
            return Ambiguous(Locus(found[1]), name, vagueness)
    found = _PLACEHOLDER.fullmatch(name)
    return Absent(Locus(found[1])) if found and found[2] == "NNNN" else None


def _list(name: str, locus: Locus, text: str) -> Ambiguous | Allele | BadName:
    """A list such as ``DQB1*02:01/02`` or ``A*24:02/24:03``; one allele where all share one protein."""
    parts = text.split("/")
    group = parts[0].split(":")[0]
    spelled = [f"{locus}*{parts[0]}"]
    for part in parts[1:]:
        if "*" in part:
            spelled.append(part)
        else:
            spelled.append(f"{locus}*{part}" if ":" in part else f"{locus}*{group}:{part}")
    candidates = [_allele(one) for one in spelled]
    alleles = tuple(one for one in candidates if one)
    if len(alleles) < len(candidates):
        return _bad(name)
    if {one.locus for one in alleles} != {locus}:
        sentence = say("{name} lists alleles of more than one locus.", name=_shown(name))
        return BadName(
            name, BadNameReason.MIXED_LOCI, sentence, say("Enter each locus as a name of its own.")
        )
    if len({(one.two_field, one.expression) for one in alleles}) == 1:
        return Allele(locus, alleles[0].fields[:2], alleles[0].expression)
    return Ambiguous(locus, name, Vagueness.LIST, alleles)


def _antigen(name: str) -> Antigen | None:
    if not (found := _ANTIGEN.fullmatch(name)):
        return None
    if found[1] == "Bw" and found[2] in {"4", "6"}:
        return Antigen(name, Locus.B, is_public=True)
    locus = _SECOND_DR.get(found[2]) if found[1] == "DR" else None
    return Antigen(name, locus or _ANTIGEN_LOCUS[found[1]])


_FORM_STEP = say("Write it as the typing report does, such as A*01:01 or, for a serological typing, A1.")


def _bad(name: str) -> BadName:
    """Name the fault of a text that is no HLA name Hilo can keep."""
    shown = _shown(name)
    if "+" in name or "^" in name or "," in name:
        return BadName(
            name,
            BadNameReason.SEVERAL_NAMES,
            say("{shown} holds several names.", shown=shown),
            say("Enter one name at a time."),
        )
    if found := _PLACEHOLDER.fullmatch(name):
        sentence = say("{shown} says that {found} has no usable result.", shown=shown, found=found[1])
        step = say("Leave this locus out; Hilo then shows it as not typed.")
        return BadName(name, BadNameReason.PLACEHOLDER, sentence, step)
    if _OLD.fullmatch(name):
        sentence = say(
            "{shown} is written in the nomenclature used before 2010, without colons or with Cw.", shown=shown
        )
        step = say("Ask the typing laboratory for today's name; Hilo does not guess where the fields end.")
        return BadName(name, BadNameReason.OLD_NAME, sentence, step)
    found = _ANY_LOCUS.fullmatch(name)
    if found and found[1] not in set(Locus):
        sentence = say("{shown} is at a locus Hilo does not keep.", shown=shown)
        step = say("Hilo keeps {Locus}.", Locus=", ".join(Locus))
        return BadName(name, BadNameReason.UNKNOWN_LOCUS, sentence, step)
    return BadName(name, BadNameReason.FORM, say("{shown} is not an HLA name.", shown=shown), _FORM_STEP)


def _shown(text: str) -> str:
    """The text as it can be printed: no control characters, at most 40 characters."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in text[:40])
    return f"“{plain}{'…' if len(text) > 40 else ''}”"
