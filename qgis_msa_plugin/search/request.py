"""A layer and an area as a request to the worker."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer

from msa_model.protocol.drawn_layer import DrawnLayer
from msa_model.protocol.messages import Aoi, ScanPlan, ScanRequest, ScanSettings
from qgis_msa_plugin.render.source import bulk_source_of

MANY_BLOCKS = 30  # of up to 36 pictures of 256 px each


def scan_request(
    layer: QgsMapLayer,
    aoi: Optional[Aoi],
    settings: ScanSettings,
    gsd_m: Optional[float] = None,
    shares_files: bool = True,
) -> ScanRequest:
    """What to ask of the worker for this layer; errors as of `bulk_source_of`."""
    return ScanRequest(bulk_source_of(layer, aoi, gsd_m, shares_files), aoi, settings)


def fetches_much(request: ScanRequest, plan: ScanPlan) -> bool:
    """Whether a server would have to send so many pictures that one should ask before."""
    source = request.raster
    return isinstance(source, DrawnLayer) and source.most > 0 and plan.blocks > MANY_BLOCKS
