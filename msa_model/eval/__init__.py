"""Retrieval metrics and their data sets."""
