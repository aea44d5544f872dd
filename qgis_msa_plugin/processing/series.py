"""Algorithm `msa_search:series`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.changing import SeriesReply, SeriesRequest, points_of
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import DEPTH, SERIES_FIELDS, memory_fields
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.gis.geometry import crs_of, crs_text, polygon_of
from qgis_msa_plugin.gis.hit_form import point_values
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import Parameters, Results, Run, drawn_gsd
from qgis_msa_plugin.processing.dates import (
    DatedRasters,
    DatesAlgorithm,
    date_parameter,
    may_scan_parameter,
    tell_ranked,
)
from qgis_msa_plugin.processing.layer_style import style_hits, style_on_loading
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr


@dataclass(frozen=True)
class SeriesJob:
    """Rasters of many dates, and what is asked of them, but for the indexes."""

    stack: DatedRasters
    request: SeriesRequest


class SeriesAlgorithm(DatesAlgorithm[SeriesJob]):
    """Follow a query over many dates."""

    def name(self) -> str:
        """For scripts."""
        return "series"

    def displayName(self) -> str:
        """For people."""
        return tr("Follow over many dates")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Follows a query over rasters of one place: a score for every tile and date, the first and the "
            "last date above the threshold, how many are above it, and the trend in ten years. With a point, "
            "the tiles whose history is most like that of the place come first.\n\n"
            "The result has a feature for each tile and date, and works with QGIS's temporal controller. "
            "Dates are read from layers, files or names; else list them, separated by commas, in the order "
            "of the rasters."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        kinds, numbers = QgsProcessing.SourceType, QgsProcessingParameterNumber.Type
        k, polygons = current_settings().k, [kinds.TypeVectorPolygon]
        for parameter in (
            QgsProcessingParameterMultipleLayers("RASTERS", tr("Rasters of one place"), kinds.TypeRaster),
            QgsProcessingParameterString("QUERY", tr("Query")),
            QgsProcessingParameterPoint("POINT", tr("Place with a history like those sought"), optional=True),
            QgsProcessingParameterNumber("K", tr("Number of results"), numbers.Integer, k, False, 1, DEPTH),
            QgsProcessingParameterNumber("THRESHOLD", tr("Match score that counts"), numbers.Double, 0.0),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterBoolean("MERGE", tr("Of overlapping tiles, keep only the best"), True),
            may_scan_parameter(),
            drawn_gsd(),
            date_parameter("DATES", tr("Dates, separated by commas")),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Tiles over time"), polygons[0]),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Matching tiles")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> SeriesJob:
        """Read layers, query and area."""
        query, aoi = self.parameterAsString(parameters, "QUERY", context), self.area(parameters, context)
        parse_query(query)
        layers = self._rasters(parameters, context)
        dates = self.parameterAsString(parameters, "DATES", context)
        told = dates.split(",") if dates.strip() else []
        if told and len(told) != len(layers):
            text = tr("{n} dates do not fit {rasters} rasters.")
            raise BadArgument(text.format(n=len(told), rasters=len(layers)))
        stack = self.stack(layers, told, aoi, parameters, context)
        crs = layers[0].crs()
        request = SeriesRequest(
            query=query,
            indexes=(),
            dates=stack.dates,
            k=self.parameterAsInt(parameters, "K", context),
            threshold=self.parameterAsDouble(parameters, "THRESHOLD", context),
            aoi=aoi,
            point=self.point(parameters, context, crs),
            point_crs=crs_text(crs),
            merge=self.parameterAsBoolean(parameters, "MERGE", context),
            language=interface_language(),
        )
        return SeriesJob(stack, request)

    def run_job(self, job: SeriesJob, run: Run) -> Results:
        """Index what is missing, then ask."""
        with self.worker(run.feedback) as worker:
            indexes = job.stack.indexes(worker, run.feedback)
            reply = worker.call(methods.SERIES, replace(job.request, indexes=indexes))
        tell_ranked(reply, run)
        return {"OUTPUT": self._write(reply, run), "COUNT": len(reply.results)}

    def _rasters(self, parameters: Parameters, context: QgsProcessingContext) -> list[QgsRasterLayer]:
        layers = self.parameterAsLayerList(parameters, "RASTERS", context)
        rasters = [layer for layer in layers if isinstance(layer, QgsRasterLayer)]
        if len(rasters) < 2:  # noqa: PLR2004  (a series)
            raise BadArgument(tr("Choose at least two rasters of one place."))
        return rasters

    def _write(self, reply: SeriesReply, run: Run) -> str:
        points = points_of(reply)
        rows = ((polygon_of(point.ring), list(point_values(point, reply.query).values())) for point in points)
        crs = crs_of(reply.results[0].crs if reply.results else "")
        fields = fields_of(memory_fields(SERIES_FIELDS))
        destination = self.write(run, fields, QgsWkbTypes.Type.Polygon, crs, rows)
        style = partial(style_hits, style="results", dates="date")
        style_on_loading(run.context, destination, style, reply.query)
        return destination
