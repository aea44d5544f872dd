"""Describing all features of a polygon layer into one of its fields.

How much the worker is asked in one request, so that request and answer fit the wire; knows no QGIS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import QgsGeometry, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.describing import AreaDescription, DescribeManyReply, DescribeManyRequest
from msa_model.protocol.errors import AoiInvalid, BadArgument, MsaError
from msa_model.protocol.messages import Progress, Source
from qgis_msa_plugin.describe.describe_words import field_text, keyword_line, told
from qgis_msa_plugin.describe.field_writer import FieldWriter
from qgis_msa_plugin.gis.geometry import aoi_of, area_text, crs_text
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.render.source import bulk_source_of
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall

MOST_PHRASES = 20_000  # that one answer tells, of all its areas together
MOST_TEXT = 8 * 2**20  # bytes of WKT; a polygon of more has over 200,000 corners


def sendable(area: str) -> str:
    """The WKT; nothing, which the worker refuses by name, for one that no request holds."""
    return area if len(area) <= MOST_TEXT else ""


def portion(areas: Sequence[str], k: int) -> int:
    """How many of the first areas go into one request for `k` phrases of each; one at least."""
    count = text = 0
    for area in areas[: max(1, MOST_PHRASES // max(1, k))]:
        text += len(area)
        if count and text > MOST_TEXT:
            break
        count += 1
    return count


def portions(areas: Sequence[str], k: int) -> Iterator[Sequence[str]]:
    """All areas in such portions; one empty portion of none."""
    start = 0
    while True:
        part = areas[start : start + portion(areas[start:], k)]
        yield part
        start += len(part)
        if start >= len(areas):
            return


CHUNK = 100  # features in one request: what is described is written before the next are asked


@dataclass(frozen=True)
class FeaturesJob:
    """What to describe and where to write it."""

    layer: QgsVectorLayer
    field: str
    selected_only: bool = False
    keywords: bool = False
    k: int = 3
    scale_m: Optional[float] = None


class DescribeMany(QObject):
    """One job at a time; `finished`: how many were described, had nothing to see, and fit no phrase."""

    progress_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)
    finished = pyqtSignal(int, int, int)
    failed = pyqtSignal(object)  # MsaError

    progress: Observed[Optional[Progress]] = Observed(None)
    busy: Observed[bool] = Observed(False)

    def __init__(
        self, client: WorkerClient, settings: Callable[[], Settings], parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._client, self._settings = client, settings
        self._feeder = Feeder(parent=self)
        self.gsd_m: Optional[float] = None  # at which a layer without pixels of its own is drawn
        self._job: Optional[FeaturesJob] = None
        self._layer: Optional[QgsRasterLayer] = None
        self._raster: Optional[Source] = None
        self._writer: Optional[FieldWriter] = None
        self._ids: list[int] = []
        self._at = self._asked = self._described = self._blank = self._silent = 0
        self._call = NewestCall(client)

    def start(self, raster: Optional[QgsRasterLayer], job: FeaturesJob) -> None:
        """Describe the features over the raster.

        Raises:
            BadArgument: a description of features is under way, or there is no raster.
            RasterMissing, RasterWithoutCrs, bulk_forbidden: the raster cannot be read.
            AoiInvalid: no feature, or no CRS.
            layer_not_editable: nothing can be written.
        """
        if self.busy:
            raise BadArgument(tr("Features are being described already: wait for it, or cancel it."))
        if raster is None:
            raise BadArgument(tr("There is no raster layer to describe: choose one in the dock first."))
        self._ids = _ids_of(job)
        self._layer, self._raster = raster, self._source(raster, job)
        self._writer = FieldWriter(job.layer, job.field, self)
        self._job = job
        self._at = self._described = self._blank = self._silent = 0
        self.busy = True
        self._next()

    def cancel(self) -> None:
        """Stop; what is written stays."""
        self._ids = self._ids[: self._at]
        self._call.cancel()

    def release(self) -> None:
        """Wait for nothing any more."""
        self.cancel()
        self._feeder.rest()
        self._call.ignore()

    def _source(self, raster: QgsRasterLayer, job: FeaturesJob) -> Source:
        around = aoi_of(QgsGeometry.fromRect(job.layer.extent()), job.layer.crs())
        return bulk_source_of(raster, around, self.gsd_m, self._client.shares_files)

    def _next(self) -> None:
        job = self._job
        ids = self._ids[self._at : self._at + CHUNK]
        if job is None or sip.isdeleted(job.layer) or not ids:
            self._end()
            return
        shapes = {feature.id(): feature.geometry() for feature in job.layer.getFeatures(ids)}
        areas = [sendable(area_text(shapes[number])) if number in shapes else "" for number in ids]
        self._asked = portion(areas, job.k)
        asked = [(number, area) for number, area in zip(ids, areas[: self._asked]) if number in shapes]
        self._ask(job, [number for number, _ in asked], [area for _, area in asked])

    def _ask(self, job: FeaturesJob, ids: Sequence[int], areas: Sequence[str]) -> None:
        if self._raster is None:
            return
        request = DescribeManyRequest(
            self._raster,
            tuple(areas),
            crs_text(job.layer.crs()),
            job.scale_m,
            self._settings().phrase_bank or None,
            job.k,
            language=interface_language(),
        )
        self._call.ask(
            methods.DESCRIBE_MANY,
            request,
            lambda reply, _: self._take(ids, reply),
            self._refuse,
            progress=self._advance,
            draw=self._feeder.draw,
        )

    def _advance(self, progress: Progress) -> None:
        self.progress = progress.within(self._at, len(self._ids))

    def _take(self, ids: Sequence[int], reply: DescribeManyReply) -> None:
        if self._job is None or self._writer is None:
            return
        found = dict(zip(ids, reply.descriptions))
        texts = {feature_id: _text(self._job, one, reply.calibrated) for feature_id, one in found.items()}
        blank = sum(1 for one in reply.descriptions if one.problem)
        described = sum(1 for text in texts.values() if text)
        self._blank += blank
        self._described += described
        self._silent += len(found) - blank - described
        if not sip.isdeleted(self._job.layer):
            self._writer.put({feature_id: text for feature_id, text in texts.items() if text})
        self._at += self._asked
        self._next()

    def _refuse(self, error: MsaError) -> None:
        self._feeder.rest()
        try:
            again = self._call.may_go_on(error) or self._draws_instead(error)
        except MsaError as impossible:
            error, again = impossible, False
        if again:
            self._next()  # the same features again
            return
        self.failed.emit(error)
        self._end()

    def _draws_instead(self, error: MsaError) -> bool:
        """Whether the raster, which the worker has turned out not to see, is drawn from now on."""
        layer, job = self._layer, self._job
        if layer is None or job is None or sip.isdeleted(layer) or sip.isdeleted(job.layer):
            return False
        if not self._call.named_unseen(error):
            return False
        self._raster = self._source(layer, job)
        return True

    def _end(self) -> None:
        self._feeder.rest()
        self._job = None
        self.progress = None
        self.busy = False
        self.finished.emit(self._described, self._blank, self._silent)


def _ids_of(job: FeaturesJob) -> list[int]:
    layer = job.layer
    if not layer.crs().isValid():
        raise AoiInvalid(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
    ids = list(layer.selectedFeatureIds()) if job.selected_only else list(layer.allFeatureIds())
    if not ids:
        text = (
            tr("No feature of the layer '{name}' is selected.")
            if job.selected_only
            else tr("The layer '{name}' has no features.")
        )
        raise AoiInvalid(text.format(name=layer.name()))
    return sorted(ids)


def _text(job: FeaturesJob, found: AreaDescription, calibrated: bool) -> str:
    if job.keywords:
        return keyword_line(found.keywords)
    return field_text(told(found.phrases, calibrated), most=job.k)
