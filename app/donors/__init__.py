"""Donors: consent, screening, HLA typing, and whether a donor may give."""
