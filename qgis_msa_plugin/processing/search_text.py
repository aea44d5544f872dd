"""Algorithm `msa_search:searchtext`."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsVectorLayer,
    QgsWkbTypes,
)

from msa_model.protocol import rpc
from msa_model.protocol.errors import BadArgument, IndexMissing
from msa_model.protocol.messages import Aoi, ScanRequest, SearchReply, SearchRequest
from qgis_msa_plugin.layers.geometry import crs_of, polygon_of
from qgis_msa_plugin.layers.raster_source import raster_ref
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, fields_of
from qgis_msa_plugin.processing.scanning import plan_scan, run_scan
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.blocking import BlockingWorker

FIELDS = "rank:integer score:double scale_m:double query:string(0) source:string(0)"


class SearchText(MsaAlgorithm):
    """Rank the tiles of a raster by how well a text describes them."""

    def __init__(self) -> None:
        super().__init__()
        self._query = ""
        self._k = 0
        self._aoi: Optional[Aoi] = None
        self._scan: Optional[ScanRequest] = None
        self._index: Optional[str] = None
        self._crs = QgsCoordinateReferenceSystem()

    def name(self) -> str:
        """For scripts."""
        return "searchtext"

    def displayName(self) -> str:
        """For people."""
        return tr("Search by text")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Finds the tiles of a raster that fit a description best, for example: a bridge over a wide "
            "river.\n\n"
            "Choose a raster; what its index lacks is indexed first, unless you switch that off. Or "
            "choose an index file that exists, without its raster.\n\n"
            "The result holds one polygon per tile with its rank, score (cosine, only comparable within "
            "one query), side in metres, query and source. The model reads English."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        whole = QgsProcessingParameterNumber.Type.Integer
        for parameter in (
            QgsProcessingParameterRasterLayer("RASTER", tr("Raster"), optional=True),
            QgsProcessingParameterFile("INDEX", tr("Index file"), extension="gpkg", optional=True),
            QgsProcessingParameterString("QUERY", tr("What to find")),
            QgsProcessingParameterNumber(
                "K", tr("Number of results"), whole, current_settings().k, False, 1, 10_000
            ),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterBoolean("SCAN", tr("Index first what is not indexed yet"), True),
            QgsProcessingParameterFeatureSink(
                "OUTPUT", tr("Matching tiles"), QgsProcessing.SourceType.TypeVectorPolygon
            ),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Matching tiles")))

    def prepare(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Read query, raster or index, and area."""
        self._query = self.parameterAsString(parameters, "QUERY", context)
        self._k = self.parameterAsInt(parameters, "K", context)
        self._aoi = self.area(parameters, context)
        self._index = self.parameterAsFile(parameters, "INDEX", context) or None
        if parameters.get("RASTER") not in (None, ""):
            layer = self.raster(parameters, context)
            self._crs = layer.crs()
            self._scan = ScanRequest(raster_ref(layer), self._aoi, current_settings().scan(), self._index)
        elif self._index is None:
            raise BadArgument(tr("Choose a raster or an index file."))

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Results:
        """Index what is missing, then search."""
        with BlockingWorker(current_settings(), feedback) as worker:
            may_scan = self.parameterAsBoolean(parameters, "SCAN", context)
            index = self._index_of(worker, may_scan, feedback) if self._scan else self._index
            request = SearchRequest(self._query, (index,), self._k, self._aoi)
            reply = worker.call(rpc.SEARCH, request, SearchReply)
        text = tr("{count} of {tiles} tiles, ranked in {ms:.0f} ms.")
        feedback.pushInfo(text.format(count=len(reply.results), tiles=reply.tiles, ms=reply.timings.rank_ms))
        return {"OUTPUT": self._write(reply, parameters, context), "COUNT": len(reply.results)}

    def _index_of(self, worker: BlockingWorker, may_scan: bool, feedback: QgsProcessingFeedback) -> str:
        plan = plan_scan(worker, self._scan, feedback)
        if not plan.missing:
            return plan.index
        if may_scan:
            return run_scan(worker, self._scan, feedback).index
        if plan.missing == plan.tiles:
            raise IndexMissing(tr("'{path}' has no index yet.").format(path=self._scan.raster.path))
        feedback.pushWarning(tr("Only the tiles that are indexed are searched."))
        return plan.index

    def _write(self, reply: SearchReply, parameters: Parameters, context: QgsProcessingContext) -> str:
        crs = crs_of(reply.results[0].crs) if reply.results else self._crs
        fields = fields_of(FIELDS)
        polygon = QgsWkbTypes.Type.Polygon
        sink, destination = self.parameterAsSink(parameters, "OUTPUT", context, fields, polygon, crs)
        for hit in reply.results:
            feature = QgsFeature(fields)
            feature.setGeometry(polygon_of(hit.ring))
            feature.setAttributes([hit.rank, hit.score, hit.scale_m, reply.query, hit.source])
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise BadArgument(tr("The result cannot be written: {path}").format(path=destination))
        if context.willLoadLayerOnCompletion(destination):
            details = context.layerToLoadOnCompletionDetails(destination)
            details.name = reply.query
            details.setPostProcessor(_STYLE)
        return str(destination)


class ResultStyle(QgsProcessingLayerPostProcessorInterface):
    """Gives a result layer the look that the dock's results have."""

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Load the style."""
        layer.loadNamedStyle(str(resource("styles/results.qml")))


# QGIS keeps no reference to a post-processor.
_STYLE = ResultStyle()
