"""The people of the site, and the plumbing that keeps them signed in."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from app.kernel.tables import Row, choice, key, moment


class Role(StrEnum):
    """What a person is at this site; each role is a row of `app.access.permissions.ROLES`."""

    TECHNOLOGIST = "technologist"
    QUALITY = "quality"
    RELEASER = "releaser"
    PHYSICIAN = "physician"
    NURSE = "nurse"
    LABORATORY = "laboratory"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Language(StrEnum):
    """A language that pages speak."""

    EN = "en"
    ES = "es"


class Person(Row, table=True):
    """A member of staff. Sign-in names are never reused or edited (21 CFR 11.100)."""

    frozen: ClassVar[tuple[str, ...]] = ("sign_in",)
    secret: ClassVar[tuple[str, ...]] = ("password_hash",)

    id: int | None = key()
    sign_in: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    role: Role = choice(Role)
    #: What this person reads; records are kept in English whatever is read.
    language: Language = choice(Language, default=Language.EN)
    password_hash: str = Field(max_length=200)
    #: The password was set by somebody else and must be replaced before anything can be signed.
    must_change: bool = False
    active: bool = True
    created_at: datetime = moment()


class SysSession(Row, table=True):
    """One signed-in browser. Only the SHA-256 of its token is kept."""

    token_sha256: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    started_at: datetime = moment()
    seen_at: datetime = moment()
    locked: bool = False
    ended_at: datetime | None = moment(nullable=True)


class SysDelay(Row, table=True):
    """Failed attempts for one sign-in name or one address, and until when the next one waits."""

    who: str = Field(primary_key=True, max_length=120)
    failures: int
    wait_until: datetime = moment()
