"""Benchmarks: `python -m bench` measures the figures of docs/benchmarks.md, one line each."""
