"""Signs and borders of states: nothing on a screen is told by colour alone."""

from dataclasses import dataclass

#: Outlines on a 24 × 24 grid (the thread on 32 × 32), drawn by the stylesheet in the colour of the text.
SIGNS: dict[str, str] = {
    "tick": "M4 12.5 9.5 18 20 6",
    "cross": "M5 5 19 19M19 5 5 19",
    "bar": "M4 12H20",
    "pause": "M8 5V19M16 5V19",
    "ring": "M12 5a7 7 0 1 0 .01 0Z",
    "dot": "M12 7.5v.01M12 11.5V17",
    "half": "M12 4a8 8 0 1 0 .01 0ZM12 4V20M15 6V18M18 8V16",
    "back": "M10 5 4 11 10 17M4 11H15a5 5 0 0 1 0 10H12",
    "arrow": "M4 12H19M13 6l6 6-6 6",
    "drop": "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11Z",
    "lock": "M6 11H18V20H6ZM9 11V8a3 3 0 0 1 6 0v3",
    "flag": "M6 21V4H18L15 8.5 18 13H6",
    "clock": "M12 4a8 8 0 1 0 .01 0ZM12 7.5V12l3 2.5",
    "pen": "M5 19l1-4L16 5l3 3L9 18Z",
    "lens": "M4 8H8L9.5 5.5H14.5L16 8H20V19H4ZM12 10a3 3 0 1 0 .01 0Z",
    "bell": "M6 17V11a6 6 0 0 1 12 0V17L20 19H4ZM10 19.5a2 2 0 0 0 4 0",
    "thread": "M5 7C14 3 25 8 20 14C16 19 7 14 9 20C11 26 20 27 27 23",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn: the sign's name, the border's pattern, the tone of its colour."""

    sign: str
    edge: str
    tone: str


_WAITING = Look("pause", "dashed", "warn")
_GOOD = Look("tick", "solid", "good")
_BAD = Look("cross", "double", "stop")
_PLAIN = Look("ring", "solid", "note")

#: Sign and border of every state word on screens; each group of meaning has its own pair.
LOOKS: dict[str, Look] = {
    "in_process": Look("ring", "dotted", "note"),
    "in_screening": Look("ring", "dotted", "note"),
    "in_quarantine": _WAITING,
    "quarantine": _WAITING,
    "pending": Look("clock", "dashed", "warn"),
    "open": Look("clock", "dashed", "warn"),
    "assessed": Look("half", "dashed", "warn"),
    "incomplete": Look("half", "dashed", "warn"),
    "risk_assessment": Look("flag", "dashed", "warn"),
    "conditionally_released": Look("half", "dashed", "good"),
    "released": _GOOD,
    "eligible": _GOOD,
    "available": _GOOD,
    "applied": _GOOD,
    "printed": Look("clock", "dashed", "warn"),
    "spoiled": Look("cross", "hatched", "stop"),
    "superseded": Look("cross", "hatched", "stop"),
    "critical": _BAD,
    "may_give": _GOOD,
    "new_sample": Look("clock", "hatched", "stop"),
    "closing": Look("clock", "dashed", "warn"),
    "major": Look("flag", "dashed", "warn"),
    "minor": Look("flag", "dotted", "note"),
    "in_force": Look("tick", "solid", "note"),
    "changed": Look("pen", "solid", "warn"),
    "new": Look("arrow", "solid", "note"),
    "absent": Look("bar", "dotted", "note"),
    "replaced": Look("back", "dotted", "note"),
    "pass": _GOOD,
    "ready": _GOOD,
    "closed": Look("tick", "solid", "note"),
    "rejected": _BAD,
    "ineligible": _BAD,
    "fail": _BAD,
    "deferred": Look("lock", "double", "stop"),
    "on_hold": Look("lock", "hatched", "stop"),
    "recalled": Look("back", "hatched", "stop"),
    "expired": Look("clock", "hatched", "stop"),
    "void": Look("cross", "hatched", "stop"),
    "lost": Look("flag", "hatched", "stop"),
    "issued": Look("arrow", "solid", "note"),
    "in_transit": Look("arrow", "dotted", "note"),
    "received": Look("arrow", "solid", "good"),
    "allocated": Look("flag", "solid", "note"),
    "thawed": Look("drop", "dotted", "warn"),
    "given": Look("drop", "solid", "good"),
    "infused": Look("drop", "solid", "good"),
    "not_given": Look("bar", "double", "stop"),
    "in_progress": Look("drop", "dotted", "warn"),
    "checked": Look("tick", "solid", "note"),
    "go": _GOOD,
    "stop": _BAD,
    "not_checked": Look("bar", "dashed", "warn"),
    "destroyed": Look("cross", "dotted", "note"),
    "dsa": _BAD,
    "positive": _BAD,
    "grey": Look("half", "dashed", "warn"),
    "undecidable": Look("flag", "dashed", "warn"),
    "negative": _GOOD,
    "on_time": _GOOD,
    "outside_window": Look("half", "dashed", "warn"),
    "due": Look("clock", "dashed", "warn"),
    "missing": _BAD,
    "signed": _GOOD,
    "withdrawn": _BAD,
    "within_limit": _GOOD,
    "soon_too_long": Look("clock", "dashed", "warn"),
    "too_long": _BAD,
    "overridden": Look("flag", "dashed", "warn"),
    "not_resolved": Look("clock", "dashed", "warn"),
    "resolved": _GOOD,
    "resolved_with_sequelae": Look("half", "dashed", "warn"),
    "fatal": _BAD,
    "packed": Look("pause", "solid", "note"),
    "sent": Look("arrow", "dotted", "note"),
    "judged": Look("tick", "solid", "note"),
    "not_judged": Look("clock", "dashed", "warn"),
    "within": _GOOD,
    "not_proven": Look("half", "hatched", "stop"),
    "excursion": _BAD,
    "cancelled": Look("bar", "dotted", "note"),
    "late": Look("half", "dashed", "warn"),
}


def look_of(state: str) -> Look:
    """The look of a state; a plain ring with a solid border for words that need no attention."""
    return LOOKS.get(state.lower().replace(" ", "_"), _PLAIN)
