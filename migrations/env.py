"""How Alembic runs here: on the connection `app.migrate` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from app import tables
from app.kernel.tables import metadata

tables.load()


def plain_types(kind: str, thing: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write column types as the database keeps them: a migration must not change with the program."""
    if kind != "type":
        return False
    if isinstance(thing, sa.TypeDecorator):
        thing = thing.impl_instance if hasattr(thing, "impl_instance") else thing.impl
    if isinstance(thing, sa.Enum):
        return False
    return f"sa.{thing!r}" if type(thing).__module__.startswith("sqlalchemy") else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=plain_types,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
