"""Fixtures every test may use."""

pytest_plugins = ["tests.once", "tests.databases", "tests.browser", "tests.story", "tests.told"]
