"""Algorithm `msa_search:changehere`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeHereRequest
from qgis_msa_plugin.describe.changed_words import change_sentence
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.processing.algorithm import Parameters, Results, Run, drawn_gsd
from qgis_msa_plugin.processing.dates import DatedRasters, DatesAlgorithm, may_scan_parameter, pair_parameters
from qgis_msa_plugin.translate import interface_language, tr

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
        place = (point.x(), point.y())
        return HereJob(stack, ChangeHereRequest("", "", place, crs_text(crs), k, language))

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
        output = self.write(run, FIELDS, QgsWkbTypes.Type.NoGeometry, nowhere, rows)
        return {"OUTPUT": output, "SENTENCE": sentence, "CHANGE": reply.change}
