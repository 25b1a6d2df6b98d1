"""What every table is made of: strict rows, named constraints, words with CHECKs, exact numbers, UTC."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict, ValidationError
from sqlalchemy import BigInteger, CheckConstraint, Enum, Integer, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import declared_attr
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Field, MetaData, SQLModel

#: Every constraint has a name, so that a migration can find it on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

metadata: MetaData = SQLModel.metadata


class Row(SQLModel):
    """Base of all tables: unknown names raise, and every value is validated when it is set.

    SQLModel accepts bad and unknown values for ``table=True`` classes; a regulated record may not.
    The class marks below become database triggers (evidence/triggers.py). Of a ``personal`` table the
    ledger keeps only keyed digests, never the values.
    """

    model_config = ConfigDict(validate_assignment=True, arbitrary_types_allowed=True, defer_build=True)  # type: ignore[assignment]  # SQLModel narrows the type

    #: Rows of this table hold a person's identity.
    personal: ClassVar[bool] = False
    #: Columns whose values the ledger never spells out, only that they changed, such as password hashes.
    secret: ClassVar[tuple[str, ...]] = ()
    #: Rows of this table are never changed once written.
    append_only: ClassVar[bool] = False
    #: Columns that keep their first value for ever, such as codes.
    frozen: ClassVar[tuple[str, ...]] = ()
    #: The column of the state and every move it can make; what is not written cannot happen.
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = None

    def __init__(self, **values: Any) -> None:
        unknown = values.keys() - type(self).model_fields.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        super().__init__(**values)
        for name, value in values.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__.get(name)
        try:
            super().__setattr__(name, value)
        except ValidationError:
            # SQLModel hands the value to SQLAlchemy before pydantic sees it: take the bad one back.
            set_attribute(self, name, before)
            raise

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  (SQLAlchemy calls it with the class)
        return snake(cls.__name__)


def snake(name: str) -> str:
    """``BeadResult`` -> ``bead_result``."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in Python, fixed-width UTC text in the database, the same on both engines.

    Text of fixed width sorts as time, survives every driver unchanged and reads the same in 30 years.
    """

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value!r}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A calendar day as ISO text on both engines."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        return None if value is None else date.fromisoformat(value)


class Fixed(TypeDecorator[Decimal]):
    """An exact decimal with ``places`` places, stored as the integer count of its smallest step.

    SQLite has no decimal: a Decimal would silently become a float. A value finer than the step is
    refused with ValueError, never rounded.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        steps = Decimal(value).scaleb(self.places)
        if steps != steps.to_integral_value():
            raise ValueError(f"{value} is finer than {self.places} decimal places")
        return int(steps)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value).scaleb(-self.places)


def key() -> Any:
    """The integer primary key of a table."""
    return Field(default=None, primary_key=True)


def choice(
    words: type[StrEnum],
    *,
    called: str = "",
    nullable: bool = False,
    index: bool = False,
    default: StrEnum | None = None,
) -> Any:
    """A column holding one word of a closed list, by value, guarded by a CHECK.

    The CHECK is named after the list, or ``called`` where a table holds two columns of one list.
    """
    kind = Enum(
        words,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        name=called or snake(words.__name__),
        length=max(len(word.value) for word in words) + 20,
        validate_strings=True,
    )
    extra: dict[str, Any] = {"default": default} if nullable or default is not None else {}
    return Field(sa_type=kind, nullable=nullable, index=index, **extra)


def fixed(places: int, *, nullable: bool = False) -> Any:
    """An exact decimal column, see `Fixed`."""
    extra: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=Fixed(places), nullable=nullable, **extra)


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A UTC moment column, see `UtcTime`."""
    extra: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=UtcTime, nullable=nullable, index=index, **extra)


def day(*, nullable: bool = False) -> Any:
    """A calendar day column, see `Day`."""
    extra: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=Day, nullable=nullable, **extra)


def cells(*, nullable: bool = False) -> Any:
    """A count of cells: a whole number, up to 9 × 10¹⁸."""
    extra: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=BigInteger, nullable=nullable, **extra)


def points(table: str, *, nullable: bool = False, index: bool = True, primary: bool = False) -> Any:
    """An integer key of another table; nothing regulated is deleted, so deletion is restricted."""
    extra: dict[str, Any] = {"default": None} if nullable else {}
    if primary:
        extra["primary_key"] = True
    else:
        extra["nullable"] = nullable
    return Field(
        sa_type=Integer, foreign_key=f"{table}.id", ondelete="RESTRICT", index=index and not primary, **extra
    )


def check(name: str, rule: str) -> CheckConstraint:
    """A named CHECK: the state and its evidence stay together even under raw SQL."""
    return CheckConstraint(rule, name=name)


def known(row_id: int | None) -> int:
    """The key of a row that is in the database. Raises ValueError for a row that is not yet."""
    if row_id is None:
        raise ValueError("this row is not in the database yet: flush first")
    return row_id
