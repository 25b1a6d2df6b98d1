"""The console: every command of ``python -m app``, one file a family."""
