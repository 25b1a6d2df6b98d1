"""Paper: chapters in, PDF bytes out, and the shelf of issued documents."""
