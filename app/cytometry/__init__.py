"""Cytometry: what the flow cytometer measured of a recipient's or a lot's cells, kept as it came."""
