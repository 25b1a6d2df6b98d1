"""The floor, for comparison: the whole genealogy as dictionaries in memory."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bench.lazy import Line

_LINES = """
SELECT u.id, u.code, u.kind, u.state, l.code, p.code, r.code
FROM unit AS u LEFT JOIN lot AS l ON l.id = u.lot_id
LEFT JOIN custody_event AS c
  ON c.unit_id = u.id AND u.state NOT IN ('consumed', 'infused', 'destroyed', 'lost')
LEFT JOIN place AS p ON p.id = c.place_id
LEFT JOIN infusion AS i ON i.unit_id = u.id LEFT JOIN recipient AS r ON r.id = i.recipient_id"""
_TISSUES = """
SELECT o.code, u.id FROM unit AS u
JOIN donation AS d ON d.id = u.donation_id JOIN donor AS o ON o.id = d.donor_id
WHERE u.donation_id IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who came from whom, by key, and what there is to tell of each unit."""

    tissues: dict[str, list[int]]
    children: dict[int, list[int]]
    lines: dict[int, Line]

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

    def answer(self, donor: str) -> list[Line]:
        """All that a trace of a donor tells of each unit."""
        return sorted(self.lines[unit] for unit in self.reached(donor))


def load(connection: Connection) -> Graph:
    """The genealogy of a database whose units have at most one link of custody each."""
    children: dict[int, list[int]] = {}
    for parent, child in connection.exec_driver_sql("SELECT parent_id, child_id FROM edge"):
        children.setdefault(parent, []).append(child)
    tissues: dict[str, list[int]] = {}
    for code, unit in connection.exec_driver_sql(_TISSUES):
        tissues.setdefault(code, []).append(unit)
    lines: dict[int, Line] = {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(_LINES)}
    return Graph(tissues, children, lines)
