"""Where a newcomer finds the story: its pages in the order of the thread, on the first page."""

from app.access.permissions import Permission

#: (what the page is about, what it shows, where it is, who may read it)
TOUR: tuple[tuple[str, str, str, Permission], ...] = (
    ("Donor D-0007", "Consent, markers, eligibility line by line", "/donors/D-0007", Permission.DONOR_READ),
    ("Donor D-0006", "Declined after a risk assessment", "/donors/D-0006", Permission.DONOR_READ),
    ("Lot MSC-25-001", "From 12 mL of marrow to ten bags", "/lots/MSC-25-001", Permission.LOT_READ),
    ("Release", "Every test against its limit", "/quality/MSC-25-001", Permission.QUALITY_READ),
    ("Labels", "Fourteen pieces, each accounted for", "/labels", Permission.LABEL_READ),
    (
        "Custody of bag 01",
        "Tank, shipper, ward: who gave it to whom",
        "/units/MSC-25-001-B01/custody",
        Permission.CUSTODY_READ,
    ),
    ("Order ORD-25-001", "Ninety million cells for LN-01", "/orders/ORD-25-001", Permission.ORDER_READ),
    ("The scans at the bed", "A wrong wristband, STOP; then GO", "/bedside/scans", Permission.BEDSIDE_READ),
    (
        "The infusion",
        "Thawed, started, ended, delivered",
        "/bedside/infusions/INF-25-001",
        Permission.BEDSIDE_READ,
    ),
    (
        "Nine months of LN-01",
        "Antibodies, visits and cytometry on one axis",
        "/recipients/LN-01/timeline",
        Permission.FOLLOWUP_READ,
    ),
    ("Trace", "From the donor to the recipient, and back", "/trace?subject=donor:D-0007", Permission.TRACE),
    ("Ledger", "Everything that happened, and by whom", "/ledger", Permission.LEDGER_READ),
)
