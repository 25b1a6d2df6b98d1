"""Antibodies: sera, bead results, and donor-specific calls over time."""
