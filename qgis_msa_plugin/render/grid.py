"""The pixel grid of a layer that QGIS draws: anchored to the layer and the GSD, never to the view."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer

from msa_model.protocol.messages import Aoi
from msa_model.protocol.pixels import PixelGrid


def pixel_grid(layer: QgsMapLayer, aoi: Optional[Aoi] = None, gsd_m: Optional[float] = None) -> PixelGrid:
    """The grid to draw the layer on; a raster that has pixels of its own keeps them where no GSD is picked.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: there is no place on Earth that the area, or the layer, lies at.
    """
    raise NotImplementedError


def gsd_choices(layer: Optional[QgsMapLayer], aoi: Optional[Aoi] = None) -> tuple[float, ...]:
    """The GSDs (metres) to offer for a layer; the first is the one to take unless the user picks another.

    Empty for a raster that is read as it is: there, a picked GSD (any of GSDS_M) means "draw it as QGIS shows
    it, at this GSD", and None "read the file".
    """
    raise NotImplementedError
