"""What the algorithms share: names, icon, and errors as sentences with a remedy."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Callable, Generic, Optional, TypeVar, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterVectorLayer,
    QgsRasterLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QIcon

from msa_model.protocol.changing import ChangeReply, SeriesReply
from msa_model.protocol.errors import AoiInvalid, BadArgument, MsaError, RasterMissing, WorkerMissing
from msa_model.protocol.hit_table import RankReply
from msa_model.protocol.messages import Aoi, RasterRef, ScanRequest, ScanSettings, Source
from qgis_msa_plugin.errors import error_line, error_text
from qgis_msa_plugin.gis.areas import area_of
from qgis_msa_plugin.gis.replaced_files import check_not_read, check_table
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.processing.parameters import absolute
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.render.source import bulk_source_of, source_of
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.blocking import RunWorker
from qgis_msa_plugin.worker.child import launch_of
from qgis_msa_plugin.worker.desktop_worker import worker_for_run
from qgis_msa_plugin.worker.launch import looks_remote
from qgis_msa_plugin.worker.sharing import is_unseen, with_sources

Parameters = dict[str, object]
Results = dict[str, object]
Rows = Iterable[tuple[QgsGeometry, list[object]]]


@dataclass(frozen=True)
class Run:
    """What QGIS hands to a run."""

    parameters: Parameters
    context: QgsProcessingContext
    feedback: QgsProcessingFeedback

    def tell_ranked(self, count: int, reply: Union[RankReply, ChangeReply, SeriesReply]) -> None:
        """How many tiles came of how many."""
        text = tr("{count} of {tiles} tiles, ranked in {ms:.0f} ms.")
        self.feedback.pushInfo(text.format(count=count, tiles=reply.tiles, ms=reply.timings.rank_ms))


Job = TypeVar("Job")


class MsaAlgorithm(QgsProcessingAlgorithm, Generic[Job]):
    """Subclasses make a job of the parameters (in the layers' thread), then have the worker do it."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Union[Job, MsaError] = BadArgument(tr("The algorithm was not prepared."))
        self._far_job: Union[Job, MsaError] = self._job  # the job for a worker that does not see the files
        self._drawn: dict[RasterRef, Callable[[], Source]] = {}
        self._layers: list[QgsMapLayer] = []
        self._feeder: Optional[Feeder] = None

    def createInstance(self) -> MsaAlgorithm[Job]:
        """A fresh one for each run."""
        return type(self)()

    def group(self) -> str:
        """The group in the toolbox."""
        return tr("Imagery search")

    def groupId(self) -> str:
        """The group's name for scripts."""
        return "imagerysearch"

    def icon(self) -> QIcon:
        """The plugin's icon."""
        return QIcon(str(resource("icons/msa_search.svg")))

    def canExecute(self) -> tuple[bool, str]:
        """Whether there is a worker, and the sentence if not."""
        try:
            launch_of(current_settings())
        except WorkerMissing as error:
            return False, error_line(error)
        return True, ""

    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the parameters; a refusal waits, as QGIS tells scripts nothing about what fails here."""
        layers = self._layers
        self._feeder = Feeder(lambda: layers)
        self._job = job = _or_error(lambda: self.job_of(parameters, context))
        if not isinstance(job, MsaError):
            self._far_job = _or_error(lambda: self.far_job(job, context) if self.shares_files else job)
        return True

    def processAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Results:
        """Do the job; a cancelled one has no results.

        Raises:
            QgsProcessingException: a sentence and a remedy.
        """
        try:
            return self._run(Run(parameters, context, feedback))
        except MsaError as error:
            if error.kind == "cancelled" and feedback.isCanceled():
                feedback.pushInfo(error_line(error))
                return {}
            details = error_text(error).details
            if details:
                feedback.pushDebugInfo(details)
            raise QgsProcessingException(error_line(error)) from error
        finally:
            if self._feeder is not None:
                self._feeder.rest()

    def _run(self, run: Run) -> Results:
        """By the files' paths; where the worker turns out not to see them, the layers are drawn for it."""
        try:
            return self.run_job(_done(self._job), run)
        except RasterMissing as error:
            if self._far_job == self._job or not is_unseen(error, self._job):
                raise
        run.feedback.pushInfo(tr("The worker does not see the files: QGIS draws the layers for it."))
        return self.run_job(_done(self._far_job), run)

    def far_job(self, job: Job, context: QgsProcessingContext) -> Job:
        """The job for a worker that does not see this machine's files; raises `MsaError`."""
        return with_sources(job, lambda raster: self._drawn[raster]() if raster in self._drawn else raster)

    @abstractmethod
    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Job:
        """Read layers and values; raises `MsaError`."""

    @abstractmethod
    def run_job(self, job: Job, run: Run) -> Results:
        """Ask the worker; raises `MsaError`."""

    def worker(self, feedback: QgsProcessingFeedback) -> RunWorker:
        """The worker for a run, for which the layers of the job are drawn where they live.

        Raises:
            WorkerMissing: there is none.
        """
        draw = None if self._feeder is None else self._feeder.draw
        return worker_for_run(current_settings(), feedback, draw)

    @property
    def shares_files(self) -> bool:
        """Whether the worker opens this machine's files, by the name of its program."""
        return not looks_remote(launch_of(current_settings()).program)

    def source(
        self, layer: QgsMapLayer, around: Optional[Aoi], gsd_m: float = 0.0, *, bulk: bool = True
    ) -> Source:
        """The layer as the worker reads it, its file or drawn; `gsd_m` 0 leaves the pixel size to the layer.

        Raises:
            MsaError: as `source_of` and, for what reads much, `bulk_source_of` say.
        """
        self._layers.append(layer)
        read = partial(bulk_source_of if bulk else source_of, layer, around, gsd_m or None)
        source = read(self.shares_files)
        if isinstance(source, RasterRef):
            self._drawn[source] = partial(read, False)
        return source

    def scan(
        self,
        layer: QgsMapLayer,
        aoi: Optional[Aoi],
        settings: ScanSettings,
        index: str,
        gsd_m: float = 0.0,
    ) -> ScanRequest:
        """A scan of the layer; an empty `index` leaves the place to the worker. Errors as of `source`."""
        return ScanRequest(self.source(layer, aoi, gsd_m), aoi, settings, index or None)

    def write(
        self,
        run: Run,
        fields: QgsFields,
        kind: QgsWkbTypes.Type,
        crs: QgsCoordinateReferenceSystem,
        rows: Rows,
    ) -> str:
        """Fill the sink OUTPUT and give its destination.

        Raises:
            BadArgument, FileNotOurs: the sink does not take the rows.
        """
        sink, destination = self._sink(run, fields, kind, crs)
        for geometry, attributes in rows:
            feature = QgsFeature(fields)
            feature.setGeometry(geometry)
            feature.setAttributes(attributes)
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise BadArgument(tr("The result cannot be written: {path}").format(path=destination))
        return destination

    def _sink(
        self, run: Run, fields: QgsFields, kind: QgsWkbTypes.Type, crs: QgsCoordinateReferenceSystem
    ) -> tuple[QgsFeatureSink, str]:
        """The sink OUTPUT and its destination.

        Raises:
            FileNotOurs: what is there already is no earlier output.
            BadArgument: there is no such sink.
        """
        told = run.parameters.get("OUTPUT")
        if isinstance(told, QgsProcessingOutputLayerDefinition):
            told = told.sink.valueAsString(run.context.expressionContext(), "")[0]
        if isinstance(told, str) and told:
            check_not_read(told, self._layers_read(run))
            check_table(told, fields.names())
        sink, destination = self.parameterAsSink(run.parameters, "OUTPUT", run.context, fields, kind, crs)
        if sink is None:
            raise BadArgument(str(self.invalidSinkError(run.parameters, "OUTPUT")))
        return sink, str(destination)

    def _layers_read(self, run: Run) -> list[QgsMapLayer]:
        """The vector layers that the run takes."""
        kinds = (QgsProcessingParameterFeatureSource, QgsProcessingParameterVectorLayer)
        names = [told.name() for told in self.parameterDefinitions() if isinstance(told, kinds)]
        found = (self.parameterAsVectorLayer(run.parameters, name, run.context) for name in names)
        return [layer for layer in found if layer is not None]

    def raster(
        self, parameters: Parameters, context: QgsProcessingContext, name: str = "RASTER"
    ) -> QgsRasterLayer:
        """The layer of the parameter RASTER, or of another one.

        Raises:
            BadArgument: there is none.
        """
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None:
            raise BadArgument(tr("There is no such raster layer: {name}").format(name=parameters.get(name)))
        return layer

    def file(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> str:
        """The path of a file or folder parameter, empty where none is given."""
        return absolute(self.parameterAsFile(parameters, name, context))

    def file_output(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> str:
        """The path of a file destination, empty where none is given."""
        return absolute(self.parameterAsFileOutput(parameters, name, context))

    def area(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[Aoi]:
        """The union of the polygons of the parameter AOI.

        Raises:
            AoiInvalid: there is no polygon in it, or it has no CRS.
        """
        source = self.parameterAsSource(parameters, "AOI", context)
        if source is None:
            return None
        if not source.sourceCrs().isValid():
            raise AoiInvalid(tr("The area of interest has no CRS."))
        geometries = (feature.geometry() for feature in source.getFeatures())
        nothing = tr("The area of interest holds no valid polygon.")
        return area_of(geometries, source.sourceCrs(), nothing)


def _or_error(make: Callable[[], Job]) -> Union[Job, MsaError]:
    try:
        return make()
    except MsaError as error:
        return error


def _done(made: Union[Job, MsaError]) -> Job:
    if isinstance(made, MsaError):
        raise made
    return made
