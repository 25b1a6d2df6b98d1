"""What the ledger is told about donors; never a name, a birth date or a record number."""

from app.evidence.ledger import EventKind

REGISTERED = EventKind("donors.registered", "donor {donor} registered, identity kept apart")
IDENTITY_READ = EventKind("donors.identity_read", "identity of donor {donor} read")
CONSENTED = EventKind("donors.consented", "consent {form_version} for {scope}, signed on {signed_on}")
WITHDRAWN = EventKind("donors.consent_withdrawn", "consent {form_version} taken back for {scope} on {on}")
SCREENING_OPENED = EventKind("donors.screening_opened", "screening {screening} opened for {tissue}")
HISTORY_RECORDED = EventKind(
    "donors.history_recorded", "screening {screening}: {what} of {on}, {outcome} to donation"
)
MARKER_RECORDED = EventKind(
    "donors.marker_recorded", "screening {screening}: {marker} {outcome}, sample of {sampled_on}"
)
MARKER_SUPERSEDED = EventKind(
    "donors.marker_superseded", "screening {screening}: {marker} was {before}, is {outcome}, result {result}"
)
TYPED = EventKind("donors.typed", "HLA typing recorded: {alleles}")
DECIDED = EventKind(
    "donors.decided",
    "screening {screening} judged {judged} under {rule_set} version {version}, decided {decided},"
    " signature {signature}",
)
JUDGED_AGAIN = EventKind(
    "donors.judged_again",
    "screening {screening} judged again under {rule_set} version {version}: {verdict}",
)
URGENT_NEED = EventKind(
    "donors.urgent_need",
    "urgent medical need documented for incomplete donor {donor}, physician {physician} told on {told_on},"
    " signature {signature}",
)
DEFERRED = EventKind("donors.deferred", "donor {donor} deferred: {why}")
