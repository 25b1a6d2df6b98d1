"""Quality: may this lot leave quarantine, and who said so."""
