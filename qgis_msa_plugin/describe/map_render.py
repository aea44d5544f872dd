"""The picture that QGIS makes of one layer around a place, for layers that are no local file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QObject, QSize
from qgis.PyQt.QtGui import QColor, QImage

from msa_model.protocol.errors import PointOutsideRaster
from msa_model.protocol.messages import Bounds
from qgis_msa_plugin.gis.geometry import crs_text, point_to_crs
from qgis_msa_plugin.translate import tr

SIDE_PX = 256
_CHANNELS = 3
_MIN_VALID = 0.5


@dataclass(frozen=True)
class Place:
    """A point on the map."""

    point: QgsPointXY
    crs: QgsCoordinateReferenceSystem


@dataclass(frozen=True)
class Picture:
    """SIDE_PX × SIDE_PX × 3 bytes, north up, and where they lie."""

    rgb: bytes
    bounds: Bounds
    crs: str


class MapRender(QObject):
    """Renders in threads of QGIS; the last picture asked for is the only one delivered."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._job: Optional[QgsMapRendererParallelJob] = None

    def start(
        self,
        layer: QgsMapLayer,
        place: Place,
        side_m: float,
        done: Callable[[Picture], None],
        failed: Callable[[PointOutsideRaster], None],
    ) -> None:
        """Render the square of `side_m` metres on the ground around the place.

        Raises:
            QgsCsException: the place has no geographic coordinates.
        """
        self.cancel()
        local = local_crs(place)
        half = side_m / 2
        job = self._job = QgsMapRendererParallelJob(_settings(layer, local, half))
        bounds = (-half, -half, half, half)

        def finish() -> None:
            job.deleteLater()
            if job is not self._job:
                return
            self._job = None
            image = job.renderedImage()
            if valid_fraction(image) < _MIN_VALID:
                failed(PointOutsideRaster(tr("The layer shows nothing at this place.")))
            else:
                done(Picture(rgb_bytes(image), bounds, crs_text(local)))

        job.finished.connect(finish)
        job.start()

    def cancel(self) -> None:
        """Drop the picture under way."""
        job, self._job = self._job, None
        if job is not None:
            job.cancelWithoutBlocking()


def local_crs(place: Place) -> QgsCoordinateReferenceSystem:
    """A CRS whose units are true metres around the place, its origin; a map's own metres may be far from it.

    Raises:
        QgsCsException: the place has no geographic coordinates.
    """
    centre = point_to_crs(place.point, place.crs, QgsCoordinateReferenceSystem("EPSG:4326"))
    return QgsCoordinateReferenceSystem.fromProj(
        f"+proj=aeqd +lat_0={centre.y():.9f} +lon_0={centre.x():.9f} +datum=WGS84 +units=m +no_defs"
    )


def valid_fraction(image: QImage) -> float:
    """The share of pixels that the layer has painted."""
    alpha = image.convertToFormat(QImage.Format.Format_Alpha8)
    rows = _rows(alpha, alpha.width())
    return 1 - sum(row.count(0) for row in rows) / (alpha.width() * alpha.height())


def rgb_bytes(image: QImage) -> bytes:
    """The height × width × 3 bytes without the padding that Qt puts at the end of lines."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    return b"".join(_rows(rgb, rgb.width() * _CHANNELS))


def _rows(image: QImage, width: int) -> list[bytes]:
    pixels = image.constBits().asstring(image.bytesPerLine() * image.height())
    return [pixels[start : start + width] for start in range(0, len(pixels), image.bytesPerLine())]


def _settings(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem, half_m: float) -> QgsMapSettings:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(crs)
    settings.setTransformContext(QgsProject.instance().transformContext())
    settings.setExtent(QgsRectangle(-half_m, -half_m, half_m, half_m))
    settings.setOutputSize(QSize(SIDE_PX, SIDE_PX))
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    return settings
