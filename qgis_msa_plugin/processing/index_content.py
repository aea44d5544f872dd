"""Algorithms about what an index holds: `msa_search:coverage` and `msa_search:exportindex`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.indexes import CoverageRequest, IndexExportRequest
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.processing.algorithm import Job, MsaAlgorithm, Parameters, Results, Run, raster_parameter
from qgis_msa_plugin.translate import tr

COVERAGE_FIELDS = "scale_m:double state:string(0) tiles:integer source:string(0)"


class IndexAlgorithm(MsaAlgorithm[Job]):
    """What works on the index of a raster, or on an index file."""

    def add_place(self) -> None:
        """Declare raster and index."""
        self.addParameter(raster_parameter(optional=True))
        self.addParameter(
            QgsProcessingParameterFile("INDEX", tr("Index file"), extension="gpkg", optional=True)
        )

    def place(self, parameters: Parameters, context: QgsProcessingContext) -> CoverageRequest:
        """Read them: the index file goes before the raster.

        Raises:
            BadArgument: there is neither.
        """
        index = self.parameterAsFile(parameters, "INDEX", context)
        if index:
            return CoverageRequest(index)
        if parameters.get("RASTER") in (None, ""):
            raise BadArgument(tr("Choose a raster or an index file."))
        return CoverageRequest(raster=raster_ref(self.raster(parameters, context)))


class IndexCoverage(IndexAlgorithm[CoverageRequest]):
    """The area that is indexed, and the area that is not."""

    def name(self) -> str:
        """For scripts."""
        return "coverage"

    def displayName(self) -> str:
        """For people."""
        return tr("Index coverage")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Shows which part of a raster is indexed and which is not, tile side by tile side: two "
            "polygons for each, with the state 'indexed' or 'missing'.\n\n"
            "Choose a raster, whose index is found beside it or in the cache folder, or an index file. "
            "Tiles that were looked at and have too few pixels with data count as indexed."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        self.add_place()
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", tr("Coverage"), kind))
        self.addOutput(QgsProcessingOutputNumber("SHARE", tr("Share of the raster that is indexed")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> CoverageRequest:
        """Read raster or index."""
        return self.place(parameters, context)

    def run_job(self, job: CoverageRequest, run: Run) -> Results:
        """Ask for the areas."""
        with self.worker(run.feedback) as worker:
            reply = worker.call(methods.COVERAGE, job)
        whole = QgsGeometry.fromWkt(reply.raster)
        rows, least = [], 1.0 if reply.areas else 0.0
        for area in reply.areas:
            covered = QgsGeometry.fromWkt(area.wkt)
            missing = whole.difference(covered)
            rows.append((covered, [area.scale_m, "indexed", area.tiles, reply.source]))
            if missing.convertToMultiType() and not missing.isEmpty():
                rows.append((missing, [area.scale_m, "missing", 0, reply.source]))
            least = min(least, covered.area() / whole.area())
        polygons = QgsWkbTypes.Type.MultiPolygon
        return {"OUTPUT": self.write(run, COVERAGE_FIELDS, polygons, crs_of(reply.crs), rows), "SHARE": least}


@dataclass(frozen=True)
class Export:
    """Which index goes where."""

    place: CoverageRequest
    out: str


class ExportIndex(IndexAlgorithm[Export]):
    """Write an index as GeoParquet."""

    def name(self) -> str:
        """For scripts."""
        return "exportindex"

    def displayName(self) -> str:
        """For people."""
        return tr("Export index")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Writes an index as GeoParquet 1.1, which other tools for embeddings read: a row per tile with "
            "id, geometry, bbox, scale_m (tile side in metres), valid (share of pixels with data) and "
            "embedding (a vector of unit length).\n\n"
            "Choose a raster, whose index is found beside it or in the cache folder, or an index file. "
            "The file's metadata name the model: only vectors of one model can be compared."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        self.add_place()
        self.addParameter(
            QgsProcessingParameterFileDestination(
                "OUTPUT", tr("GeoParquet file"), tr("GeoParquet (*.parquet)")
            )
        )
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Export:
        """Read raster or index, and file."""
        return Export(
            self.place(parameters, context), self.parameterAsFileOutput(parameters, "OUTPUT", context)
        )

    def run_job(self, job: Export, run: Run) -> Results:
        """Find the index, then have it written."""
        with self.worker(run.feedback) as worker:
            index = job.place.index or worker.call(methods.COVERAGE, job.place).index
            reply = worker.call(methods.EXPORT, IndexExportRequest(index, job.out))
        text = tr("{tiles} tiles, {size:.1f} MB")
        run.feedback.pushInfo(text.format(tiles=reply.tiles, size=reply.bytes / 1e6))
        return {"OUTPUT": reply.out, "TILES": reply.tiles}
