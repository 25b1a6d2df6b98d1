"""Look and feel: base page, macros, static files, scan box, headers, faults and uploads."""
