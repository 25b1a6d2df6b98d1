"""Access: may this person come in, and may this name, password or role be given?"""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from app.access.common import guessable
from app.access.models import Role
from app.kernel.refusals import Refusal
from app.kernel.speech import say


class Why(StrEnum):
    """Every reason to refuse somebody at the door."""

    WRONG_PASSWORD = "wrong_password"
    WAIT = "wait"
    MUST_CHANGE = "must_change"
    NOT_SIGNED_IN = "not_signed_in"
    LOCKED = "locked"
    NOT_ALLOWED = "not_allowed"
    NO_SUCH_PERSON = "no_such_person"
    NAME_TAKEN = "name_taken"
    BAD_NAME = "bad_name"
    BAD_PRINTED_NAME = "bad_printed_name"
    INACTIVE = "inactive"
    SAME_ROLE = "same_role"
    OWN_ACCOUNT = "own_account"
    LAST_ADMINISTRATOR = "last_administrator"
    NO_REASON = "no_reason"
    PASSWORD_SHORT = "password_short"
    PASSWORD_LONG = "password_long"
    PASSWORD_COMMON = "password_common"
    PASSWORD_SAME = "password_same"
    PASSWORDS_DIFFER = "passwords_differ"


#: A session ends this long after its sign-in, whatever is done in it (ASVS 7.3.2).
LONGEST_SESSION = timedelta(hours=12)
#: How often, at most, a session's last touch is written down.
TOUCH_EVERY = timedelta(minutes=1)


def session_over(started_at: datetime, at: datetime) -> bool:
    """Whether the session's absolute time is up."""
    return at - started_at >= LONGEST_SESSION


def session_idle(seen_at: datetime, at: datetime, idle_minutes: int) -> bool:
    """Whether nobody touched the session for the site's idle time.

    The last touch is written down once a minute, so the lock falls up to a minute late, never early.
    """
    return at - seen_at >= timedelta(minutes=idle_minutes) + TOUCH_EVERY


def wrong_password() -> Refusal:
    """One answer for an unknown name and a wrong password: it tells a guesser nothing."""
    return Refusal(
        Why.WRONG_PASSWORD,
        say("The sign-in name or the password is not right."),
        say("Check both and try again. If you forgot the password, ask the administrator for a new one."),
    )


def must_wait(seconds: int) -> Refusal:
    """After failures the next attempt waits; nobody is ever locked out."""
    return Refusal(
        Why.WAIT,
        say("Too many wrong passwords. The next attempt is possible in {what} s.", what=max(1, seconds)),
        say("Wait that long, then enter the right password: it will be accepted."),
    )


def must_change_first() -> Refusal:
    """A password somebody else knows signs nothing (21 CFR 11.200: used only by its genuine owner)."""
    return Refusal(
        Why.MUST_CHANGE,
        say("This password was given by somebody else and signs nothing."),
        say("Choose a password of your own first: sign in and follow the page."),
    )


def closed_account() -> Refusal:
    """Only told to somebody who knew the password."""
    return Refusal(Why.INACTIVE, say("This account is closed."), say("Ask the administrator."))


#: A sign-in name: 2 to 40 of these, beginning with a letter; what is typed is lowered first.
SIGN_IN_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
#: Names the ledger itself uses for acts of no person.
RESERVED = frozenset({"hilo", "system"})
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
#: A reason says something a reviewer can use.
SHORTEST_REASON = 10


def bad_sign_in(sign_in: str) -> Refusal | None:
    """Can this be a sign-in name?"""
    if SIGN_IN_NAME.fullmatch(sign_in) and sign_in not in RESERVED:
        return None
    return Refusal(
        Why.BAD_NAME,
        say("This cannot be a sign-in name."),
        say(
            "Use 2 to 40 small letters, digits, points or dashes, beginning with a letter. "
            "The names hilo and system are taken."
        ),
    )


def bad_printed_name(name: str) -> Refusal | None:
    """Can this stand beside a signature (21 CFR 11.50(a)(1))?"""
    if 2 <= len(name) <= 120 and name.isprintable() and any(c.isalpha() for c in name):
        return None
    return Refusal(
        Why.BAD_PRINTED_NAME,
        say("This cannot be printed beside a signature as a person's name."),
        say("Write the name in 2 to 120 letters."),
    )


def safe_next(address: str) -> str:
    """Where to go after signing in: a page of ours, never another site (ASVS 3.7.2, open redirects)."""
    if not address.startswith("/") or address[1:2] in ("/", "\\") or not address.isprintable():
        return "/"
    return address


