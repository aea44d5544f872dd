"""What the dock shows and what its buttons do; no widgets here."""
