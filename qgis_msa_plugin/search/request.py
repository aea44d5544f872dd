"""A layer and an area as a request to the worker: by path where it reads the file itself, else by pixels."""

from __future__ import annotations

from typing import Optional, Union

from qgis.core import QgsMapLayer, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.messages import Aoi, ScanPlan, ScanRequest, ScanSettings
from msa_model.protocol.pixels import PixelPlan, PixelPlanRequest
from qgis_msa_plugin.layers.raster_source import LayerNotAFile, raster_ref
from qgis_msa_plugin.render.grid import pixel_grid
from qgis_msa_plugin.render.look import host_of

AnyRequest = Union[ScanRequest, PixelPlanRequest]
AnyPlan = Union[ScanPlan, PixelPlan]

MOST_FETCHED = 20_000  # tiles of a server's layer in one scan, some 80 km² at 0.5 m a pixel


def scan_request(
    layer: QgsMapLayer,
    aoi: Optional[Aoi],
    settings: ScanSettings,
    gsd_m: Optional[float] = None,
    shares_files: bool = True,
) -> AnyRequest:
    """What to ask of the worker for this layer; `gsd_m` is what the user picked (`choose_gsd`), if anything.

    A raster file goes by its path, unless the worker runs where that path means nothing, or the user asked
    for a GSD: then QGIS draws the layer, as it does with everything that is no file. Both kinds of
    request are frozen and can be compared; both kinds of plan have the same fields besides `blocks`.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: there is no place on Earth that the area, or the layer, lies at.
        TooManyTiles: no area is given, and the layer has no end.
    """
    if isinstance(layer, QgsRasterLayer) and shares_files and gsd_m is None:
        try:
            return ScanRequest(raster_ref(layer), aoi, settings)
        except LayerNotAFile:
            pass
    most = MOST_FETCHED if host_of(layer) else 0
    return PixelPlanRequest(pixel_grid(layer, aoi, gsd_m), aoi, settings, most=most)


def source_of(request: AnyRequest) -> str:
    """What hits and manifests call the raster: a path, or the name of a drawn layer."""
    return request.grid.source if isinstance(request, PixelPlanRequest) else request.raster.path


def planning(request: AnyRequest) -> tuple[str, type[AnyPlan]]:
    """The method that plans such a request, and the type of its reply."""
    if isinstance(request, PixelPlanRequest):
        return rpc.PIXELS_PLAN, PixelPlan
    return rpc.PLAN, ScanPlan
