"""A raster that no file holds: a layer on a grid of pixels, drawn by QGIS."""

from __future__ import annotations

from dataclasses import dataclass

DRAWN = "qgis:"  # what the source of a drawn layer begins with; a file's provider is 'gdal'
Transform = tuple[float, float, float, float, float, float]  # Affine's a … f: (column, row) → map units


@dataclass(frozen=True)
class DrawnLayer:
    """A layer that QGIS draws for the worker, block by block: no file that the worker could open.

    `source` names it for good, `transform` and size fix its pixels: anchored to the layer and the GSD that
    the user picked, never to the view. `version` changes when the look of the pixels does (style, bands,
    source). At most `most` tiles are fetched from its server in one scan; 0 sets no limit.
    """

    source: str
    title: str
    version: str
    crs: str
    transform: Transform
    width: int
    height: int
    most: int = 0

    @property
    def address(self) -> str:
        """The layer as files and answers name it."""
        return self.source

    @property
    def name(self) -> str:
        """The layer for people."""
        return self.title
