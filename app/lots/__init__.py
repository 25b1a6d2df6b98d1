"""Lots: donations, steps, units, and who descends from whom."""
