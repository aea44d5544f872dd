"""Tile embeddings on disk and their ranking."""
