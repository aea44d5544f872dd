"""Algorithm `msa_search:describetile`."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.describing import DescribeRequest
from msa_model.protocol.errors import RasterWithoutCrs
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.describe.describe_words import no_phrase, not_calibrated, told
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.processing.algorithm import (
    MsaAlgorithm,
    Parameters,
    Results,
    Run,
    drawn_gsd,
    raster_parameter,
)
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.match_words import match_text

FIELDS = "phrase:string(0) score:double match:string(0)"


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
        phrases = self.parameterAsFile(parameters, "PHRASES", context) or current_settings().phrase_bank
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
        output = self.write(run, FIELDS, QgsWkbTypes.Type.NoGeometry, nowhere, rows)
        return {"OUTPUT": output, "BEST": phrases[0].phrase if phrases else ""}
