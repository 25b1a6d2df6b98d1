"""The slow way: every row of every table read into memory, and counted by hand."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.concerns.models import SubjectKind
from app.home.worklist import Asking
from app.kernel.tables import metadata
from app.lots.queries import holds_reaching

GONE = {"consumed", "tested", "retained", "infused", "destroyed", "lost"}
Rows = list[dict[str, Any]]


class Everything:
    """All rows, by table."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.rows: dict[str, Rows] = {}
        for table in metadata.sorted_tables:
            found = asking.db.connection().execute(select(table)).mappings()
            self.rows[table.name] = [dict(row) for row in found]

    def where(self, table: str, **facts: Any) -> Rows:
        """Rows in which each fact is as said; a set says: one of these."""
        return [
            row
            for row in self.rows[table]
            if all(
                row[name] in one if isinstance(one, set) else row[name] == one for name, one in facts.items()
            )
        ]

    def codes(self, table: str, column: str = "code", **facts: Any) -> list[str]:
        return sorted(row[column] for row in self.where(table, **facts))

    def get(self, table: str, key: int) -> dict[str, Any]:
        return next(row for row in self.rows[table] if row["id"] == key)

    # -- custody and holds

    def last_taker(self, unit_id: int) -> int | None:
        links = self.where("custody_event", unit_id=unit_id)
        return max(links, key=lambda row: row["link"])["taker_id"] if links else None

    def held_in_my_hands(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for unit in self.rows["unit"]:
            if unit["state"] in GONE or self.last_taker(unit["id"]) != self.asking.person_id:
                continue
            for hold in holds_reaching(self.asking.db, unit["id"]):
                found.setdefault(hold.code, []).append(unit["code"])
        return {hold: sorted(units) for hold, units in sorted(found.items())}

    # -- quality

    def pending(self, lot: dict[str, Any]) -> list[str]:
        decided = self.where("release_decision", lot_id=lot["id"])
        if decided:
            key = decided[-1]["specification_id"]
        else:
            versions = self.where(
                "specification", product=lot["product"], lot_kind=lot["kind"], state="in_force"
            )
            if not versions:
                return []
            key = versions[0]["id"]
        tests = [
            t for t in self.where("specification_test", specification_id=key) if t["weight"] == "release"
        ]
        tests.sort(key=lambda test: test["place"])
        done = {row["specification_test_id"] for row in self.where("test_result", lot_id=lot["id"])}
        return [test["test"] for test in tests if test["id"] not in done]

    def lots_pending(self, *states: str) -> list[tuple[str, list[str], datetime | None]]:
        return sorted(
            (lot["code"], self.pending(lot), lot["made_at"]) for lot in self.where("lot", state=set(states))
        )

    def results_late(self) -> list[str]:
        before = self.asking.at - timedelta(days=21)
        waiting = self.lots_pending("quarantine", "conditionally_released")
        return [code for code, tests, made in waiting if tests and made is not None and made < before]

    # -- follow-up

    def visits(self, standing: str) -> list[str]:
        """Windows of the schedule, written out here by hand: months and days before and after."""
        plan = {"baseline": (0, 30, 0), "month_1": (1, 7, 7), "month_3": (3, 14, 14), "month_6": (6, 14, 14),
                "month_9": (9, 14, 14)}  # fmt: skip
        found = []
        for recipient in self.rows["recipient"]:
            infusions = self.where("infusion", recipient_id=recipient["id"])
            if not infusions:
                continue
            zero = min(one["started_at"] for one in infusions).date()
            for visit, (months, before, after) in plan.items():
                if self.where("visit", recipient_id=recipient["id"], timepoint=visit):
                    continue
                target = later(zero, months)
                opens, closes = target - timedelta(days=before), target + timedelta(days=after)
                today = self.asking.today
                if today >= opens and standing == ("due" if today <= closes else "missing"):
                    found.append(recipient["code"])
        return sorted(found)

    def donors_to_decide(self) -> list[str]:
        found = set()
        for one in self.rows["screening"]:
            donor = self.get("donor", one["donor_id"])
            whole = one["interviewed_on"] is not None and one["examined_on"] is not None
            undecided = not self.where("eligibility_decision", screening_id=one["id"])
            if whole and undecided and donor["state"] in ("in_screening", "incomplete"):
                found.add(donor["code"])
        return sorted(found)

    def materials(self, first: date, last: date) -> list[str]:
        found = []
        for one in self.rows["material"]:
            until = one["expires_on"]
            if one["opened_on"] is not None and one["use_within_days"] is not None:
                until = min(until, one["opened_on"] + timedelta(days=one["use_within_days"]))
            if first <= until <= last:
                found.append(one["code"])
        return sorted(found)

    def between(self, table: str, column: str, first: date, last: date) -> list[str]:
        return sorted(row["code"] for row in self.rows[table] if first <= row[column] <= last)

    def waiting(self) -> dict[str, list[str]]:
        """Every question of the worklist, by name."""
        today, month = self.asking.today, timedelta(days=30)
        open_orders = {"prescribed", "allocated", "ready", "checked"}
        planned = self.where("dose_order", state=open_orders)
        measured = {row["serum_id"] for row in self.rows["bead_run"]}
        held = self.held_in_my_hands()
        return {
            "held_in_hands": sorted({unit for units in held.values() for unit in units}),
            "holds": self.codes("hold", state="in_force"),
            "infusions": self.codes("infusion", state="in_progress"),
            "orders_today": sorted(one["code"] for one in planned if one["planned_on"] == today),
            "orders_late": sorted(one["code"] for one in planned if one["planned_on"] < today),
            "returned": self.codes("unit", state="returned"),
            "results_late": self.results_late(),
            "conditional": [code for code, tests, _ in self.lots_pending("conditionally_released") if tests],
            "to_release": [code for code, tests, _ in self.lots_pending("quarantine") if not tests],
            "quarantine": self.codes("lot", state="quarantine"),
            "donor_risk": self.codes("donor", state="risk_assessment"),
            "donor_decide": self.donors_to_decide(),
            "donor_screening": self.codes("donor", state="in_screening"),
            "lots": self.codes("lot", state="in_process"),
            "labels": self.codes("label", "serial", state="printed"),
            "void_labels": self.codes("label", "serial", state={"spoiled", "returned", "superseded"}),
            "allocate": self.codes("dose_order", state="prescribed"),
            "issue": self.codes("unit", state="allocated"),
            "on_their_way": self.codes("unit", state={"issued", "in_transit"}),
            "shipments_under_way": self.codes("shipment", state={"packed", "sent"}),
            "loggers_missing": self.codes("shipment", state="received"),
            "bedside": self.codes("dose_order", state={"ready", "checked", "in_progress"}),
            "visits_missing": self.visits("missing"),
            "visits_due": self.visits("due"),
            "sera": sorted(one["code"] for one in self.rows["serum"] if one["id"] not in measured),
            "materials": self.materials(today - month, today + month),
            "deviations_open": self.codes("deviation", state="open"),
            "deviations_assessed": self.codes("deviation", state="assessed"),
            "equipment": self.between("equipment", "calibration_due_on", date.min, today + month),
        }  # fmt: skip

    # -- the dashboard

    def open_fates(self) -> Counter[int]:
        """Units of released lots without a fate, by the lower end of their age class in days."""
        counted: Counter[int] = Counter()
        for unit in self.rows["unit"]:
            lot = self.get("lot", unit["lot_id"]) if unit["lot_id"] else None
            if lot is None or unit["state"] in GONE:
                continue
            if lot["state"] in ("released", "conditionally_released", "recalled"):
                days = (self.asking.at - lot["released_at"]).days
                counted[max(edge for edge in (-(10**6), 30, 90, 180, 365) if days >= edge)] += 1
        return counted

    def scans(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for scan in self.rows["scan"]:
            if scan["verdict"] != "not_checked":
                found.setdefault(scan["scanned_at"].isoformat()[:7], Counter())[scan["source"]] += 1
        return found

    def stops(self) -> Counter[str]:
        return Counter(
            json.loads(scan["reasons"])[0]["reason"].replace("_", " ")
            for scan in self.where("scan", verdict="stop")
        )

    def deviations(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {word: Counter() for word in ("critical", "major", "minor")}
        for one in self.rows["deviation"]:
            found[one["severity"]][one["state"]] += 1
        return found

    def labels(self) -> dict[str, tuple[int, int]]:
        """Per lot: pieces printed, and pieces that still lie about."""
        found: dict[str, tuple[int, int]] = {}
        for label in self.rows["label"]:
            unit = self.get("unit", label["unit_id"])
            lot = self.get("lot", unit["lot_id"])["code"]
            printed, loose = found.get(lot, (0, 0))
            found[lot] = (printed + 1, loose + (label["state"] == "printed"))
        return found


def later(day: date, months: int) -> date:
    """So many calendar months later, or the last day of that month."""
    index = day.month - 1 + months
    first = date(day.year + index // 12, index % 12 + 1, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


#: What a hold can be put on, with the table its codes come from.
SUBJECTS = [(kind, kind.value) for kind in SubjectKind]
