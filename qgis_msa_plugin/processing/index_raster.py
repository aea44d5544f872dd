"""Algorithms about one raster: `msa_search:indexraster` and `msa_search:explore`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Optional

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.indexes import CoverageRequest
from msa_model.protocol.messages import Aoi, ScanRequest, ScanSettings
from msa_model.protocol.tile_groups import GROUPS, MOST_GROUPS, ExploreRequest
from qgis_msa_plugin.describe.describe_words import not_calibrated
from qgis_msa_plugin.gis.geometry import aoi_of, crs_of
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.map.coverage import group_label, group_title, style_groups
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.index_files import IndexAlgorithm
from qgis_msa_plugin.processing.layer_style import style_on_loading
from qgis_msa_plugin.processing.parameters import (
    drawn_gsd,
    overlap_parameter,
    raster_or_index,
    raster_parameter,
    scales_of,
)
from qgis_msa_plugin.processing.searching import plan_scan, run_scan
from qgis_msa_plugin.settings import current_settings, scales_text
from qgis_msa_plugin.translate import interface_language, tr


class IndexRaster(MsaAlgorithm[ScanRequest]):
    """Encode the tiles of a raster, once for any number of queries."""

    def name(self) -> str:
        """For scripts."""
        return "indexraster"

    def displayName(self) -> str:
        """For people."""
        return tr("Index raster")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Cuts a raster into overlapping tiles of several ground sizes, lets the model look at each, "
            "and keeps what it saw in an index file. Any number of text searches then run on the index in "
            "a moment.\n\n"
            "A raster that is a file is read from there; any other layer (XYZ, WMS, WMTS, hillshade) is "
            "drawn by QGIS, at the pixel size given where it has no pixels of its own. Tiles that are known "
            "already are not computed again: a cancelled run goes on where it stopped, and an area can be "
            "added to an index.\n\n"
            "Area of interest or extent: only tiles that meet it are indexed. Tile sides: metres on the "
            "ground, separated by commas; empty lets the pixel size decide. Index file: empty means "
            "beside the raster, or in the cache folder where that is read-only."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        settings = current_settings()
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        for parameter in (
            raster_parameter(),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True),
            QgsProcessingParameterString(
                "SCALES", tr("Tile sides (m)"), scales_text(settings.scales_m), optional=True
            ),
            overlap_parameter(),
            drawn_gsd(),
            QgsProcessingParameterFileDestination(
                "INDEX",
                tr("Index file"),
                tr("Tile index (*.gpkg)"),
                optional=True,
                createByDefault=False,
            ),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles of the area")))
        self.addOutput(QgsProcessingOutputNumber("ENCODED", tr("Tiles encoded by this run")))
        self.addOutput(QgsProcessingOutputNumber("SKIPPED", tr("Tiles without enough pixels")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> ScanRequest:
        """Read layer, area and grid."""
        settings = ScanSettings(
            scales_m=scales_of(self.parameterAsString(parameters, "SCALES", context)),
            overlap=self.parameterAsDouble(parameters, "OVERLAP", context),
        )
        return self.scan(
            self.raster(parameters, context),
            self._area(parameters, context),
            settings,
            self.file_output(parameters, "INDEX", context),
            self.parameterAsDouble(parameters, "GSD", context),
        )

    def run_job(self, job: ScanRequest, run: Run) -> Results:
        """Plan, then scan."""
        with self.worker(run.feedback) as worker:
            plan_scan(worker, job, run.feedback)
            summary = run_scan(worker, job, run.feedback)
        return {
            "INDEX": summary.index,
            "TILES": summary.tiles,
            "ENCODED": summary.encoded,
            "SKIPPED": summary.skipped,
        }

    def _area(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[Aoi]:
        area = self.area(parameters, context)
        rectangle = self.parameterAsExtent(parameters, "EXTENT", context)
        if rectangle.isNull():
            return area
        if area is not None:
            raise BadArgument(tr("Give an area of interest or an extent, not both."))
        crs = self.parameterAsExtentCrs(parameters, "EXTENT", context)
        if not crs.isValid():
            crs = self.raster(parameters, context).crs()
        return aoi_of(QgsGeometry.fromRect(rectangle), crs)


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
        phrases = self.file(parameters, "PHRASES", context) or current_settings().phrase_bank
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
