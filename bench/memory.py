"""The floor, for comparison: the whole genealogy as dictionaries in memory."""

from dataclasses import dataclass

from sqlalchemy import Connection

_RECEIVED = """
SELECT i.unit_id, r.code FROM infusion AS i JOIN recipient AS r ON r.id = i.recipient_id"""
_TISSUES = """
SELECT o.code, u.id FROM unit AS u
JOIN donation AS d ON d.id = u.donation_id JOIN donor AS o ON o.id = d.donor_id
WHERE u.donation_id IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who came from whom, by key, and who received it."""

    tissues: dict[str, list[int]]
    children: dict[int, list[int]]
    received: dict[int, str]

    def reached(self, donor: str) -> set[int]:
        """Keys of all units that came from a donor."""
        reached: set[int] = set()
        open_ = list(self.tissues[donor])
        while open_:
            unit = open_.pop()
            if unit not in reached:
                reached.add(unit)
                open_.extend(self.children.get(unit, ()))
        return reached

    def recipients(self, donor: str) -> list[str]:
        """Everybody who received anything of a donor."""
        return sorted({self.received[unit] for unit in self.reached(donor) if unit in self.received})


def load(connection: Connection) -> Graph:
    """The genealogy of a database."""
    children: dict[int, list[int]] = {}
    for parent, child in connection.exec_driver_sql("SELECT parent_id, child_id FROM edge"):
        children.setdefault(parent, []).append(child)
    tissues: dict[str, list[int]] = {}
    for code, unit in connection.exec_driver_sql(_TISSUES):
        tissues.setdefault(code, []).append(unit)
    received = {row[0]: row[1] for row in connection.exec_driver_sql(_RECEIVED)}
    return Graph(tissues, children, received)
