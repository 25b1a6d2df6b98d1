"""The low floor: database, tables, clock, the act in hand, and the word 'no'."""
