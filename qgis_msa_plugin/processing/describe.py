"""Algorithms that describe: `msa_search:describetile` and `msa_search:describefeatures`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingUtils,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.describing import AreaDescription, DescribeManyRequest, DescribeRequest
from msa_model.protocol.errors import AoiInvalid, BadArgument, RasterWithoutCrs
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.describe.describe_words import no_phrase, not_calibrated, told
from qgis_msa_plugin.describe.many import portions, sendable
from qgis_msa_plugin.gis.geometry import aoi_of, area_text, crs_text
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.parameters import advanced, drawn_gsd, raster_parameter
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.match_words import match_text

PHRASE_FIELDS = "phrase:string(0) score:double match:string(0)"


class DescribeTile(MsaAlgorithm[DescribeRequest]):
    """The phrases that fit a place best."""

    def name(self) -> str:
        """For scripts."""
        return "describetile"

    def displayName(self) -> str:
        """For people."""
        return tr("Describe tile")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Looks at one tile of a raster, centred on a point, and lists the phrases of a phrase bank that "
            "fit it best.\n\n"
            "Tile side: metres on the ground; 0 lets the pixel size decide. Phrase bank: a CSV file "
            "with a 'phrase' column; empty means the shipped one or that of the options. Of one category "
            "the best phrase is listed; 'match' says how well it fits: strong, likely, weak, none. The best "
            "phrase is empty where none matches at least likely. From each score the phrase's mean over "
            "many images is taken off, else some phrases would fit everywhere."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        numbers = QgsProcessingParameterNumber.Type
        for parameter in (
            raster_parameter(),
            QgsProcessingParameterPoint("POINT", tr("Point")),
            QgsProcessingParameterNumber("SCALE", tr("Tile side (m)"), numbers.Double, 0.0, True, 0.0),
            QgsProcessingParameterFile("PHRASES", tr("Phrase bank"), extension="csv", optional=True),
            QgsProcessingParameterNumber("K", tr("Number of phrases"), numbers.Integer, 10, False, 1, 1000),
            drawn_gsd(),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Phrases"), QgsProcessing.SourceType.TypeVector),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString("BEST", tr("Best phrase")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> DescribeRequest:
        """Read layer and point."""
        layer = self.raster(parameters, context)
        crs = layer.crs()
        if not crs.isValid():
            raise RasterWithoutCrs(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
        point = self.parameterAsPoint(parameters, "POINT", context, crs)
        phrases = self.file(parameters, "PHRASES", context) or current_settings().phrase_bank
        around = Aoi(f"POINT ({point.x()} {point.y()})", crs_text(crs))
        gsd_m = self.parameterAsDouble(parameters, "GSD", context)
        return DescribeRequest(
            raster=self.source(layer, around, gsd_m, bulk=False),
            crs=crs_text(crs),
            point=(point.x(), point.y()),
            scale_m=self.parameterAsDouble(parameters, "SCALE", context) or None,
            phrases=phrases or None,
            k=self.parameterAsInt(parameters, "K", context),
            language=interface_language(),
        )

    def run_job(self, job: DescribeRequest, run: Run) -> Results:
        """Ask for the phrases."""
        with self.worker(run.feedback) as worker:
            reply = worker.call(methods.DESCRIBE, job)
        phrases = told(reply.phrases, reply.calibrated)
        if not reply.calibrated:
            run.feedback.pushWarning(not_calibrated())
        for phrase in phrases:
            run.feedback.pushInfo(f"{phrase.phrase} ({match_text(phrase.match)})")
        if not phrases:
            run.feedback.pushInfo(no_phrase())
        rows = ((QgsGeometry(), [phrase.phrase, phrase.score, phrase.match]) for phrase in reply.phrases)
        nowhere = QgsCoordinateReferenceSystem()
        output = self.write(run, fields_of(PHRASE_FIELDS.split()), QgsWkbTypes.Type.NoGeometry, nowhere, rows)
        return {"OUTPUT": output, "BEST": phrases[0].phrase if phrases else ""}


FIELDS = (
    "phrase:string(0) phrase_score:double match:string(0) "
    "phrases:string(0) keywords:string(0) windows:integer"
)
_PROBLEMS_TOLD = 20


@dataclass(frozen=True)
class Features:
    """The features, and what to ask about them."""

    request: DescribeManyRequest
    features: tuple[QgsFeature, ...]
    fields: QgsFields
    kind: QgsWkbTypes.Type
    crs: QgsCoordinateReferenceSystem


class DescribeFeatures(MsaAlgorithm[Features]):
    """Phrases and keywords for each feature of a layer, as fields."""

    def name(self) -> str:
        """For scripts."""
        return "describefeatures"

    def displayName(self) -> str:
        """For people."""
        return tr("Describe features")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Looks at a raster where the features of a layer are, and writes what fits best into new "
            "fields: phrase (the best one), phrase_score (cosine less the phrase's mean over many images), "
            "match (strong, likely, weak, none), phrases (the best few), keywords, and windows (how many "
            "were looked at; polygons are seen through several, points through one).\n\n"
            "Tile side: metres on the ground; 0 lets the size of each polygon decide. Phrase bank: a "
            "CSV file with a 'phrase' column; empty means that of the options, or the shipped one. Where no "
            "phrase matches at least likely, phrase and phrases stay empty. Features beside the raster, on "
            "pixels without data or without a valid geometry keep empty fields; the log says why."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        numbers = QgsProcessingParameterNumber.Type
        kinds = [QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVectorPoint]
        for parameter in (
            raster_parameter(),
            QgsProcessingParameterFeatureSource("FEATURES", tr("Features to describe"), kinds),
            QgsProcessingParameterNumber("SCALE", tr("Tile side (m)"), numbers.Double, 0.0, True, 0.0),
            QgsProcessingParameterFile("PHRASES", tr("Phrase bank"), extension="csv", optional=True),
            QgsProcessingParameterNumber("K", tr("Number of phrases"), numbers.Integer, 3, False, 1, 100),
            advanced(
                QgsProcessingParameterNumber(
                    "WINDOWS", tr("Tiles of a polygon, at most"), numbers.Integer, 9, False, 1, 64
                )
            ),
            drawn_gsd(),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Described features")),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Described features")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Features:
        """Read raster and features."""
        source = self.parameterAsSource(parameters, "FEATURES", context)
        if source is None:
            raise BadArgument(str(self.invalidSourceError(parameters, "FEATURES")))
        if not source.sourceCrs().isValid():
            raise AoiInvalid(tr("The layer of features has no CRS."))
        features = tuple(source.getFeatures())
        around = aoi_of(QgsGeometry.fromRect(source.sourceExtent()), source.sourceCrs())
        phrases = self.file(parameters, "PHRASES", context) or current_settings().phrase_bank
        gsd_m = self.parameterAsDouble(parameters, "GSD", context)
        request = DescribeManyRequest(
            raster=self.source(self.raster(parameters, context), around, gsd_m),
            areas=tuple(sendable(area_text(feature.geometry())) for feature in features),
            crs=crs_text(source.sourceCrs()),
            scale_m=self.parameterAsDouble(parameters, "SCALE", context) or None,
            phrases=phrases or None,
            k=self.parameterAsInt(parameters, "K", context),
            language=interface_language(),
            windows=self.parameterAsInt(parameters, "WINDOWS", context),
        )
        return Features(request, features, source.fields(), source.wkbType(), source.sourceCrs())

    def run_job(self, job: Features, run: Run) -> Results:
        """Ask for the descriptions and write the features with them."""
        found: list[AreaDescription] = []
        calibrated = True
        parts = list(portions(job.request.areas, job.request.k))
        feedback = QgsProcessingMultiStepFeedback(len(parts), run.feedback)
        with self.worker(feedback) as worker:
            for number, areas in enumerate(parts):
                feedback.setCurrentStep(number)
                request = replace(job.request, areas=tuple(areas))
                reply = worker.call(methods.DESCRIBE_MANY, request)
                calibrated = reply.calibrated
                found += reply.descriptions
        _say_problems(job, found, run.feedback)
        _say_silence(found, calibrated, run.feedback)
        count = sum(1 for description in found if description.phrases)
        return {"OUTPUT": self._write(job, found, calibrated, run), "COUNT": count}

    def _write(self, job: Features, found: Sequence[AreaDescription], calibrated: bool, run: Run) -> str:
        fields = QgsProcessingUtils.combineFields(job.fields, fields_of(FIELDS.split()))
        rows = (
            (feature.geometry(), [*feature.attributes(), *attributes_of(description, calibrated)])
            for feature, description in zip(job.features, found)
        )
        return self.write(run, fields, job.kind, job.crs, rows)


def attributes_of(description: AreaDescription, calibrated: bool = True) -> list[object]:
    """The values of `FIELDS`: phrases only where they match, and how well the best one does."""
    if not description.phrases:
        return [None] * len(FIELDS.split())
    best, phrases = description.phrases[0], told(description.phrases, calibrated)
    return [
        best.phrase if phrases else None,
        best.score if phrases else None,
        best.match,
        "; ".join(phrase.phrase for phrase in phrases) or None,
        "; ".join(keyword.word for keyword in description.keywords) or None,
        description.windows,
    ]


def _say_problems(job: Features, found: Sequence[AreaDescription], feedback: QgsProcessingFeedback) -> None:
    problems = [
        (feature.id(), description.problem)
        for feature, description in zip(job.features, found)
        if description.problem
    ]
    for number, problem in problems[:_PROBLEMS_TOLD]:
        feedback.pushWarning(tr("Feature {id}: {problem}").format(id=number, problem=problem))
    if len(problems) > _PROBLEMS_TOLD:
        more = tr("{count} more features could not be described.")
        feedback.pushWarning(more.format(count=len(problems) - _PROBLEMS_TOLD))


def _say_silence(found: Sequence[AreaDescription], calibrated: bool, feedback: QgsProcessingFeedback) -> None:
    silent = sum(1 for one in found if one.phrases and not told(one.phrases, calibrated))
    if not calibrated:
        feedback.pushWarning(not_calibrated())
    if silent:
        feedback.pushInfo(tr("Features that no phrase fits: {n}.").format(n=silent))
