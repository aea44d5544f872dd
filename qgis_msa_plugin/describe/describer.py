"""What is at this place: the worker reads local files itself, of other layers it gets the pixels."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsCsException, QgsPointXY, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribePixels, DescribeReply, DescribeRequest
from msa_model.protocol.errors import BadArgument, MsaError, PointOutsideRaster
from msa_model.protocol.messages import RasterRef
from qgis_msa_plugin.describe.map_render import SIDE_PX, MapRender, Picture, Place
from qgis_msa_plugin.layers.geometry import crs_text
from qgis_msa_plugin.layers.raster_source import LayerNotAFile, raster_ref
from qgis_msa_plugin.search.state import Description, SearchState
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient

RENDERED_SCALES_M = (75.0, 150.0, 300.0, 600.0)


class Describer(QObject):
    """The last place asked about is the only one answered."""

    def __init__(
        self,
        client: WorkerClient,
        state: SearchState,
        settings: Callable[[], Settings],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._state = state
        self._settings = settings
        self._render = MapRender(self)
        self._layer: Optional[QgsRasterLayer] = None
        self.scale_m: Optional[float] = None
        self._place: Optional[Place] = None
        self._turn = 0

    def choose_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Describe this layer from now on."""
        self._layer = layer
        self._place = self._state.description = None
        self._turn += 1
        self._state.describing = False
        local = layer is None or reference_of(layer, self._client.shares_files) is not None
        self._state.describe_scales = () if local else RENDERED_SCALES_M

    def choose_scale(self, scale_m: Optional[float]) -> None:
        """Describe windows of this side from now on, the last place again; nothing: the worker chooses."""
        changed = scale_m != self.scale_m
        self.scale_m = scale_m
        if changed and self._place is not None and self._state.describe_scales:
            self._describe(self._place)

    def describe_at(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask what is around the point, given in `crs`."""
        self._place = Place(point, crs)
        self._describe(self._place)

    def release(self) -> None:
        """Ask for nothing any more; a picture under way is dropped."""
        self._turn += 1
        self._render.cancel()

    def _describe(self, place: Place) -> None:
        self._turn += 1
        self._state.describing = True
        try:
            self._ask(place, self._turn)
        except MsaError as error:
            self._refuse(self._turn, error)
        except QgsCsException:
            error = PointOutsideRaster(tr("This place has no geographic coordinates."))
            self._refuse(self._turn, error)

    def _ask(self, place: Place, turn: int) -> None:
        if self._layer is None:
            raise BadArgument(tr("There is no raster layer to describe: choose one in the dock first."))
        reference = reference_of(self._layer, self._client.shares_files)
        if reference is None:
            self._send_picture(self._layer, place, turn)
        else:
            self._send_path(reference, place, turn)

    def _send_path(self, raster: RasterRef, place: Place, turn: int) -> None:
        request = DescribeRequest(
            raster=raster,
            crs=crs_text(place.crs),
            point=(place.point.x(), place.point.y()),
            scale_m=self.scale_m,
            phrases=self._settings().phrase_bank or None,
        )
        self._call(rpc.DESCRIBE, request, turn)

    def _send_picture(self, layer: QgsRasterLayer, place: Place, turn: int) -> None:
        scale_m = self.scale_m or RENDERED_SCALES_M[1]

        def send(picture: Picture) -> None:
            request = DescribePixels(
                width=SIDE_PX,
                height=SIDE_PX,
                bounds=picture.bounds,
                crs=picture.crs,
                scale_m=scale_m,
                phrases=self._settings().phrase_bank or None,
            )
            self._call(rpc.DESCRIBE_PIXELS, request, turn, picture.rgb)

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
            self._state.describing = False
            self._state.description = Description(self._layer.name(), reply)

    def _refuse(self, turn: int, error: MsaError) -> None:
        if turn == self._turn:
            self._state.describing = False
            self._state.description = None
            self._state.fail(error)


def reference_of(layer: QgsRasterLayer, shares_files: bool = True) -> Optional[RasterRef]:
    """The layer as a file that the worker can open, or nothing where QGIS has to draw it."""
    try:
        return raster_ref(layer) if shares_files else None
    except LayerNotAFile:
        return None
