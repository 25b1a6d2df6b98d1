"""Every address of the worked example that answers a GET, with the story's own codes in it."""

from flask import Flask

from app.access.doors import door_of
from app.access.models import Role
from app.access.permissions import ROLES, Permission
from app.antibodies.fusion import DateOrder
from app.antibodies.operations import receive_beads
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.example.beadfiles import Draw, fusion_csv
from app.example.people import LENA, QUINN, actor, done
from app.kernel import clock
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.site import Site

#: {paper}: a batch record, {course}: a recipient's course, {beads}: a bead file whose samples wait for their
#: days; see `prepared`.
ADDRESSES = (
    "/", "/me", "/password", "/sign-in", "/people", "/people/nils", "/health", "/trust", "/holds",
    "/holds?all=1", "/holds/new", "/holds/new?kind=lot&code=MSC-25-001", "/holds/HLD-26-001", "/deviations",
    "/deviations?all=1", "/deviations/new", "/deviations/new?kind=unit&code=MSC-25-001-B02",
    "/deviations/DEV-25-001", "/donors/windows", "/donors/windows.csv", "/donors/rules", "/donors/D-0008",
    "/donors/D-0009", "/donors", "/donors/new", "/donors/D-0006", "/donors/D-0007",
    "/donors/D-0007/identity", "/donors/D-0007/consent", "/donors/D-0007/withdrawal",
    "/donors/D-0007/typing", "/donors/D-0007/screening", "/donors/D-0007/deferral",
    "/screenings/SCR-25-001/history", "/screenings/SCR-25-001/result", "/screenings/SCR-25-001/decision",
    "/screenings/SCR-25-002/decision", "/results/1/supersede", "/materials", "/materials/new",
    "/materials/MAT-24-001", "/equipment/new", "/equipment/EQ-001", "/materials/MAT-24-002/certificate",
    "/equipment/EQ-003/calibrations/2", "/steps/MSC-25-001-S05", "/steps/MSC-25-002-S05",
    "/freezing/FRZ-25-001", "/freezing/FRZ-25-001.csv", "/freezing/FRZ-25-001/file",
    "/lots/MSC-25-002/growth", "/lots/MSC-25-002/growth.csv", "/donations/new", "/donations/DON-25-014",
    "/lots", "/lots/new", "/lots/MCB-25-001", "/lots/MSC-25-001", "/lots/MSC-25-001/step",
    "/lots/MSC-25-001/finish", "/units/MCB-25-001-F01", "/units/MSC-25-001-B01", "/units/MSC-25-001-B02",
    "/units/MSC-25-001-B01.json", "/quality", "/quality/MCB-25-001", "/quality/MSC-25-001",
    "/quality/MSC-25-001/results", "/quality/MSC-25-002", "/quality/MSC-25-003", "/lots/MSC-25-003",
    "/specifications/SPEC-MSC-DP/1", "/specifications/new", "/labels", "/labels/print/MSC-25-001",
    "/labels/print/MCB-25-001", "/labels/jobs/JOB-25-001", "/labels/jobs/JOB-25-001.pdf",
    "/labels/jobs/JOB-25-001/1.png", "/labels/void", "/labels/destroy",
    "/labels/preview/MSC-25-001-B02/bag-100x50.png", "/labels/calibration/bag-100x50.pdf", "/custody",
    "/custody/store", "/custody/issue", "/custody/send", "/custody/receive", "/custody/return",
    "/donors/D-0007/urgent-need", "/places/new", "/places/T2-R1-B1", "/places/T2-C4/label.pdf",
    "/custody/scan",
    "/units/MSC-25-001-B07/return", "/equipment/EQ-001/label.pdf",
    "/places/T2", "/places/T2-C4-02", "/places/WARD-4", "/units/MSC-25-001-B01/custody",
    "/units/MSC-25-001-B02/custody", "/recipients", "/recipients/new", "/recipients/LN-01",
    "/recipients/LN-02", "/recipients/LN-01/typing", "/recipients/LN-01/consent", "/antibodies",
    "/antibodies/upload", "/antibodies/sera/SER-LN-01-0", "/antibodies/sera/SER-LN-01-4",
    "/antibodies/sera/SER-LN-01-0/beads.csv", "/antibodies/sera/SER-LN-01-0/runs/1/withdrawal",
    "/antibodies/files/{beads}?recipient=LN-01&date_order=month_first", "/cytometry", "/cytometry/upload",
    "/cytometry/FCM-25-001", "/cytometry/FCM-25-001/density.png?x=1&y=2", "/orders", "/orders/new",
    "/orders/new?recipient=LN-02", "/orders/ORD-25-001", "/orders/ORD-25-002", "/orders/ORD-25-003",
    "/shipments", "/shipments/new", "/shipments/SHP-25-001", "/shipments/SHP-25-002",
    "/shipments/SHP-25-002/logger.csv",
    "/shipments/SHP-25-002/logger/file", "/shipments/SHP-25-001/logger", "/shipments/SHP-25-001/no-logger",
    "/shipments/SHP-25-001/send", "/shipments/SHP-25-001/receive", "/shipments/SHP-25-001/cancel",
    "/units/MSC-25-001-B07/custody", "/bedside",
    "/bedside/checks/CHK-25-001", "/bedside/infusions", "/bedside/infusions/INF-25-001",
    "/bedside/infusions/INF-25-002", "/bedside/thaws", "/bedside/thaws/MSC-25-001-B03",
    "/bedside/thaws/MSC-25-001-B03/override", "/bedside/scans", "/followup", "/recipients/LN-01/timeline",
    "/recipients/LN-02/timeline", "/recipients/LN-01/timeline.csv", "/recipients/LN-01/populations",
    "/recipients/LN-01/visits/month_1",
    "/recipients/LN-01/timeline/papers/{course}.pdf", "/trace", "/trace?subject=donor:D-0007",
    "/trace?subject=recipient:LN-01", "/trace?subject=unit:MSC-25-001-B01",
    "/trace.csv?subject=donor:D-0007", "/backups", "/notices", "/dashboard", "/dashboard/open-fates.csv",
    "/dashboard/stops.csv", "/papers", "/papers/{paper}", "/papers/{paper}?unchanged=1",
    "/papers/{paper}.pdf", "/papers/{paper}/1.png", "/ledger", "/ledger?kind=quality.released", "/ledger/1",
    "/ledger/100", "/ledger/checkpoints.txt",
)  # fmt: skip

