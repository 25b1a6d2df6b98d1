"""HLA: what a typing means and what a serum's beads say about it; pure, typing and beads in, calls out."""
