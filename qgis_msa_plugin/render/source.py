"""A layer as what a job reads: its file where the worker opens it, else the layer as QGIS draws it."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DRAWN, DrawnLayer
from msa_model.protocol.messages import Aoi, Source
from qgis_msa_plugin.gis.raster_source import LayerNotAFile, has_computed_style, raster_ref
from qgis_msa_plugin.render.grid import has_own_pixels, pixel_grid
from qgis_msa_plugin.render.style import host_of, shown_source
from qgis_msa_plugin.translate import tr

_NO_BULK = ("openstreetmap.org",)
MOST_FETCHED = 20_000  # tiles of a server's layer in one scan, some 80 km² at 0.5 m a pixel


def source_of(
    layer: QgsMapLayer,
    around: Optional[Aoi],
    gsd_m: Optional[float] = None,
    shares_files: bool = True,
) -> Source:
    """What a job reads of this layer `around` an area or a place; `gsd_m` is what the user picked, if any.

    A raster file goes by its path, unless the worker runs where that path means nothing, or the style works
    the picture out (hillshade, pseudocolour): then QGIS draws the layer in its own pixels, as it draws
    everything that is no file, in pixels of `gsd_m` where it has none.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: there is no place on Earth that the area, or the layer, lies at.
        too_many_tiles: no area is given, and the layer has no end.
    """
    if isinstance(layer, QgsRasterLayer) and shares_files and not has_computed_style(layer):
        try:
            return raster_ref(layer)
        except LayerNotAFile:
            pass
    return pixel_grid(layer, around, None if has_own_pixels(layer) else gsd_m)


def bulk_source_of(
    layer: QgsMapLayer,
    around: Optional[Aoi],
    gsd_m: Optional[float] = None,
    shares_files: bool = True,
) -> Source:
    """The same for a job that reads much of a layer: of a server's, within limits.

    Raises:
        bulk_forbidden: the server's terms are known to forbid it.
        MsaError: as `source_of`.
    """
    source, host = source_of(layer, around, gsd_m, shares_files), host_of(layer)
    if not isinstance(source, DrawnLayer):
        return source
    if host.endswith(_NO_BULK):
        text = tr("The layer '{name}' comes from {host}, whose terms forbid to fetch tiles in bulk.")
        raise MsaError.of("bulk_forbidden", text.format(name=layer.name(), host=host))
    return replace(source, most=MOST_FETCHED if host else 0)


def layer_showing(project: QgsProject, address: str) -> Optional[QgsMapLayer]:
    """The layer of a raster as answers and files name it: by its file, or as QGIS draws it; the topmost."""
    order = project.layerTreeRoot().layerOrder()
    return next((layer for layer in order if _shows(layer, address)), None)


def _shows(layer: QgsMapLayer, address: str) -> bool:
    if address.startswith(DRAWN):
        return shown_source(layer) == address
    try:
        return isinstance(layer, QgsRasterLayer) and raster_ref(layer).address == address
    except MsaError:
        return False
