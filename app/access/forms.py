"""What people type at the door, as values."""

from enum import StrEnum

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.access.models import Language, Role
from app.kernel.speech import phrase


class SignInForm(BaseModel):
    """Name and password, and where the person wanted to go."""

    sign_in: str = Field(max_length=80, title="sign-in name")
    password: str
    next: str = "/"


class UnlockForm(BaseModel):
    """The password of the person whose session it is."""

    password: str
    next: str = "/"


class PasswordForm(BaseModel):
    """The present password and the new one, twice against slips of the finger."""

    current_password: str = Field(title="present password")
    new_password: str
    new_password_again: str = Field(title="new password once more")


class LanguageForm(BaseModel):
    """What the person wants to read."""

    language: Language


class PersonForm(BaseModel):
    """Somebody to add."""

    sign_in: str = Field(max_length=80, title="sign-in name")
    name: str = Field(max_length=120)
    role: Role


class What(StrEnum):
    """What an administrator can do to an account."""

    ROLE = "role"
    RESET = "reset"
    SIGN_OUT = "sign_out"
    CLOSE = "close"


class AccountForm(BaseModel):
    """One change of an account, with its reason."""

    what: What = Field(title="what to do")
    role: Role | None = None
    reason: str = Field(max_length=400)

    @model_validator(mode="after")
    def _role_is_given(self) -> "AccountForm":
        if self.what == What.ROLE and self.role is None:
            raise PydanticCustomError("role", phrase("choose the new role"))
        return self
