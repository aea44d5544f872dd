"""What is to be described: around a point, in a box, or in a polygon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)

from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.messages import RasterRef
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.translate import interface_language


@dataclass(frozen=True)
class FeatureRef:
    """A feature of a layer of the project."""

    layer_id: str
    feature_id: int


@dataclass(frozen=True)
class DescribedSpot:
    """One of point, box and polygon, in `crs`; `feature` is the one that the polygon is of."""

    crs: QgsCoordinateReferenceSystem
    point: Optional[QgsPointXY] = None
    box: Optional[QgsRectangle] = None
    polygon: Optional[QgsGeometry] = None
    feature: Optional[FeatureRef] = None

    @property
    def sized(self) -> bool:
        """Whether the spot itself says how large it is."""
        return self.point is None

    def centre(self) -> QgsPointXY:
        """Its middle."""
        if self.point is not None:
            return self.point
        return self._bounds().center()

    def side_m(self) -> float:
        """The longer side on the ground, in metres.

        Raises:
            QgsCsException: the place has no geographic coordinates.
        """
        box, ground = self._bounds(), QgsDistanceArea()
        ground.setSourceCrs(self.crs, QgsProject.instance().transformContext())
        if not ground.setEllipsoid("WGS84"):
            return max(box.width(), box.height())
        middle = box.center()
        across = (QgsPointXY(box.xMinimum(), middle.y()), QgsPointXY(box.xMaximum(), middle.y()))
        along = (QgsPointXY(middle.x(), box.yMinimum()), QgsPointXY(middle.x(), box.yMaximum()))
        return float(max(ground.measureLine(*across), ground.measureLine(*along)))

    def request(self, raster: RasterRef, scale_m: Optional[float], phrases: Optional[str]) -> DescribeRequest:
        """The request for a raster that the worker reads itself."""
        box = self.box
        return DescribeRequest(
            raster=raster,
            crs=crs_text(self.crs),
            point=(self.point.x(), self.point.y()) if self.point is not None else None,
            bounds=(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()) if box else None,
            polygon=self.polygon.asWkt() if self.polygon is not None else None,
            scale_m=None if self.sized else scale_m,
            phrases=phrases,
            every_scale=True,
            language=interface_language(),
        )

    def _bounds(self) -> QgsRectangle:
        if self.box is not None:
            return self.box
        return self.polygon.boundingBox() if self.polygon is not None else QgsRectangle()


@dataclass(frozen=True)
class Description:
    """What the worker says of a place on the layer `title`."""

    title: str
    reply: DescribeReply


def is_flat(box: QgsRectangle) -> bool:
    """Whether a box has no area that could be described."""
    return not all(math.isfinite(side) and side > 0 for side in (box.width(), box.height()))
