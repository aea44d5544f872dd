"""Algorithm `msa_search:searchtext`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
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
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexStale
from msa_model.protocol.messages import Aoi, ScanRequest, SearchReply, SearchRequest
from qgis_msa_plugin.layers.geometry import crs_of, polygon_of
from qgis_msa_plugin.layers.raster_source import raster_ref
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.scanning import plan_scan, run_scan
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.blocking import BlockingWorker

FIELDS = "rank:integer score:double scale_m:double query:string(0) source:string(0)"


@dataclass(frozen=True)
class Search:
    """A query over an index that exists (`scan` is None), or over that of a raster; `crs` is the raster's."""

    query: str
    k: int
    aoi: Optional[Aoi]
    index: str
    scan: Optional[ScanRequest]
    may_scan: bool
    crs: QgsCoordinateReferenceSystem


class SearchText(MsaAlgorithm[Search]):
    """Rank the tiles of a raster by how well a text describes them."""

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

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Search:
        """Read query, raster or index, and area."""
        aoi = self.area(parameters, context)
        index = self.parameterAsFile(parameters, "INDEX", context)
        scan, crs = None, QgsCoordinateReferenceSystem()
        if parameters.get("RASTER") not in (None, ""):
            layer = self.raster(parameters, context)
            scan, crs = (
                ScanRequest(raster_ref(layer), aoi, current_settings().scan(), index or None),
                layer.crs(),
            )
        elif not index:
            raise BadArgument(tr("Choose a raster or an index file."))
        return Search(
            query=self.parameterAsString(parameters, "QUERY", context),
            k=self.parameterAsInt(parameters, "K", context),
            aoi=aoi,
            index=index,
            scan=scan,
            may_scan=self.parameterAsBoolean(parameters, "SCAN", context),
            crs=crs,
        )

    def run_job(self, job: Search, run: Run) -> Results:
        """Index what is missing, then search."""
        with BlockingWorker(current_settings(), run.feedback) as worker:
            index = job.index if job.scan is None else _scanned(worker, job, job.scan, run.feedback)
            request = SearchRequest(job.query, (index,), job.k, job.aoi)
            reply = worker.call(rpc.SEARCH, request, SearchReply)
        text = tr("{count} of {tiles} tiles, ranked in {ms:.0f} ms.")
        count = len(reply.results)
        run.feedback.pushInfo(text.format(count=count, tiles=reply.tiles, ms=reply.timings.rank_ms))
        return {"OUTPUT": self._write(reply, job.crs, run), "COUNT": count}

    def _write(self, reply: SearchReply, crs: QgsCoordinateReferenceSystem, run: Run) -> str:
        rows = (
            (polygon_of(hit.ring), [hit.rank, hit.score, hit.scale_m, reply.query, hit.source])
            for hit in reply.results
        )
        crs = crs_of(reply.results[0].crs) if reply.results else crs
        destination = self.write(run, FIELDS, QgsWkbTypes.Type.Polygon, crs, rows)
        if run.context.willLoadLayerOnCompletion(destination):
            details = run.context.layerToLoadOnCompletionDetails(destination)
            details.name = reply.query
            details.setPostProcessor(_STYLE)
        return destination


def _scanned(worker: BlockingWorker, job: Search, scan: ScanRequest, feedback: QgsProcessingFeedback) -> str:
    plan = plan_scan(worker, scan, feedback)
    if not plan.missing:
        return plan.index
    if job.may_scan:
        _check_query(worker, SearchRequest(job.query, (plan.index,), job.k))
        return run_scan(worker, scan, feedback).index
    if plan.missing == plan.tiles:
        raise IndexMissing(tr("'{path}' has no index yet.").format(path=scan.raster.path))
    feedback.pushWarning(tr("Only the tiles that are indexed are searched."))
    return plan.index


def _check_query(worker: BlockingWorker, request: SearchRequest) -> None:
    """Ask what is indexed so far: a query that the model refuses must not cost a scan first."""
    with contextlib.suppress(IndexMissing, IndexStale):
        worker.call(rpc.SEARCH, request, SearchReply)


class ResultStyle(QgsProcessingLayerPostProcessorInterface):
    """Gives a result layer the look that the dock's results have."""

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Load the style."""
        layer.loadNamedStyle(str(resource("styles/results.qml")))


# QGIS keeps no reference to a post-processor.
_STYLE = ResultStyle()
