"""Training of MSA checkpoints."""