#: Answers of another kind than a page of the story, proven where they belong.
ELSEWHERE = {"web.static", "trace.look_up", "evidence.root_certificate"}


def prepared(site: Site) -> list[str]:
    """All addresses, after the few acts that the story leaves out: a hold, a record issued, a file begun."""
    beads = fusion_csv([Draw("LN01-9", (2026, 2, 6), {})], patient="SYN-LN-01")
    now = clock.now()
    with site.db.reading() as db:
        quinn, lena = actor(db, QUINN), actor(db, LENA)
    with site.db.act(quinn, now) as work:
        done(place_hold(work, SubjectKind.DONOR, "D-0006", "Anti-HBc reactive: nothing may come of it"))
    paper = done(issue_paper(site, quinn, now, PaperKind.BATCH_RECORD, "MSC-25-001")).paper.serial
    course = done(issue_paper(site, quinn, now, PaperKind.COURSE, "LN-01")).paper.serial
    with site.db.act(lena, now) as work:
        file = done(receive_beads(work, "LN-01", beads, "LN01-9.csv", DateOrder.MONTH_FIRST)).sha256
    return [address.format(paper=paper, course=course, beads=file) for address in ADDRESSES]


def endpoint_of(app: Flask, address: str) -> str:
    """Which view answers a GET of this address."""
    adapter = app.url_map.bind("127.0.0.1")
    endpoint, _ = adapter.match(address.partition("?")[0], method="GET")
    return str(endpoint)


def may_open(app: Flask, role: Role, address: str) -> bool:
    """Whether the door of this address lets the role in."""
    door = door_of(app.view_functions[endpoint_of(app, address)])
    return not isinstance(door, Permission) or door in ROLES[role]
