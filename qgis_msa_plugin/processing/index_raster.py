"""Algorithm `msa_search:indexraster`."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Aoi, ScanRequest, ScanSettings
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.processing.algorithm import (
    MsaAlgorithm,
    Parameters,
    Results,
    Run,
    drawn_gsd,
    overlap_parameter,
    raster_parameter,
    scales_of,
)
from qgis_msa_plugin.processing.searching import plan_scan, run_scan
from qgis_msa_plugin.settings import current_settings, scales_text
from qgis_msa_plugin.translate import tr


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
            self.parameterAsFileOutput(parameters, "INDEX", context),
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
