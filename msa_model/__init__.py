"""Search georeferenced imagery by describing what to find (MSA, arXiv 2405.18959)."""
