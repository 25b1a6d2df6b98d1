"""Everything Hilo can say, gathered from templates and code, and its translations made ready to be read.

``python -m app.catalogue update`` brings each language's ``messages.po`` up to date and lists what is
missing; ``python -m app.catalogue compile`` makes the files that the program reads, at set-up.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from os import PathLike
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from app.evidence.ledger import EventKind
from app.kernel.speech import LANGUAGES, TRANSLATIONS
from app.web.signs import LOOKS

HERE = Path(__file__).parent
TOP = HERE.parent
_METHODS = [
    ("**/templates/**.html", "jinja2"),
    ("**.py", "python"),
]
_OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
#: Letters of its own that a sentence needs before a kept text is taken for it.
LEAST = 7
#: Closed lists that programs read, not people.
_FOR_PROGRAMS = frozenset({"Why", "Permission", "Via", "Problem", "Encoding"})
#: Except these: the dashboard counts STOPs under their reasons.
_COUNTED = frozenset({"app.bedside.situation"})
#: What people read in the versioned rule sets and limits.
_READ = frozenset(
    {
        "label",
        "says",
        "name",
        "title",
        "target",
        "unit",
        "limit_words",
        "method",
        "defined",
        "caption",
        "text",
    }
)
#: What the layouts of labels print, and their names.
_PRINTED = frozenset({"title", "caption", "text"})
_KEYWORDS = {"say": None, "said": None, "phrase": None, "_": None, "gettext": None, "ngettext": (1, 2)}


def said_by_source() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Each message marked in a template or in code, and the file it stands in."""
    for top in ("app", "labels"):
        found = extract_from_dir(TOP / top, _METHODS, _OPTIONS, _KEYWORDS, directory_filter=_wanted)
        for file, _line, message, _comments, _context in found:
            yield message, f"{top}/{file}"


def _wanted(folder: str | PathLike[str]) -> bool:
    return Path(folder).name not in {"static", "__pycache__", "translations"}


def said_by_structure() -> Iterator[tuple[str, str]]:
    """Words that stand in the structure itself: states and kinds, names of fields, sentences of events."""
    yield from ((state.replace("_", " "), "app.web.signs") for state in LOOKS)
    for module in _modules():
        yield from _words_of(module)


#: Files whose plain texts are printed on papers: labels, heads, captions and sentences.
PAPERS = ("papers.py", "bedside/chart.py", "quality/certificate.py", *(f"{r}/chapter.py" for r in (
    "bedside", "custody", "donors", "followup", "labeling", "lots", "quality")))  # fmt: skip


def said_by_papers() -> Iterator[tuple[str, str]]:
    """What chapters of papers say: each plain text that begins with a capital or has several words."""
    for name in PAPERS:
        tree = ast.parse((HERE / name).read_text("utf-8"))
        apart = {id(part) for node in ast.walk(tree) for part in _no_texts(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in apart:
                continue
            if node.value[:1].isupper() or " " in node.value.strip():
                yield node.value, f"app/{name}"


def _no_texts(node: ast.AST) -> Iterator[ast.AST]:
    """What looks like a text and is none: a docstring, and the pieces of an f-string."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)


def said_by_rule_sets() -> Iterator[tuple[str, str]]:
    """Names of tests, findings and markers, and captions of labels: they stand in rule sets and layouts."""
    for top, keys in ((HERE, _READ), (TOP / "labels", _PRINTED)):
        for file in sorted(top.rglob("*.toml")):
            yield from (
                (words, file.stem) for words in _read_in(tomllib.loads(file.read_text("utf-8")), keys)
            )


def _read_in(data: object, keys: frozenset[str]) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in keys and isinstance(value, str) and value:
                yield value
            else:
                yield from _read_in(value, keys)
    elif isinstance(data, list):
        for one in data:
            yield from _read_in(one, keys)


def _modules() -> Iterator[str]:
    for file in sorted(HERE.rglob("*.py")):
        parts = file.relative_to(TOP).with_suffix("").parts
        if any(
            word in file.read_text("utf-8") for word in ("(StrEnum)", "(BaseModel)", "Form)", "EventKind(")
        ):
            yield ".".join(parts)


def _words_of(module: str) -> Iterator[tuple[str, str]]:
    for thing in vars(import_module(module)).values():
        if isinstance(thing, EventKind):
            yield thing.sentence, module
        if not isinstance(thing, type) or thing.__module__ != module:
            continue
        if issubclass(thing, StrEnum) and (thing.__name__ not in _FOR_PROGRAMS or module in _COUNTED):
            for member in thing:
                if member.value != member.value.upper():
                    yield member.value.replace("_", " "), module
        elif issubclass(thing, BaseModel) and module.endswith("forms"):
            for name, field in thing.model_fields.items():
                yield (field.title or name.replace("_", " ")).capitalize(), module


def gathered() -> Catalog:
    """All messages, without translations."""
    catalog = Catalog(project="Hilo", charset="utf-8", fuzzy=False)
    for message, place in (*said_by_source(), *said_by_structure(), *said_by_papers(), *said_by_rule_sets()):
        if message and message not in ("", ("", "")):
            catalog.add(message, locations=[(place, 0)])
    return catalog


def file_of(code: str) -> Path:
    """Where the translations of a language stand."""
    return TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"


def translated(code: str) -> Catalog:
    """The translations of a language as they stand."""
    path = file_of(code)
    if not path.exists():
        return Catalog(locale=code, project="Hilo", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=code)


def missing(code: str) -> list[str]:
    """Messages without a translation."""
    catalog = translated(code)
    wanted = [message.id for message in gathered() if message.id]
    return [str(one) for one in wanted if (had := catalog.get(one)) is None or not _whole(had.string)]


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def update() -> int:
    """Bring each language up to date with the source; the answer is how many messages lack words."""
    fresh = gathered()
    lacking = 0
    for code in LANGUAGES:
        if code == "en":
            continue
        catalog = translated(code)
        catalog.update(fresh, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path = file_of(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=0, sort_output=True, no_location=True, omit_header=False)
        lost = missing(code)
        lacking += len(lost)
        for message in lost:
            print(f"{code}: {message}")
    return lacking


def make_ready() -> None:
    """Write the files that the program reads."""
    english = [message.id for message in gathered() if isinstance(message.id, str)]
    kept = [words for words in english if _is_kept_sentence(words)]
    (TRANSLATIONS / "sentences.json").write_text(json.dumps(kept), "utf-8")
    for code in LANGUAGES:
        if code != "en":
            path = file_of(code)
            with path.open("rb") as source, path.with_suffix(".mo").open("wb") as out:
                write_mo(out, read_po(source, locale=code))


def _is_kept_sentence(words: str) -> bool:
    """A sentence of the code with blanks and enough words of its own to be known again."""
    own = re.sub(r"\{\w+[^{}]*\}", "", words)
    return own != words and "{{" not in words and len(re.findall(r"[A-Za-z]", own)) >= LEAST


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        make_ready()
    elif sys.argv[1:] == ["update"]:
        sys.exit(1 if update() else 0)
    else:
        sys.exit("Say update or compile.")
