"""Describe this tile: click on the map, read what is there."""
