"""Recipients: patients by code, their identity apart, their typing and their wristbands."""
