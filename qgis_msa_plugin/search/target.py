"""What a search is about: a raster layer, as a request to the worker.

A layer and an area as a request to the worker.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer

from msa_model.protocol.errors import BadArgument, MsaError, RasterWithoutCrs
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, RasterRef, ScanPlan, ScanRequest, ScanSettings
from qgis_msa_plugin.render.source import bulk_source_of
from qgis_msa_plugin.search.area import AreaSource
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr

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


@dataclass(frozen=True)
class ReadSettings:
    """How layers are read: cut into which tiles, drawn at which pixel size, and by whom."""

    settings: Settings
    gsd_m: Optional[float] = None
    shares_files: bool = True


@dataclass(frozen=True)
class Target:
    """A raster and an area of it, cut as the settings say; `title` is the layer's name.

    `gsd_m` is the pixel size that was picked, if any was, for layers that QGIS draws.
    """

    layer_id: str
    title: str
    request: ScanRequest
    gsd_m: Optional[float] = None

    def at_scales(self, scales_m: tuple[float, ...]) -> Target:
        """The same, cut into tiles of these sizes alone."""
        settings = dataclasses.replace(self.request.settings, scales_m=scales_m)
        return dataclasses.replace(self, request=dataclasses.replace(self.request, settings=settings))

    @property
    def source(self) -> str:
        """The raster as its hits name it: a path, or the name of a drawn layer."""
        return self.request.raster.address

    @property
    def raster(self) -> Optional[RasterRef]:
        """The raster, where it is a file that the worker reads."""
        return self.request.raster if isinstance(self.request.raster, RasterRef) else None


def target_of(layer: Optional[QgsRasterLayer], area: AreaSource, reading: ReadSettings) -> Target:
    """The layer and area as a target.

    Raises:
        BadArgument: there is no layer.
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: the area cannot be used.
    """
    if layer is None:
        raise BadArgument(tr("There is no raster layer to search: add one to the map, then choose it here."))
    if layer.isValid() and not layer.crs().isValid():
        raise RasterWithoutCrs(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
    request = scan_request(layer, area(), reading.settings.scan(), reading.gsd_m, reading.shares_files)
    return Target(layer.id(), layer.name(), request, reading.gsd_m)


def target_in(
    project: QgsProject, layer_id: str, aoi: Optional[Aoi], reading: ReadSettings
) -> Optional[Target]:
    """The project's layer of that id as a target; nothing where it has gone or cannot be searched."""
    layer = project.mapLayer(layer_id)
    if not isinstance(layer, QgsRasterLayer):
        return None
    try:
        return target_of(layer, lambda: aoi, reading)
    except MsaError:
        return None


def renewed(targets: Sequence[Target], project: QgsProject, reading: ReadSettings) -> tuple[Target, ...]:
    """The targets as the project has them now, but those that it has no more; each at its own pixel size."""
    found = (
        target_in(project, own.layer_id, own.request.aoi, dataclasses.replace(reading, gsd_m=own.gsd_m))
        for own in targets
    )
    return tuple(target for target in found if target is not None)
