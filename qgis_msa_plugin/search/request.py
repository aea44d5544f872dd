"""A layer and an area as a request to the worker: by path where it reads the file itself, else by pixels."""

from __future__ import annotations

from typing import Optional, Union

from qgis.core import QgsMapLayer, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.messages import Aoi, ScanPlan, ScanRequest, ScanSettings
from msa_model.protocol.pixels import PixelPlan, PixelPlanRequest
from qgis_msa_plugin.gis.raster_source import LayerNotAFile, has_computed_style, raster_ref
from qgis_msa_plugin.render.errors import BulkForbidden
from qgis_msa_plugin.render.grid import has_own_pixels, pixel_grid
from qgis_msa_plugin.render.look import host_of
from qgis_msa_plugin.translate import tr

AnyRequest = Union[ScanRequest, PixelPlanRequest]
AnyPlan = Union[ScanPlan, PixelPlan]

_NO_BULK = ("openstreetmap.org",)
MANY_BLOCKS = 30  # of up to 36 pictures of 256 px each
MOST_FETCHED = 20_000  # tiles of a server's layer in one scan, some 80 km² at 0.5 m a pixel


def scan_request(
    layer: QgsMapLayer,
    aoi: Optional[Aoi],
    settings: ScanSettings,
    gsd_m: Optional[float] = None,
    shares_files: bool = True,
) -> AnyRequest:
    """What to ask of the worker for this layer; `gsd_m` is what the user picked (`choose_gsd`), if anything.

    A raster file goes by its path, unless the worker runs where that path means nothing, or the style works
    the picture out (hillshade, pseudocolour): then QGIS draws the layer in its own pixels, as it draws
    everything that is no file, in pixels of `gsd_m` where it has none. Both kinds of request are frozen and
    can be compared; both kinds of plan have the same fields besides `blocks`.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: there is no place on Earth that the area, or the layer, lies at.
        TooManyTiles: no area is given, and the layer has no end.
        BulkForbidden: the server's terms are known to forbid it.
    """
    if isinstance(layer, QgsRasterLayer) and shares_files and not has_computed_style(layer):
        try:
            return ScanRequest(raster_ref(layer), aoi, settings)
        except LayerNotAFile:
            pass
    return PixelPlanRequest(
        pixel_grid(layer, aoi, None if has_own_pixels(layer) else gsd_m),
        aoi,
        settings,
        most=MOST_FETCHED if _fair_host(layer) else 0,
    )


def fetches_much(request: AnyRequest, plan: AnyPlan) -> bool:
    """Whether a server would have to send so many pictures that one should ask before."""
    return isinstance(request, PixelPlanRequest) and request.most > 0 and len(plan.blocks) > MANY_BLOCKS


def _fair_host(layer: QgsMapLayer) -> str:
    """The layer's server, if it has one.

    Raises:
        BulkForbidden: its terms are known to forbid fetching in bulk.
    """
    host = host_of(layer)
    if host.endswith(_NO_BULK):
        text = tr("The layer '{name}' comes from {host}, whose terms forbid to fetch tiles in bulk.")
        raise BulkForbidden(text.format(name=layer.name(), host=host))
    return host


def source_of(request: AnyRequest) -> str:
    """What hits and manifests call the raster: a path, or the name of a drawn layer."""
    return request.grid.source if isinstance(request, PixelPlanRequest) else request.raster.address


def planning(request: AnyRequest) -> tuple[str, type[AnyPlan]]:
    """The method that plans such a request, and the type of its reply."""
    if isinstance(request, PixelPlanRequest):
        return rpc.PIXELS_PLAN, PixelPlan
    return rpc.PLAN, ScanPlan
