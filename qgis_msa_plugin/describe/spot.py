"""What is to be described: around a point, in a box, or in a polygon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
)

from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.messages import Aoi, Source
from qgis_msa_plugin.gis.geometry import aoi_of, crs_text
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

    def area(self) -> Aoi:
        """Where it is."""
        if self.point is not None:
            return Aoi(f"POINT ({self.point.x()} {self.point.y()})", crs_text(self.crs))
        shape = QgsGeometry.fromRect(self.box) if self.box is not None else self.polygon
        return aoi_of(shape or QgsGeometry(), self.crs)

    def request(self, raster: Source, scale_m: Optional[float], phrases: Optional[str]) -> DescribeRequest:
        """The request for it."""
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


@dataclass(frozen=True)
class Description:
    """What the worker says of a place on the layer `title`; `sized`: the place says how large it is."""

    title: str
    reply: DescribeReply
    sized: bool = True


def is_flat(box: QgsRectangle) -> bool:
    """Whether a box has no area that could be described."""
    return not all(math.isfinite(side) and side > 0 for side in (box.width(), box.height()))
