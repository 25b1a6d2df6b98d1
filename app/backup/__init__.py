"""Backup: everything of the site in one verified file, and that file put back elsewhere."""
