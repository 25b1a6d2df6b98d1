"""Labeling: which label, for which unit, which copy, and where each printed piece went."""
