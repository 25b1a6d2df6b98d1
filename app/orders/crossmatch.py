"""The virtual crossmatch at allocation: what the recipient's latest serum says against the bag's donors."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlmodel import Session

from app.antibodies.queries import Verdict, verdict_against
from app.evidence.canonical import plain
from app.kernel.speech import say, word
from app.lots import queries as lots


def crossmatch(db: Session, recipient_id: int, unit_id: int) -> list[Verdict]:
    """One verdict for each donor of the unit; pooled units have several."""
    donors = [donor.id for donor in lots.donors_of_unit(db, unit_id) if donor.id is not None]
    return verdict_against(db, recipient_id, donors)


def written(verdicts: list[Verdict]) -> str:
    """The verdicts as they are kept: JSON, with serum, date and version of the cut-offs."""
    return json.dumps([plain(asdict(verdict)) for verdict in verdicts], ensure_ascii=False)


def kept(text: str) -> list[dict[str, Any]]:
    """The verdicts of an allocation as they were written."""
    found: list[dict[str, Any]] = json.loads(text) if text else []
    for verdict in found:
        drawn_on = verdict["drawn_on"]
        verdict["drawn_on"] = None if drawn_on is None else date.fromisoformat(drawn_on)
    return found


def in_short(verdicts: list[Verdict]) -> str:
    """One line for the ledger: donor, worst call, serum."""
    lines = [
        say(
            "{donor} {worst} ({serum}, cut-offs {version})",
            donor=verdict.donor,
            worst=word(verdict.worst) if verdict.worst else say("not known"),
            serum=verdict.serum or say("no serum"),
            version=verdict.rule_version,
        )
        for verdict in verdicts
    ]
    return "; ".join(lines) or say("no donor known")
