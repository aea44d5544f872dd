"""Algorithm `msa_search:batchscan`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsProject,
    QgsRasterLayer,
)

from msa_model.protocol import methods
from msa_model.protocol.batch import BatchRaster, BatchRequest, WatchedQuery
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import ScanSettings
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.batch.costs import cost_details
from qgis_msa_plugin.batch.remote import (
    for_worker_elsewhere,
    is_written,
    keep_results,
    sendable,
    with_results_sent,
)
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.layer_style import style_hits, style_on_loading
from qgis_msa_plugin.processing.parameters import absolute, advanced, drawn_gsd, overlap_parameter, scales_of
from qgis_msa_plugin.render.style import map_style
from qgis_msa_plugin.settings import current_settings, scales_text
from qgis_msa_plugin.translate import tr

_SUFFIX = ".gpkg"


class BatchScan(MsaAlgorithm[BatchRequest]):
    """Answer many queries over many rasters, each raster encoded once."""

    def name(self) -> str:
        """For scripts."""
        return "batchscan"

    def displayName(self) -> str:
        """For people."""
        return tr("Batch scan")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Looks for many things in many rasters in one go. Each raster is indexed once, where it is not "
            "yet, and then asked every query.\n\n"
            "Queries: one a line, in the same grammar as 'Search by text'. Watch-list: a CSV file with a "
            "'query' column, and perhaps 'name' and 'min_score' (least match score), or a .txt file with "
            "a query a line.\n\n"
            "Least match score: 0 keeps tiles that stand out as the best tiles of background phrases do on "
            "the same raster; for common things -1 is a good start. Empty keeps the best tiles, whatever "
            "they show.\n\n"
            "Results go to a GeoPackage as they come: the layer 'hits', and the tables 'summary' (a row "
            "per query and raster with count, area and verdict) and 'rasters'. A run that was cancelled, "
            "or that ended with the machine, goes on where it stopped when it is started again with the "
            "same result file. A raster that fails stops no other.\n\n"
            "Report: one HTML page with counts, areas, thumbnails and an outline map per query and raster."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        for parameter in (*_asked_for(), *_tiling(), *_files()):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("HITS", tr("Hits")))
        self.addOutput(QgsProcessingOutputNumber("ENCODED", tr("Tiles encoded by this run")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Rasters that failed")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> BatchRequest:
        """Read layers, queries and area."""
        layers = self.parameterAsLayerList(parameters, "RASTERS", context)
        aoi = self.area(parameters, context)
        if aoi is not None:
            aoi = replace(aoi, centres=self.parameterAsBoolean(parameters, "CENTRES", context))
        gsd_m = self.parameterAsDouble(parameters, "GSD", context)
        shown = (layer for layer in layers if isinstance(layer, QgsRasterLayer))
        rasters = tuple(self.source(layer, aoi, gsd_m) for layer in shown)
        if not rasters:
            raise BadArgument(tr("Choose at least one raster layer."))
        request = BatchRequest(
            rasters=rasters,
            out=self._out(parameters, context),
            queries=self._queries(parameters, context),
            watch_list=self.file(parameters, "WATCH_LIST", context) or None,
            report=self.file_output(parameters, "REPORT", context) or None,
            aoi=aoi,
            settings=self._settings(parameters, context),
            k=self.parameterAsInt(parameters, "K", context),
            merge=self.parameterAsBoolean(parameters, "MERGE", context),
            styles=tuple(look for look in map(map_style, layers) if look is not None),
            min_score=self._least(parameters, context),
        )
        return sendable(request, context.project() or QgsProject.instance(), self.shares_files)

    def far_job(self, job: BatchRequest, context: QgsProcessingContext) -> BatchRequest:
        """Without paths, and with results that are sent."""
        drawn = super().far_job(job, context)
        return for_worker_elsewhere(drawn, context.project() or QgsProject.instance())

    def _settings(self, parameters: Parameters, context: QgsProcessingContext) -> ScanSettings:
        scales_m = scales_of(self.parameterAsString(parameters, "SCALES", context))
        return ScanSettings(scales_m, self.parameterAsDouble(parameters, "OVERLAP", context))

    def _out(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        out = absolute(self.parameterAsOutputLayer(parameters, "OUTPUT", context))
        if not out.lower().endswith(_SUFFIX):
            raise BadArgument(
                tr("Batch results go to a GeoPackage: {path} must end in .gpkg.").format(path=out)
            )
        return out

    def run_job(self, job: BatchRequest, run: Run) -> Results:
        """Have the worker do all of it."""
        with self.worker(run.feedback) as worker:
            run.feedback.pushInfo(cost_details(worker.call(methods.BATCH_PLAN, job)))
            summary, sent = worker.call_for_bytes(methods.BATCH, job)
            if not (job.sent or is_written(job)):
                job = with_results_sent(job)
                summary, sent = worker.call_for_bytes(methods.BATCH, job)
        if job.sent:
            keep_results(job, summary, sent)
        failed = [raster for raster in summary.rasters if raster.error]
        for raster in summary.rasters:
            _say(raster, run.feedback)
        text = tr("{hits} hits for {queries} queries in {rasters} rasters.")
        run.feedback.pushInfo(
            text.format(hits=summary.hits, queries=summary.queries, rasters=len(summary.rasters))
        )
        style = partial(style_hits, style="batch_hits")
        style_on_loading(run.context, job.out, style, tr("Batch scan"))
        return {
            "OUTPUT": job.out,
            "REPORT": summary.report,
            "HITS": summary.hits,
            "ENCODED": sum(raster.encoded for raster in summary.rasters),
            "FAILED": len(failed),
        }

    def _least(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[float]:
        """None where it is empty: the best tiles count then, whatever they show."""
        if parameters.get("MIN_SCORE") in (None, ""):
            return None
        return float(self.parameterAsDouble(parameters, "MIN_SCORE", context))

    def _queries(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[WatchedQuery, ...]:
        """The lines; one that breaks the grammar is refused before the worker starts."""
        # qgis_process hands over what was typed: a shell's \n stays two characters
        text = self.parameterAsString(parameters, "QUERIES", context).replace("\\n", "\n")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for line in lines:
            parse_query(line)
        return tuple(WatchedQuery(line) for line in dict.fromkeys(lines))


def _say(raster: BatchRaster, feedback: QgsProcessingFeedback) -> None:
    if raster.error:
        feedback.reportError(raster.sentence)
        return
    text = tr("{path}: {hits} hits; {encoded} of {tiles} tiles encoded")
    feedback.pushInfo(
        text.format(path=raster.path, hits=raster.hits, encoded=raster.encoded, tiles=raster.tiles)
    )


def _asked_for() -> list[QgsProcessingParameterDefinition]:
    """Rasters, queries, area, and which hits count."""
    polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
    numbers = QgsProcessingParameterNumber.Type
    return [
        QgsProcessingParameterMultipleLayers("RASTERS", tr("Rasters"), QgsProcessing.SourceType.TypeRaster),
        QgsProcessingParameterString("QUERIES", tr("Queries"), multiLine=True, optional=True),
        QgsProcessingParameterFile("WATCH_LIST", tr("Watch-list"), optional=True),
        QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
        QgsProcessingParameterBoolean(
            "CENTRES", tr("Only tiles whose centre lies inside the area"), defaultValue=False
        ),
        QgsProcessingParameterNumber(
            "K", tr("Most hits per query and raster"), numbers.Integer, 100, False, 1, 10_000
        ),
        QgsProcessingParameterNumber("MIN_SCORE", tr("Least match score"), numbers.Double, optional=True),
        QgsProcessingParameterBoolean("MERGE", tr("Of overlapping tiles, keep only the best"), True),
    ]


def _tiling() -> list[QgsProcessingParameterDefinition]:
    sides = scales_text(current_settings().scales_m)
    return [
        advanced(QgsProcessingParameterString("SCALES", tr("Tile sides (m)"), sides, optional=True)),
        overlap_parameter(),
        drawn_gsd(),
    ]


def _files() -> list[QgsProcessingParameterDefinition]:
    return [
        QgsProcessingParameterVectorDestination(
            "OUTPUT", tr("Results (GeoPackage)"), QgsProcessing.SourceType.TypeVectorPolygon
        ),
        QgsProcessingParameterFileDestination(
            "REPORT", tr("Report"), tr("HTML page (*.html)"), optional=True, createByDefault=False
        ),
    ]
