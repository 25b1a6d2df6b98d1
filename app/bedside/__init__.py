"""Bedside: is this bag for this patient, now, and who says so."""
