"""Custody: where a unit is, who has it, and who had it before."""
