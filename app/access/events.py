"""What the ledger is told about access."""

from app.evidence.ledger import EventKind

SIGNED_IN = EventKind("access.signed_in", "{sign_in} signed in")
SIGNED_OUT = EventKind("access.signed_out", "{sign_in} signed out")
SWITCHED = EventKind("access.switched", "{before} left the workstation to {after}")
LOCKED = EventKind("access.locked", "{sign_in} locked the screen")
UNLOCKED = EventKind("access.unlocked", "{sign_in} unlocked the screen")
REFUSED = EventKind("access.refused", "refused: {sentence} ({why})")
GUESSED = EventKind("access.guessed", "{failures} wrong passwords in a row for {sign_in}")
GUESSING = EventKind("access.guessing", "{failures} wrong passwords in a row from {address}")
ADDED = EventKind("access.added", "{sign_in} added as {role}")
ROLE_CHANGED = EventKind("access.role_changed", "{sign_in} is {after}, was {before}")
DEACTIVATED = EventKind("access.deactivated", "{sign_in} closed, {sessions} sessions ended")
PASSWORD_CHANGED = EventKind("access.password_changed", "{sign_in} chose a new password")
PASSWORD_RESET = EventKind("access.password_reset", "{sign_in} was given a one-time password")
SESSIONS_ENDED = EventKind("access.sessions_ended", "{sessions} sessions of {sign_in} ended")
LANGUAGE_CHOSEN = EventKind(
    "access.language_chosen", "{sign_in} reads Hilo in {language}, before in {before}"
)
REHASHED = EventKind("access.rehashed", "password of {sign_in} kept under the present cost")
