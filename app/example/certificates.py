"""Certificates of the story as small PDF files, made here so that nothing real is imitated."""

from io import BytesIO

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas


def certificate(title: str, *lines: str) -> bytes:
    """One page that says what it certifies, and that it is synthetic; the same bytes each time."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A5, invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(40, 540, title)
    canvas.setFont("Helvetica", 11)
    for at, line in enumerate((*lines, "", "Worked example, synthetic data")):
        canvas.drawString(40, 505 - 20 * at, line)
    canvas.save()
    return out.getvalue()
