"""Trace: where it came from, and where it went."""
