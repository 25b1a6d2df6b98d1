"""Concerns: what stops a thing and everything that came from it."""
