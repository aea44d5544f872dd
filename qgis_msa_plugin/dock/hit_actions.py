"""What can be done with a hit besides judging it: describe its place, take its coordinates along."""

from __future__ import annotations

from qgis.core import QgsCsException, QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QApplication

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.gis.geometry import WGS84, crs_of, point_to_crs, polygon_of
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.notices import NoticeLevel

DESCRIBE, COORDINATES, WKT = "describe", "coordinates", "wkt"


class HitActions(QObject):
    """Acts on hits of the answer that is listed, by rank."""

    def __init__(self, state: SearchState, describer: Describer, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._describer = state, describer

    def act(self, what: str, rank: int) -> None:
        """Do this with the hit of that rank, if there is one."""
        hit = self._state.results.hit(rank) if self._state.results is not None else None
        if hit is None:
            return
        if what == DESCRIBE:
            self._describer.describe_box(polygon_of(hit.ring).boundingBox(), crs_of(hit.crs))
            return
        text = coordinates_of(hit) if what == COORDINATES else wkt_of(hit)
        QApplication.clipboard().setText(text)
        self._state.say(NoticeLevel.INFO, tr("Copied: {text}").format(text=text))


def coordinates_of(hit: Hit) -> str:
    """The middle of a hit as latitude and longitude in degrees; in the raster's CRS where it has none."""
    middle: QgsPointXY = polygon_of(hit.ring).centroid().asPoint()
    try:
        place = point_to_crs(middle, crs_of(hit.crs), crs_of(WGS84))
    except QgsCsException:
        return f"{middle.x():.2f}, {middle.y():.2f}"
    return f"{place.y():.6f}, {place.x():.6f}"


def wkt_of(hit: Hit) -> str:
    """The tile as a polygon in the CRS of its raster."""
    polygon: QgsGeometry = polygon_of(hit.ring)
    return str(polygon.asWkt(6 if crs_of(hit.crs).isGeographic() else 2))
