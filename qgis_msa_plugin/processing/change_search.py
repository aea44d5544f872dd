"""Algorithms about dates: `msa_search:changesearch`, `msa_search:changehere` and `msa_search:series`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
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
from msa_model.protocol.changing import (
    ChangeHereRequest,
    ChangeReply,
    ChangeRequest,
    SeriesReply,
    SeriesRequest,
    points_of,
)
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import CHANGE_FIELDS, DEPTH, SERIES_FIELDS, hit_values, memory_fields
from msa_model.protocol.query import parse_change, parse_query
from qgis_msa_plugin.describe.describe_words import change_sentence
from qgis_msa_plugin.gis.geometry import crs_of, crs_text, polygon_of
from qgis_msa_plugin.gis.hit_form import point_values
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import Parameters, Results, Run
from qgis_msa_plugin.processing.dates import (
    DatedRasters,
    DatesAlgorithm,
    date_parameter,
    may_scan_parameter,
    pair_parameters,
    tell_ranked,
)
from qgis_msa_plugin.processing.layer_style import style_hits, style_on_loading
from qgis_msa_plugin.processing.parameters import drawn_gsd
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr


@dataclass(frozen=True)
class ChangeJob:
    """Two dates, and what is asked of them, but for the indexes."""

    stack: DatedRasters
    request: ChangeRequest


class ChangeSearch(DatesAlgorithm[ChangeJob]):
    """Rank the tiles of two dates by how far they changed in a way."""

    def name(self) -> str:
        """For scripts."""
        return "changesearch"

    def displayName(self) -> str:
        """For people."""
        return tr("Search for changes")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Finds what changed between two rasters of one place. Questions read 'appeared: houses', "
            "'vanished: trees', 'bare land -> houses', 'changed', or 'like this change' with a point where "
            "such a change lies.\n\n"
            "What the indexes lack is indexed first, unless you switch that off; a raster of other pixels is "
            "read on those of the first. Dates are read from layer, file or name where none are given.\n\n"
            "The result holds the places that changed most, with both dates, scores and phrases. 'change' is "
            "below 0 where unchanged ground seems to change as far, and stands out from 1 on."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        k, number = current_settings().k, QgsProcessingParameterNumber.Type.Integer
        for parameter in (
            *pair_parameters(),
            QgsProcessingParameterString("QUERY", tr("What changed, for example 'appeared: houses'")),
            QgsProcessingParameterPoint("POINT", tr("Place of a change like those sought"), optional=True),
            QgsProcessingParameterNumber("K", tr("Number of results"), number, k, False, 1, DEPTH),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterBoolean("MERGE", tr("Of overlapping tiles, keep only the best"), True),
            may_scan_parameter(),
            drawn_gsd(),
            date_parameter("DATE_BEFORE", tr("Date before")),
            date_parameter("DATE_AFTER", tr("Date after")),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Changed tiles"), polygons[0]),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Changed tiles")))
        self.addOutput(QgsProcessingOutputString("VERDICT", tr("Verdict (good, doubtful or nothing)")))
        self.addOutput(QgsProcessingOutputNumber("BEST_SCORE", tr("Change of the best tiles")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> ChangeJob:
        """Read layers, question and area."""
        query = self.parameterAsString(parameters, "QUERY", context).strip()
        parse_change(query)
        layers, aoi = self.pair(parameters, context), self.area(parameters, context)
        dates = [self.parameterAsString(parameters, name, context) for name in ("DATE_BEFORE", "DATE_AFTER")]
        stack = self.stack(layers, dates, aoi, parameters, context)
        crs = layers[0].crs()
        request = ChangeRequest(
            query=query,
            before="",
            after="",
            k=self.parameterAsInt(parameters, "K", context),
            aoi=aoi,
            date_before=stack.dates[0],
            date_after=stack.dates[1],
            point=self.point(parameters, context, crs),
            point_crs=crs_text(crs),
            merge=self.parameterAsBoolean(parameters, "MERGE", context),
            language=interface_language(),
        )
        return ChangeJob(stack, request)

    def run_job(self, job: ChangeJob, run: Run) -> Results:
        """Index what is missing, then ask."""
        with self.worker(run.feedback) as worker:
            before, after = job.stack.indexes(worker, run.feedback)
            reply = worker.call(methods.CHANGE, replace(job.request, before=before, after=after))
        tell_ranked(reply, run)
        output = self._write(reply, run)
        return {
            "OUTPUT": output,
            "COUNT": len(reply.results),
            "VERDICT": reply.verdict.level,
            "BEST_SCORE": reply.verdict.best_score,
        }

    def _write(self, reply: ChangeReply, run: Run) -> str:
        rows = (
            (polygon_of(hit.ring), list(hit_values(hit, reply.query, CHANGE_FIELDS).values()))
            for hit in reply.results
        )
        crs, fields = crs_of(reply.indexes[0].crs), fields_of(memory_fields(CHANGE_FIELDS))
        destination = self.write(run, fields, QgsWkbTypes.Type.Polygon, crs, rows)
        style_on_loading(run.context, destination, partial(style_hits, style="results"), reply.query)
        return destination


FIELDS = "phrase:string(0) way:string(0) score:double"


@dataclass(frozen=True)
class HereJob:
    """Two dates and a place, but for the indexes."""

    stack: DatedRasters
    request: ChangeHereRequest


class ChangeHere(DatesAlgorithm[HereJob]):
    """What changed at a place, in phrases."""

    def name(self) -> str:
        """For scripts."""
        return "changehere"

    def displayName(self) -> str:
        """For people."""
        return tr("What changed here")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Looks at a place in two rasters and lists the phrases of the phrase bank that gained there and "
            "those that lost, with a sentence made of them. 'score' is how much a phrase's fit grew or fell, "
            "in deviations of unchanged ground."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        number = QgsProcessingParameterNumber.Type.Integer
        for parameter in (
            *pair_parameters(),
            QgsProcessingParameterPoint("POINT", tr("Point")),
            QgsProcessingParameterNumber("K", tr("Number of phrases"), number, 5, False, 1, 1000),
            may_scan_parameter(),
            drawn_gsd(),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Phrases"), QgsProcessing.SourceType.TypeVector),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString("SENTENCE", tr("What changed")))
        self.addOutput(QgsProcessingOutputNumber("CHANGE", tr("Change")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> HereJob:
        """Read layers and point."""
        layers = self.pair(parameters, context)
        crs = layers[0].crs()
        point = self.parameterAsPoint(parameters, "POINT", context, crs)
        stack = self.stack(layers, (), None, parameters, context)
        k, language = self.parameterAsInt(parameters, "K", context), interface_language()
        where = (point.x(), point.y())
        return HereJob(stack, ChangeHereRequest("", "", where, crs_text(crs), k, language))

    def run_job(self, job: HereJob, run: Run) -> Results:
        """Index what is missing, then ask."""
        with self.worker(run.feedback) as worker:
            before, after = job.stack.indexes(worker, run.feedback)
            reply = worker.call(methods.CHANGE_HERE, replace(job.request, before=before, after=after))
        sentence = change_sentence(reply)
        run.feedback.pushInfo(sentence)
        ways = (("gained", reply.gained), ("lost", reply.lost))
        rows = (
            (QgsGeometry(), [phrase.phrase, way, phrase.score]) for way, phrases in ways for phrase in phrases
        )
        nowhere = QgsCoordinateReferenceSystem()
        output = self.write(run, fields_of(FIELDS.split()), QgsWkbTypes.Type.NoGeometry, nowhere, rows)
        return {"OUTPUT": output, "SENTENCE": sentence, "CHANGE": reply.change}


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
