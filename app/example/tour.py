"""Where a newcomer finds the story: its pages in the order of the thread, on the first page."""

from app.access.permissions import Permission
from app.kernel.speech import say

_P = Permission
#: (what the page is about, what it shows, where it is, who may read it)
TOUR: tuple[tuple[str, str, str, Permission], ...] = (
    (
        say("Donor D-0007"),
        say("Consent, markers, eligibility line by line"),
        "/donors/D-0007",
        _P.DONOR_READ,
    ),
    (say("Donor D-0006"), say("Declined after a risk assessment"), "/donors/D-0006", _P.DONOR_READ),
    (say("Lot MSC-25-001"), say("From 12 mL of marrow to ten bags"), "/lots/MSC-25-001", _P.LOT_READ),
    (say("Release"), say("Every test against its limit"), "/quality/MSC-25-001", _P.QUALITY_READ),
    (
        say("Lot MSC-25-002"),
        say("The rejected twin: CD34 of 6.8 %"),
        "/quality/MSC-25-002",
        _P.QUALITY_READ,
    ),
    (
        say("Lot MSC-25-003"),
        say("Released before its sterility test, which fails later"),
        "/quality/MSC-25-003",
        _P.QUALITY_READ,
    ),
    (say("Labels"), say("Fourteen pieces, each accounted for"), "/labels", _P.LABEL_READ),
    (
        say("Custody of bag 01"),
        say("Tank, shipper, ward: who gave it to whom"),
        "/units/MSC-25-001-B01/custody",
        _P.CUSTODY_READ,
    ),
    (
        say("Cassette T2-C4"),
        say("The box from above: which bag fills which position"),
        "/places/T2-C4",
        _P.CUSTODY_READ,
    ),
    (
        say("Shipment SHP-25-002"),
        say("The shipper lost its cold: bag 07 is held"),
        "/shipments/SHP-25-002",
        _P.CUSTODY_READ,
    ),
    (
        say("Order ORD-25-001"),
        say("Ninety million cells for LN-01"),
        "/orders/ORD-25-001",
        _P.ORDER_READ,
    ),
    (
        say("The scans at the bed"),
        say("A wrong wristband, STOP; then GO"),
        "/bedside/scans",
        _P.BEDSIDE_READ,
    ),
    (
        say("The infusion"),
        say("Thawed, started, ended, delivered"),
        "/bedside/infusions/INF-25-001",
        _P.BEDSIDE_READ,
    ),
    (
        say("Bag 03 of LN-02"),
        say("118 minutes after the thaw, overridden by the physician"),
        "/bedside/infusions/INF-25-002",
        _P.BEDSIDE_READ,
    ),
    (
        say("Nine months of LN-01"),
        say("Antibodies, visits and cytometry on one axis"),
        "/recipients/LN-01/timeline",
        _P.FOLLOWUP_READ,
    ),
    (
        say("Nine months of LN-02"),
        say("A new antibody against the donor, and how it fades"),
        "/recipients/LN-02/timeline",
        _P.FOLLOWUP_READ,
    ),
    (
        say("Nine months of LN-03"),
        say("A strong antibody that is not against the donor"),
        "/recipients/LN-03/timeline",
        _P.FOLLOWUP_READ,
    ),
    (
        say("Trace"),
        say("From the donor to the recipient, and back"),
        "/trace?subject=donor:D-0007",
        _P.TRACE,
    ),
    (say("Dashboard"), say("Open fates, STOPs, overrides, deviations"), "/dashboard", _P.DASHBOARD),
    (say("Ledger"), say("Everything that happened, and by whom"), "/ledger", _P.LEDGER_READ),
)
