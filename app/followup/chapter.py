"""What the follow-up says on paper: a recipient's course by code, as pictures and as the same values."""

from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from app.cytometry.counting import kind_of
from app.cytometry.populations import populations
from app.donors.queries import site_day
from app.evidence.ledger import Subject
from app.evidence.models import LedgerEntry
from app.followup import rules, visit_pages
from app.followup.drawing import draw_in_parts
from app.followup.standing import Seen
from app.followup.story import EGFR_UNIT, Story, story, visit_words
from app.kernel.refusals import Refusal
from app.kernel.speech import headed, say, word
from app.kernel.units import cells, number
from app.paper.chapters import Block, Chapter, Composed, Facts, Picture, Table, Text
from app.recipients import queries as recipients


def course_record(db: Session, code: str) -> Composed | Refusal:
    """A recipient's course on paper, by code: no name, no birth date, no record number.

    What is missing is judged on the day of the ledger's last entry, so that the same record gives the same
    paper.
    """
    recipient = recipients.by_code(db, code)
    if recipient is None:
        return rules.recipient_unknown(code)
    told = story(db, recipient, _last_day(db))
    chapters: tuple[tuple[str, list[Block]], ...] = (
        ("Infusions", [_infusions(told)]),
        ("The course in pictures", _pictures(told)),
        ("What was found", [_found(told), *_responses(told)]),
        ("Populations of cells", [_populations(told)]),
        ("Antibodies against the donors", _antibodies(told)),
        ("Visits", [_visits(told)]),
    )
    numbered = [Chapter(place, title, blocks) for place, (title, blocks) in enumerate(chapters, 1)]
    return Composed(Subject("recipient", recipient.code), numbered)


def _last_day(db: Session) -> date:
    last = db.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq).desc())).first()
    return site_day(db, last or datetime(1970, 1, 1, tzinfo=UTC))


def _infusions(told: Story) -> Block:
    rows = [
        (
            gift.day.isoformat(),
            str(told.day(gift.day)),
            gift.unit,
            gift.lot,
            " ".join(gift.donors),
            "-" if gift.delivered_viable_cells is None else cells(gift.delivered_viable_cells),
        )
        for gift in told.gifts
    ]
    heads = ("Day", "Day number", "Bag", "Lot", "Donors", "Viable cells delivered")
    return Table(heads, rows) if rows else Text("No infusion yet.")


def _pictures(told: Story) -> list[Block]:
    drawn = draw_in_parts(told)
    words = "Every quantity on an axis of its own, all on the same days; the upright dashes are infusions."
    return [
        Text(words),
        *(
            Picture(str(one), say("Part {at} of {all}", at=at, all=len(drawn)))
            for at, one in enumerate(drawn, 1)
        ),
    ]


def _found(told: Story) -> Block:
    columns = visit_pages.columns(told)
    heads = (
        "What", "Unit", "Band", *(headed(seen.visit.timepoint) for seen in told.visits.values())
    )  # fmt: skip
    visits = list(told.visits.values())
    if not visits:
        return Text("No visit is recorded yet.")
    rows: list[tuple[str, ...]] = [("SLEDAI-2K", "points", "-", *map(_score, visits))]
    rows += [
        (one.says, one.unit, one.band or "-", *(str(seen.values.get(one.analyte, "-")) for seen in visits))
        for one in columns
    ]
    rows.append(("eGFR", EGFR_UNIT, "-", *("-" if v.egfr is None else number(v.egfr) for v in visits)))
    rows.append(("Steroids as prednisone", "mg a day", "-", *map(_prednisone, visits)))
    cuts = [told.cut(seen) for seen in visits]
    rows.append(("Cut since the baseline", "%", "-", *("-" if cut is None else str(cut) for cut in cuts)))
    return Table(heads, rows, "Scores, eGFR and equivalents are computed; - is not measured")


def _score(seen: Seen) -> str:
    return "-" if seen.activity is None else str(seen.activity.score)


def _prednisone(seen: Seen) -> str:
    return "-" if seen.drugs is None else number(seen.drugs.row.prednisone_mg)


def _responses(told: Story) -> list[Block]:
    rows = [
        (
            headed(timepoint),
            definition.value.replace("_", " ").upper(),
            word(judged.response),
            judged.sentence,
            judged.responses_version,
        )
        for timepoint, seen in told.visits.items()
        for definition, judged in seen.responses.items()
    ]
    if not rows:
        return [Text("No renal response is judged yet.")]
    return [Table(("Visit", "By", "Response", "Why", "Version"), rows, "Renal responses")]


def _populations(told: Story) -> Block:
    rows = [
        (
            followed.says,
            followed.defined,
            kind_of(row).unit,
            row.collected_on.isoformat(),
            number(row.value),
        )
        for row in told.counts
        for followed in (populations(row.populations_version).followed[kind_of(row)],)
    ]
    heads = ("Population", "Defined as", "Of what", "Sample of", "Value")
    return Table(heads, rows) if rows else Text("No population was entered yet.")


def _antibodies(told: Story) -> list[Block]:
    blocks: list[Block] = []
    for donor in told.donors:
        blocks += [
            Text(
                say(
                    "{target} of {donor}, {origin}: {reason}",
                    target=one.target,
                    donor=donor.donor,
                    origin=word(one.origin),
                    reason=one.reason,
                )
            )
            for one in donor.telling
        ]
        rows = [
            (
                peak.serum,
                peak.drawn_on.isoformat(),
                "-" if peak.mfi is None else number(peak.mfi),
                peak.target or "no bead decided",
                "-" if peak.call is None else word(peak.call),
                peak.rule_version or "-",
            )
            for peak in donor.peaks
        ]
        if rows:
            heads = ("Serum", "Drawn on", "MFI", "Molecule", "Call", "Cut-offs")
            blocks.append(
                Table(heads, rows, say("Highest reading on molecules of {donor}", donor=donor.donor))
            )
    return blocks or [Text("No serum was held against a donor yet.")]


def _visits(told: Story) -> Block:
    rows = []
    for due in told.plan:
        happened = "not recorded" if due.visit is None else due.visit.happened_on.isoformat()
        rows.append((say("{visit}, {on}", visit=headed(due.timepoint), on=happened), visit_words(due)))
    return Facts(rows)
