"""What happened to a recipient's record and bands; never a name, a birth date or a record number."""

from app.evidence.ledger import EventKind

REGISTERED = EventKind("recipients.registered", "recipient {code} registered")
IDENTITY_READ = EventKind("recipients.identity_read", "identity of {code} shown to {reader} for {purpose}")
TYPED = EventKind("recipients.typed", "HLA typing of {code} recorded, {alleles} alleles by {method}")
CONSENTED = EventKind(
    "recipients.consented",
    "{consent}: {code} signed the consent on {signed_on}, form version {version}, for {scope}; sheet {sheet}",
)
CONSENT_WITHDRAWN = EventKind(
    "recipients.consent_withdrawn", "{consent} of {code} withdrawn on {withdrawn_on}"
)
BAND_PRINTED = EventKind("recipients.band_printed", "wristband {serial} printed for {code}")
BAND_APPLIED = EventKind(
    "recipients.band_applied", "wristband {serial} put on {code}; {replaced} before it void"
)
BAND_VOID = EventKind("recipients.band_void", "wristband {serial} of {code} made void")
