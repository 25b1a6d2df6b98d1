"""The worked example: the story of one lot from a donor to three recipients, with synthetic data."""
