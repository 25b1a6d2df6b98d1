"""Materials: reagent lots and equipment, and what touched what."""