def name_taken(sign_in: str) -> Refusal:
    """Sign-in names are never given twice, closed accounts included (21 CFR 11.100(a))."""
    return Refusal(
        Why.NAME_TAKEN,
        say(
            "The sign-in name {sign_in} has been used at this site and is never given again.", sign_in=sign_in
        ),
        say("Choose another one."),
    )


def weak_password(password: str, about: tuple[str, ...]) -> Refusal | None:
    """May this be a password? Long enough, not guessable, and nothing else: no rules of composition.

    Source: ASVS 5.0 6.2.1, 6.2.4, 6.2.5, 6.2.9, 6.2.11. ``about`` holds words a guesser would try: the
    sign-in name, the person's name, the site's name.
    """
    if len(password) < SHORTEST_PASSWORD:
        return Refusal(
            Why.PASSWORD_SHORT,
            say(
                "This password has {password} characters; it needs at least {SHORTEST_PASSWORD}.",
                password=len(password),
                SHORTEST_PASSWORD=SHORTEST_PASSWORD,
            ),
            say("Three or four words that do not belong together are easy to remember."),
        )
    if len(password) > LONGEST_PASSWORD:
        return Refusal(
            Why.PASSWORD_LONG,
            say(
                "This password has {password} characters; at most {LONGEST_PASSWORD} are kept.",
                password=len(password),
                LONGEST_PASSWORD=LONGEST_PASSWORD,
            ),
            say("Choose a shorter one."),
        )
    if guessable(password, about):
        return Refusal(
            Why.PASSWORD_COMMON,
            say("This password is made of words or runs that guessers try first."),
            say("Use words that have nothing to do with you, this place or the keyboard."),
        )
    return None


def short_reason(reason: str) -> Refusal | None:
    """Does the reason say something a reviewer can use?"""
    if len(reason.strip()) >= SHORTEST_REASON:
        return None
    return Refusal(
        Why.NO_REASON,
        say("A reason is missing."),
        say("Write it in at least {SHORTEST_REASON} characters.", SHORTEST_REASON=SHORTEST_REASON),
    )


def own_account(actor_id: int | None, person_id: int | None) -> Refusal | None:
    """Does somebody change their own role or close their own account?"""
    if actor_id is None or actor_id != person_id:
        return None
    return Refusal(
        Why.OWN_ACCOUNT,
        say("Nobody changes their own role or closes their own account."),
        say("Ask another administrator."),
    )


def last_administrator(role: Role, administrators: int) -> Refusal | None:
    """Would the site be left without anybody who can add people?"""
    if role != Role.ADMINISTRATOR or administrators > 1:
        return None
    return Refusal(
        Why.LAST_ADMINISTRATOR,
        say("This is the last active administrator."),
        say("Add another administrator first."),
    )


def no_such_person(sign_in: str) -> Refusal:
    """The name is not known here."""
    return Refusal(
        Why.NO_SUCH_PERSON,
        say("Nobody is called {sign_in} here.", sign_in=sign_in[:40]),
        say("Check the name in the list of people."),
    )


def not_allowed(role: str) -> Refusal:
    """The role does not hold the permission."""
    return Refusal(
        Why.NOT_ALLOWED,
        say("The role {role} does not allow this.", role=role),
        say("Ask a colleague whose role does, or the administrator if the role is wrong."),
    )


def same_role(role: Role) -> Refusal:
    """A change that changes nothing is a slip."""
    return Refusal(
        Why.SAME_ROLE,
        say("This person is {role} already.", role=role.value),
        say("Choose another role, or leave it."),
    )


def already_closed(sign_in: str) -> Refusal:
    """Closed accounts stay closed."""
    return Refusal(
        Why.INACTIVE,
        say("The account {sign_in} is closed.", sign_in=sign_in),
        say("Closed accounts stay closed: add a new one."),
    )


def new_password(present: str, new: str, again: str, about: tuple[str, ...]) -> Refusal | None:
    """May the present password be replaced by the new one, typed twice?"""
    if new != again:
        return Refusal(
            Why.PASSWORDS_DIFFER,
            say("The new password was typed in two different ways."),
            say("Type it twice the same."),
        )
    if new == present:
        return Refusal(
            Why.PASSWORD_SAME, say("This is the password you have."), say("Choose a different one.")
        )
    return weak_password(new, about)
