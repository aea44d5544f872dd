"""What is at this place: the worker reads local files itself, of other layers it gets the pixels."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCsException,
    QgsMapLayer,
    QgsPointXY,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribePixels, DescribeReply
from msa_model.protocol.errors import AoiInvalid, BadArgument, MsaError, PointOutsideRaster
from qgis_msa_plugin.describe.map_render import SIDE_PX, MapRender, Picture, Place
from qgis_msa_plugin.describe.spot import DescribedSpot, Description, FeatureRef, is_flat
from qgis_msa_plugin.gis.areas import united
from qgis_msa_plugin.gis.raster_source import reference_of
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.notices import Notices
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.worker.client import WorkerClient

RENDERED_SCALES_M = (75.0, 150.0, 300.0, 600.0)


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
        self._render = MapRender(self)
        self._layer: Optional[QgsRasterLayer] = None
        self.scale_m: Optional[float] = None
        self.spot: Optional[DescribedSpot] = None
        self._turn = 0

    @property
    def layer(self) -> Optional[QgsRasterLayer]:
        """The layer that is described."""
        return self._layer

    def choose_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Describe this layer from now on."""
        self._layer = layer
        self.spot = self.description = None
        self._turn += 1
        self.describing = False
        local = layer is None or reference_of(layer, self._client.shares_files) is not None
        self.scales = () if local else RENDERED_SCALES_M

    def choose_scale(self, scale_m: Optional[float]) -> None:
        """Describe windows of this side from now on, the last place again; nothing: the worker chooses."""
        changed = scale_m != self.scale_m
        self.scale_m = scale_m
        if changed and self.spot is not None and not self.spot.sized and self.scales:
            self._describe(self.spot)

    def describe_at(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask what is around the point, given in `crs`."""
        self._notices.notice = None
        self._describe(DescribedSpot(crs, point=point))

    def describe_box(self, box: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask what is in the box, given in `crs`."""
        if is_flat(box):
            self.describe_at(box.center(), crs)
        else:
            self._notices.notice = None
            self._describe(DescribedSpot(crs, box=box))

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
        self._turn += 1
        self._render.cancel()

    def _describe(self, spot: DescribedSpot) -> None:
        self.spot = spot
        self._turn += 1
        self.describing = True
        try:
            self._ask(spot, self._turn)
        except MsaError as error:
            self._refuse(self._turn, error)
        except QgsCsException:
            sentence = tr("This place has no geographic coordinates.")
            self._refuse(self._turn, PointOutsideRaster(sentence))

    def _ask(self, spot: DescribedSpot, turn: int) -> None:
        if self._layer is None:
            raise BadArgument(tr("There is no raster layer to describe: choose one in the dock first."))
        reference = reference_of(self._layer, self._client.shares_files)
        if reference is None:
            self._send_picture(self._layer, spot, turn)
        else:
            phrases = self._settings().phrase_bank or None
            self._call(rpc.DESCRIBE, spot.request(reference, self.scale_m, phrases), turn)

    def _send_picture(self, layer: QgsRasterLayer, spot: DescribedSpot, turn: int) -> None:
        scale_m = spot.side_m() if spot.sized else self.scale_m or RENDERED_SCALES_M[1]

        def send(picture: Picture) -> None:
            request = DescribePixels(
                width=SIDE_PX,
                height=SIDE_PX,
                bounds=picture.bounds,
                crs=picture.crs,
                scale_m=scale_m,
                phrases=self._settings().phrase_bank or None,
                language=interface_language(),
            )
            self._call(rpc.DESCRIBE_PIXELS, request, turn, picture.rgb)

        place = Place(spot.centre(), spot.crs)
        self._render.start(layer, place, scale_m, send, lambda error: self._refuse(turn, error))

    def _call(self, method: str, request: object, turn: int, pixels: bytes = b"") -> None:
        if turn == self._turn:
            self._client.call(
                method,
                request,
                DescribeReply,
                lambda reply, _: self._take(turn, reply),
                lambda error: self._refuse(turn, error),
                attachment=pixels,
            )

    def _take(self, turn: int, reply: DescribeReply) -> None:
        if turn == self._turn and self._layer is not None:
            self.describing = False
            self.description = Description(self._layer.name(), reply)

    def _refuse(self, turn: int, error: MsaError) -> None:
        if turn == self._turn:
            self.describing = False
            self.description = None
            self._notices.fail(error)


def selected_polygon(layer: Optional[QgsMapLayer]) -> DescribedSpot:
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
    return DescribedSpot(layer.crs(), polygon=geometry, feature=FeatureRef(layer.id(), feature.id()))
