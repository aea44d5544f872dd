"""Algorithms about two dates: `msa_search:changesearch` and `msa_search:changehere`."""

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
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeHereRequest, ChangeReply, ChangeRequest
from msa_model.protocol.hit_filter import CHANGE_FIELDS, DEPTH, hit_values, memory_fields
from msa_model.protocol.query import parse_change
from qgis_msa_plugin.describe.describe_words import change_sentence
from qgis_msa_plugin.gis.geometry import crs_of, crs_text, polygon_of
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import Parameters, Results, Run, drawn_gsd
from qgis_msa_plugin.processing.dates import (
    DatedRasters,
    DatesAlgorithm,
    date_parameter,
    may_scan_parameter,
    pair_parameters,
    tell_ranked,
)
from qgis_msa_plugin.processing.layer_style import style_hits, style_on_loading
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
        self.addOutput(QgsProcessingOutputNumber("STANDING", tr("Change of the best tiles")))

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
            "STANDING": reply.verdict.standing,
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
