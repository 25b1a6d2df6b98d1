"""What a server works out once in its life, worked out once for all the small sites of a test process.

A site lives for one test; without this, compiling the same SQL, templates and routes again and again is a
third of the run. The words compiled are the same, so what is tested does not change.
"""

from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from app.kernel import engine as engines

#: The first engine of each kind that has met a database: its dialect and its compiled statements serve all.
_FIRST: dict[tuple[str, object], Engine] = {}
#: How many statements are kept; all the tests of the largest rooms need fewer.
STATEMENTS = 5_000


class Compiled(BytecodeCache):
    """Templates compiled in this process, by the name and the text of each."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template that was compiled before."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled just now."""
        self._known[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = Compiled()


def share_templates(app: Flask) -> None:
    """Let the application use the templates that another compiled."""
    app.jinja_env.bytecode_cache = TEMPLATES


def _share_statements() -> None:
    plain = engines.create_engine  # type: ignore[attr-defined]  # SQLAlchemy's, as that module imported it

    def shared(url: Any, **options: Any) -> Engine:
        engine = plain(url, **options)
        kind = engine.dialect.name, options.get("isolation_level")
        first = _FIRST.get(kind)
        # An engine learns of its server when it first connects; only then can others take over its dialect.
        if first is None or not getattr(first.dialect, "server_version_info", None):
            engine._compiled_cache.capacity = STATEMENTS  # type: ignore[union-attr]  # it has one by default
            _FIRST[kind] = engine
        else:
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine

    engines.create_engine = shared  # type: ignore[attr-defined]  # as above


def _share_addresses() -> None:
    plain = Rule._compile_builder
    known: dict[tuple[object, ...], Any] = {}

    def shared(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown
        if key not in known:
            known[key] = plain(rule, append_unknown)
        return known[key]

    Rule._compile_builder = shared  # type: ignore[method-assign,assignment]  # made once


def pytest_configure() -> None:
    """Share from the first test on."""
    _share_statements()
    _share_addresses()
