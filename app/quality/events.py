"""What the ledger tells of quality."""

from app.evidence.ledger import EventKind

ADOPTED = EventKind("quality.adopted", "specification {code} version {version} adopted, {tests} tests")
RESULTED = EventKind("quality.resulted", "{test} of lot {lot}: {value}, {flag}")
SUPERSEDED = EventKind("quality.superseded", "{test} of lot {lot}: {value}, {flag}, in place of {former}")
RETESTED = EventKind("quality.retested", "{test} of lot {lot} done again: {value}, {flag}; the {rule} counts")
RELEASED = EventKind("quality.released", "lot {lot} released under {specification}, signed by {signer}")
CONDITIONALLY_RELEASED = EventKind(
    "quality.conditionally_released",
    "lot {lot} conditionally released under {specification}, pending {pending}, signed by {signer}",
)
REJECTED = EventKind("quality.rejected", "lot {lot} rejected under {specification}, signed by {signer}")
RECALLED = EventKind("quality.recalled", "lot {lot} recalled under {specification}, signed by {signer}")
JUDGED_AGAIN = EventKind("quality.judged_again", "lot {lot} judged again after {test}: {outcome}")
