"""A test client that proves the manners of every page it fetches."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

#: Controls that need no label of their own.
_UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(slots=True)
class Element:
    """One element with its attributes, its ancestors and the text inside it."""

    name: str
    attributes: dict[str, str]
    above: "Element | None"
    text: str = ""
    inside: "list[Element]" = field(default_factory=list)

    def ancestors(self) -> "Iterator[Element]":
        """The elements round this one, nearest first."""
        here = self.above
        while here is not None:
            yield here
            here = here.above

    def descendants(self) -> "Iterator[Element]":
        """This element and all inside it, in document order."""
        yield self
        for child in self.inside:
            yield from child.descendants()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.inside.append(element)
        if tag not in _VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.inside.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        for element in (self.here, *self.here.ancestors()):
            if element.name == tag and element.above is not None:
                self.here = element.above
                return

    def handle_data(self, data: str) -> None:
        for element in (self.here, *self.here.ancestors()):
            element.text += data


def parsed(html: str) -> Element:
    """The page as a tree."""
    reader = _Reader()
    reader.feed(html)
    return reader.root


def faults(html: str) -> list[str]:
    """What this page does wrong, in words; empty for a page with good manners."""
    root = parsed(html)
    every = list(root.descendants())
    return [*_frame(every), *_ids(every), *_labels(every), *_inline(every), *_forms(every)]


def _frame(every: list[Element]) -> Iterator[str]:
    headings = [e for e in every if e.name == "h1"]
    if len(headings) != 1:
        yield f"{len(headings)} h1 on the page"
    if any(not e.text.strip() for e in headings):
        yield "an empty h1"
    if not any(e.name == "html" and e.attributes.get("lang") for e in every):
        yield "no lang on html"
    if not any(e.name == "title" and e.text.strip() and e.above and e.above.name == "head" for e in every):
        yield "no title"
    if sum(e.name == "main" for e in every) != 1:
        yield "not exactly one main"
    yield from (
        f"an img without alt: {e.attributes.get('src')}"
        for e in every
        if e.name == "img" and "alt" not in e.attributes
    )


def _ids(every: list[Element]) -> Iterator[str]:
    counts = Counter(e.attributes["id"] for e in every if "id" in e.attributes)
    yield from (f"id {name} stands {times} times" for name, times in counts.items() if times > 1)
    for e in every:
        for pointer in ("aria-describedby", "aria-labelledby", "for"):
            yield from (
                f"{pointer} points to nothing: {n}"
                for n in e.attributes.get(pointer, "").split()
                if n not in counts
            )


def _labels(every: list[Element]) -> Iterator[str]:
    named = {
        e.attributes["for"] for e in every if e.name == "label" and "for" in e.attributes and e.text.strip()
    }
    for e in every:
        if e.name not in ("input", "select", "textarea") or e.attributes.get("type") in _UNLABELLED:
            continue
        inside = any(a.name == "label" and a.text.strip() for a in e.ancestors())
        if not (
            inside
            or e.attributes.get("id") in named
            or e.attributes.get("aria-label")
            or "hidden" in e.attributes
        ):
            yield f"a control without a label: {e.attributes.get('name') or e.attributes}"


def _inline(every: list[Element]) -> Iterator[str]:
    for e in every:
        if e.name == "style" or "style" in e.attributes:
            yield f"inline style in {e.name}"
        if e.name == "script" and not e.attributes.get("src"):
            yield "inline script"
        if e.attributes.get("href", "").lower().startswith("javascript:"):
            yield "a javascript: link"
        yield from (f"inline handler {name}" for name in e.attributes if name.startswith(("on", "hx-on")))


def _forms(every: list[Element]) -> Iterator[str]:
    for form in (e for e in every if e.name == "form"):
        if form.attributes.get("method", "get").lower() in ("get", "dialog"):
            continue
        tokens = [e for e in form.descendants() if e.attributes.get("name") == "csrf_token"]
        if not tokens or not all(e.attributes.get("value") for e in tokens):
            yield f"a form without csrf: {form.attributes.get('action')}"


class PolicedClient(FlaskClient):
    """Flask's test client; every HTML answer must have good manners.

    ``app.test_client_class = PolicedClient`` makes it the client of an app.
    """

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        """Fetch, then look at the page."""
        answer = super().open(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 307, 308):
            html = answer.get_data(as_text=True)
            if "<html" in html:
                found = faults(html)
                assert not found, f"{answer.request.path}: {'; '.join(found)}"
        return answer

    def token(self, path: str) -> str:
        """The csrf token that the page at ``path`` carries, for a following post."""
        for element in parsed(self.get(path).get_data(as_text=True)).descendants():
            if element.attributes.get("name") in ("csrf_token", "csrf-token"):
                return element.attributes.get("value") or element.attributes.get("content", "")
        raise AssertionError(f"no csrf token on {path}")
