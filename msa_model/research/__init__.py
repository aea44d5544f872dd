"""Training and evaluation, for those who make models."""
