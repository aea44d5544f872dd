"""Places on the map, and judged hits, as examples for a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Aoi, Example
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.render.source import source_of
from qgis_msa_plugin.search.judged import Judged
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.search.target import ReadSettings
from qgis_msa_plugin.translate import tr

ACCEPTED_WEIGHT = 1.0
REJECTED_WEIGHT = -1.0  # that what a tile is not says less than what it is, is the engine's to know


@dataclass(frozen=True)
class ExampleGeometry:
    """A point or a box of the map, in `crs`; around a point `scale_m` metres, or what the worker chooses."""

    box: QgsRectangle
    crs: QgsCoordinateReferenceSystem
    is_point: bool
    scale_m: Optional[float] = None

    @classmethod
    def at(
        cls, point: QgsPointXY, crs: QgsCoordinateReferenceSystem, scale_m: Optional[float] = None
    ) -> ExampleGeometry:
        """The place of a click."""
        return cls(QgsRectangle(point, point), crs, True, scale_m)


def example_of(
    spot: ExampleGeometry, layers: Sequence[QgsRasterLayer], weight: float, reading: ReadSettings
) -> Example:
    """What the first of the layers shows there.

    Raises:
        BadArgument: there is no layer.
        PointOutsideRaster: no layer lies there.
        MsaError: as `source_of`.
    """
    if not layers:
        raise BadArgument(tr("There is no raster layer to search: add one to the map, then choose it here."))
    layer = next((layer for layer in layers if _lies_at(layer, spot)), None)
    if layer is None:
        raise PointOutsideRaster(tr("None of the chosen layers lies at this place."))
    box, centre, crs = spot.box, spot.box.center(), crs_text(spot.crs)
    around = Aoi(f"POINT ({centre.x()} {centre.y()})", crs)
    return Example(
        weight=weight,
        raster=source_of(layer, around, reading.gsd_m, reading.shares_files),
        crs=crs,
        point=(centre.x(), centre.y()) if spot.is_point else None,
        bounds=None if spot.is_point else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()),
        scale_m=spot.scale_m,
    )


def examples_of(places: Judged) -> tuple[Example, ...]:
    """Tiles of accepted places as what to find, rejected ones as what to avoid."""
    weights = {Judgement.ACCEPTED: ACCEPTED_WEIGHT, Judgement.REJECTED: REJECTED_WEIGHT}
    return tuple(Example(weights[place.said], tile=place.tile) for place in places if place.said in weights)


def _lies_at(layer: QgsRasterLayer, spot: ExampleGeometry) -> bool:
    try:
        transform = QgsCoordinateTransform(spot.crs, layer.crs(), QgsProject.instance())
        return layer.extent().contains(transform.transform(spot.box.center()))
    except QgsCsException:
        return False
