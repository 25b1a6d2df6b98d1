"""Pictures as SVG: pure functions, no style attributes, every shape named in words for those who listen."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from app.kernel.speech import retold, voice

EMPTY = Markup("")


def tag(name: str, /, *inside: str, **attributes: str | float | None) -> Markup:
    """One element. Attribute names lose a trailing underscore, other underscores become hyphens.

    Text inside is said in the reader's language and escaped unless it is Markup; attributes that are None
    are left out; numbers are written with at most two decimals.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(str(escape(part if isinstance(part, Markup) else retold(part))) for part in inside)
    return Markup(f"<{name}{said}>{body}</{name}>") if body else Markup(f"<{name}{said}/>")


def _plain(value: str | float) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def join(parts: Iterable[Markup]) -> Markup:
    """Elements one after another."""
    return EMPTY.join(parts)


def text(x: float, y: float, words: str, class_: str = "", anchor: str = "start") -> Markup:
    """A line of text whose baseline starts, centres or ends at (x, y)."""
    return tag("text", words, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def canvas(name: str, width: float, height: float, title: str, description: str, *parts: Markup) -> Markup:
    """The whole picture, with its name and description as its first two elements.

    ``name`` must be unique on the page: ids inside the picture begin with it.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="drawn",
        width=width,
        height=height,
        viewBox=f"0 0 {_plain(width)} {_plain(height)}",
        role="group",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
    )


def shortened(words: str, limit: int) -> str:
    """Words cut to ``limit`` characters, the middle replaced by an ellipsis: both ends of a code tell."""
    if len(words) <= limit:
        return words
    head = (limit - 1) // 2
    return f"{words[:head]}…{words[head + 1 - limit :]}"


def tally(states: Iterable[str]) -> str:
    """States counted, most frequent first: ``8 available, 2 infused``."""
    counts: dict[str, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    return ", ".join(f"{count} {voice(state.replace('_', ' '))}" for state, count in _most(counts) if state)


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
