"""Georeferenced pixels: the tile grid, windows, stretch, masks and areas of interest."""
