"""The rows of the bench's batch record, and the peer that sets them through HTML; imports nothing of Hilo."""

#: Rows of the record; with six columns they fill forty pages of ours, and 47 of the long table.
ROWS = 1_900
HEADINGS = ("Unit", "When (UTC)", "What", "Viable cells", "By", "State")


def rows(count: int = ROWS) -> list[tuple[str, ...]]:
    """Hand-overs of units as a record lists them; hardly a cell is like another."""
    return [
        (
            f"MSC-25-{at // 40:03d}-B{at % 40:02d}",
            f"2025-03-{at % 28 + 1:02d} {at % 24:02d}:{at % 60:02d}",
            "harvest, P3",
            f"{at * 37 % 1000}.{at % 10} × 10⁶",
            "Tess Tiller",
            "in quarantine",
        )
        for at in range(count)
    ]


def made(count: int = ROWS) -> bytes:
    """The record by WeasyPrint, as a whole process would make it."""
    from html import escape

    import weasyprint  # type: ignore[import-not-found]  # a peer that need not be here

    head = "".join(f"<th>{escape(word)}</th>" for word in HEADINGS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(count)
    )
    style = "body{font:8pt sans-serif} td{border-bottom:0.3pt solid grey;padding:2pt}"
    page = f"<style>{style}</style><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    pdf: bytes = weasyprint.HTML(string=page).write_pdf()
    return pdf
