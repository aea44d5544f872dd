"""Algorithm `msa_search:explore`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Optional

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.exploring import GROUPS, MOST_GROUPS, ExploreRequest
from msa_model.protocol.indexes import CoverageRequest
from qgis_msa_plugin.describe.describe_words import not_calibrated
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.map.coverage import group_label, group_title, style_groups
from qgis_msa_plugin.processing.algorithm import Parameters, Results, Run, raster_or_index
from qgis_msa_plugin.processing.index_files import IndexAlgorithm
from qgis_msa_plugin.processing.layer_style import style_on_loading
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr

FIELDS = "id:integer name:string(0) verdict:string(0) tiles:integer area_m2:double"


@dataclass(frozen=True)
class Exploring:
    """Whose index, and into how many groups; phrases name them."""

    asked: CoverageRequest
    groups: int
    phrases: Optional[str]


class ExploreRaster(IndexAlgorithm[Exploring]):
    """Indexed tiles in groups of their like, named and measured."""

    def name(self) -> str:
        """For scripts."""
        return "explore"

    def displayName(self) -> str:
        """For people."""
        return tr("Explore a raster")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Puts the indexed tiles of a raster into groups that look alike: a multipolygon for each, with "
            "its name, how well that matches (verdict: strong, likely, weak, none), tiles and area in square "
            "metres. A group that no phrase fits is called by its number.\n\n"
            "Choose a raster, whose index is found beside it or in the cache folder, or an index file. Tiles "
            "of one scale count, and ground under overlapping tiles once."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        for parameter in raster_or_index():
            self.addParameter(parameter)
        numbers = QgsProcessingParameterNumber.Type
        self.addParameter(
            QgsProcessingParameterNumber(
                "GROUPS", tr("Groups, at most"), numbers.Integer, GROUPS, False, 1, MOST_GROUPS
            )
        )
        self.addParameter(
            QgsProcessingParameterFile("PHRASES", tr("Phrase bank"), extension="csv", optional=True)
        )
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", tr("Groups"), kind))
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Number of groups")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Exploring:
        """Read raster or index, and the number of groups."""
        phrases = self.parameterAsFile(parameters, "PHRASES", context) or current_settings().phrase_bank
        groups = self.parameterAsInt(parameters, "GROUPS", context)
        return Exploring(self.asked_index(parameters, context), groups, phrases or None)

    def run_job(self, job: Exploring, run: Run) -> Results:
        """Find the index, then have it explored."""
        with self.worker(run.feedback) as worker:
            index = job.asked.index or worker.call(methods.COVERAGE, job.asked).index
            request = ExploreRequest((index,), job.groups, job.phrases, interface_language())
            reply = worker.call(methods.EXPLORE, request)
        if not reply.calibrated:
            run.feedback.pushWarning(not_calibrated())
        for group in reply.groups:
            run.feedback.pushInfo(group_label(group))
        rows = [
            (QgsGeometry.fromWkt(g.shape), [g.id, group_title(g), g.verdict, g.tiles, g.area_m2])
            for g in reply.groups
        ]
        polygons = QgsWkbTypes.Type.MultiPolygon
        output = self.write(run, fields_of(FIELDS.split()), polygons, crs_of(reply.crs), rows)
        style_on_loading(run.context, output, partial(style_groups, groups=reply.groups))
        return {"OUTPUT": output, "COUNT": len(reply.groups)}
