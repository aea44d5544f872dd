"""What is at a point, in a box or in a polygon: of a file, or of a layer that is drawn for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.describing import (
    DescribeReply,
    DescribeRequest,
)
from msa_model.protocol.errors import AoiInvalid, BadArgument, MsaError
from msa_model.protocol.messages import Aoi, Source
from qgis_msa_plugin.gis.areas import united
from qgis_msa_plugin.gis.geometry import aoi_of, crs_text
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.render.source import source_of
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.observed import Notices, Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


@dataclass(frozen=True)
class FeatureRef:
    """A feature of a layer of the project."""

    layer_id: str
    feature_id: int


@dataclass(frozen=True)
class DescribedGeometry:
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


class Describer(QObject):
    """What the panel shows of a place; of the places asked about, the last one alone is answered."""

    describing_changed = pyqtSignal(object)
    description_changed = pyqtSignal(object)
    scales_changed = pyqtSignal(object)

    describing: Observed[bool] = Observed(False)
    description: Observed[Optional[Description]] = Observed(None)
    scales: Observed[tuple[float, ...]] = Observed(())  # sides of windows to choose from, in metres

    def __init__(
        self,
        client: WorkerClient,
        notices: Notices,
        settings: Callable[[], Settings],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._notices = notices
        self._settings = settings
        self._feeder = Feeder(parent=self)
        self._layer: Optional[QgsRasterLayer] = None
        self.scale_m: Optional[float] = None
        self.gsd_m: Optional[float] = None  # at which a layer without pixels of its own is drawn
        self.spot: Optional[DescribedGeometry] = None
        self._call = NewestCall(client)

    @property
    def layer(self) -> Optional[QgsRasterLayer]:
        """The layer that is described."""
        return self._layer

    def choose_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Describe this layer from now on."""
        self._layer = layer
        self.spot = self.description = None
        self._call.drop()
        self.describing = False
        self.scales = ()

    def choose_scale(self, scale_m: Optional[float]) -> None:
        """Describe windows of this side from now on, the last place again; nothing: the worker chooses."""
        changed = scale_m != self.scale_m
        self.scale_m = scale_m
        if changed and self.spot is not None and not self.spot.sized and self.scales:
            self._describe(self.spot)

    def describe_at(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask what is around the point, given in `crs`."""
        self._notices.notice = None
        self._describe(DescribedGeometry(crs, point=point))

    def describe_box(self, box: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask what is in the box, given in `crs`."""
        if is_flat(box):
            self.describe_at(box.center(), crs)
        else:
            self._notices.notice = None
            self._describe(DescribedGeometry(crs, box=box))

    def describe_selected(self, layer: Optional[QgsMapLayer]) -> None:
        """Ask what is in the selected polygon of a layer."""
        try:
            spot = selected_polygon(layer)
        except MsaError as error:
            self._notices.fail(error)
            return
        self._notices.notice = None
        self._describe(spot)

    def release(self) -> None:
        """Ask for nothing any more; a picture under way is dropped."""
        self._drop()

    def _describe(self, spot: DescribedGeometry) -> None:
        self.spot = spot
        self._drop()
        self.describing = True
        try:
            self._ask(spot)
        except MsaError as error:
            self._refuse(error)

    def _ask(self, spot: DescribedGeometry) -> None:
        if self._layer is None:
            raise BadArgument(tr("There is no raster layer to describe: choose one in the dock first."))
        source = source_of(self._layer, spot.area(), self.gsd_m, self._client.shares_files)
        self._call.ask(
            methods.DESCRIBE,
            spot.request(source, self.scale_m, self._settings().phrase_bank or None),
            lambda reply, _: self._take(reply),
            lambda error: self._fail(spot, error),
            draw=self._feeder.draw,
        )

    def _fail(self, spot: DescribedGeometry, error: MsaError) -> None:
        if self._call.named_unseen(error):
            self._describe(spot)
        else:
            self._refuse(error)

    def _drop(self) -> None:
        """Nobody waits for the place asked about before."""
        self._feeder.rest()
        self._call.drop()

    def _take(self, reply: DescribeReply) -> None:
        if self._layer is not None:
            self._end()
            sized = self.spot is None or self.spot.sized
            self.description = Description(self._layer.name(), reply, sized)

    def _refuse(self, error: MsaError) -> None:
        self._end()
        self.description = None
        self._notices.fail(error)

    def _end(self) -> None:
        self._feeder.rest()
        self.describing = False


def selected_polygon(layer: Optional[QgsMapLayer]) -> DescribedGeometry:
    """The first selected polygon of a layer.

    Raises:
        AoiInvalid: there is none, or its layer has no CRS.
    """
    if (
        not isinstance(layer, QgsVectorLayer)
        or layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry
        or layer.selectedFeatureCount() == 0
    ):
        raise AoiInvalid(tr("No polygon is selected: choose a polygon layer and select one of its features."))
    if not layer.crs().isValid():
        raise AoiInvalid(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
    feature = next(iter(layer.getSelectedFeatures()))
    geometry = united([feature.geometry()])
    if geometry.isEmpty():
        raise AoiInvalid(tr("The selected polygon has no area."))
    return DescribedGeometry(layer.crs(), polygon=geometry, feature=FeatureRef(layer.id(), feature.id()))
