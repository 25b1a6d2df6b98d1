"""Orders: a physician's prescription, and the unit that is set aside for it."""
