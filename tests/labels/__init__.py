"""Tests of the label library."""
