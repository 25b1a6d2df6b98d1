"""Follow-up: visits after the infusion, and everything of a recipient on one time axis."""
