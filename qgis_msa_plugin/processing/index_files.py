"""Algorithms about indexes.

As files: `msa_search:listindexes`, `deleteindex` and `moveindex`; their content: `coverage`, `exportindex`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsRasterLayer,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.indexes import (
    CoverageRequest,
    IndexDeleteRequest,
    IndexExportRequest,
    IndexInfo,
    IndexListRequest,
    IndexMoveRequest,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import Job, MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.parameters import raster_or_index
from qgis_msa_plugin.translate import tr

LIST_FIELDS = (
    "index:string(0) source:string(0) state:string(0) bytes:double tiles:integer skipped:integer "
    "scales_m:string(0) model:string(0) modified:string(0)"
)


class ListIndexes(MsaAlgorithm[IndexListRequest]):
    """The index files of a folder, of rasters, and of the cache."""

    def name(self) -> str:
        """For scripts."""
        return "listindexes"

    def displayName(self) -> str:
        """For people."""
        return tr("List indexes")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Lists index files: those of a folder, those of rasters, and always those of the cache folder, "
            "where the indexes of rasters in read-only folders lie.\n\n"
            "State: 'current' (can be searched), 'other_model' (made with another model), 'stale' (the "
            "raster has changed since), 'raster_missing' (its tiles can be ranked, but not shown) or "
            "'unreadable' (damaged)."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        raster, table = QgsProcessing.SourceType.TypeRaster, QgsProcessing.SourceType.TypeVector
        for parameter in (
            QgsProcessingParameterFile(
                "FOLDER", tr("Folder"), QgsProcessingParameterFile.Behavior.Folder, optional=True
            ),
            QgsProcessingParameterMultipleLayers("RASTERS", tr("Rasters"), raster, optional=True),
            QgsProcessingParameterFeatureSink("OUTPUT", tr("Indexes"), table),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Indexes")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> IndexListRequest:
        """Read folder and rasters."""
        folder = self.file(parameters, "FOLDER", context)
        layers = self.parameterAsLayerList(parameters, "RASTERS", context)
        rasters = (raster_ref(layer).path for layer in layers if isinstance(layer, QgsRasterLayer))
        return IndexListRequest((folder,) if folder else (), tuple(rasters))

    def run_job(self, job: IndexListRequest, run: Run) -> Results:
        """Ask for the list."""
        with self.worker(run.feedback) as worker:
            reply = worker.call(methods.LIST, job)
        for info in reply.indexes:
            run.feedback.pushInfo(f"{info.state:14} {info.bytes / 1e6:8.1f} MB  {info.index}")
        rows = ((QgsGeometry(), _attributes(info)) for info in reply.indexes)
        nowhere = QgsCoordinateReferenceSystem()
        output = self.write(run, fields_of(LIST_FIELDS.split()), QgsWkbTypes.Type.NoGeometry, nowhere, rows)
        return {"OUTPUT": output, "COUNT": len(reply.indexes)}


def _attributes(info: IndexInfo) -> list[object]:
    return [
        info.index,
        info.source,
        info.state,
        float(info.bytes),
        info.tiles,
        info.skipped,
        ", ".join(f"{side:g}" for side in info.scales_m),
        info.model,
        datetime.fromtimestamp(info.modified, timezone.utc).isoformat(timespec="seconds"),
    ]


class DeleteIndex(MsaAlgorithm[IndexDeleteRequest]):
    """Delete an index file; the raster is not touched."""

    def name(self) -> str:
        """For scripts."""
        return "deleteindex"

    def displayName(self) -> str:
        """For people."""
        return tr("Delete index")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Deletes an index file. The raster is not touched, and can be indexed again at any time.\n\n"
            "Only index files are deleted: another GeoPackage is refused, and so is an index that a scan "
            "is writing. A damaged file is deleted where its name is that of an index. The output FREED "
            "tells how many bytes that gives back."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        self.addParameter(QgsProcessingParameterFile("INDEX", tr("Index file"), extension="gpkg"))
        self.addOutput(QgsProcessingOutputNumber("FREED", tr("Bytes freed")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> IndexDeleteRequest:
        """Read the file's name."""
        return IndexDeleteRequest(self.file(parameters, "INDEX", context))

    def run_job(self, job: IndexDeleteRequest, run: Run) -> Results:
        """Have it deleted."""
        with self.worker(run.feedback) as worker:
            return {"FREED": worker.call(methods.DELETE, job).bytes}


class MoveIndex(MsaAlgorithm[IndexMoveRequest]):
    """Bring an index file to another folder."""

    def name(self) -> str:
        """For scripts."""
        return "moveindex"

    def displayName(self) -> str:
        """For people."""
        return tr("Move index")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Brings an index file to another folder, also on another disk. It is whole in the old place "
            "until it is whole in the new one, and replaces no other file.\n\n"
            "A raster finds its index by itself only beside it and in the cache folder; from anywhere else "
            "choose the index file in the search. The output MOVED tells where it is now."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        self.addParameter(QgsProcessingParameterFile("INDEX", tr("Index file"), extension="gpkg"))
        folder = QgsProcessingParameterFile.Behavior.Folder
        self.addParameter(QgsProcessingParameterFile("FOLDER", tr("New folder"), folder))
        self.addOutput(QgsProcessingOutputString("MOVED", tr("Index file in its new place")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> IndexMoveRequest:
        """Read file and folder."""
        return IndexMoveRequest(
            self.file(parameters, "INDEX", context),
            self.file(parameters, "FOLDER", context),
        )

    def run_job(self, job: IndexMoveRequest, run: Run) -> Results:
        """Have it moved."""
        with self.worker(run.feedback) as worker:
            return {"MOVED": worker.call(methods.MOVE, job).index}


COVERAGE_FIELDS = "scale_m:double state:string(0) tiles:integer source:string(0)"


class IndexAlgorithm(MsaAlgorithm[Job]):
    """What works on the index of a raster, or on an index file."""

    def asked_index(self, parameters: Parameters, context: QgsProcessingContext) -> CoverageRequest:
        """The raster or the index file of the run; the index file goes before the raster.

        Raises:
            BadArgument: there is neither.
        """
        index = self.file(parameters, "INDEX", context)
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
        for parameter in raster_or_index():
            self.addParameter(parameter)
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", tr("Coverage"), kind))
        self.addOutput(QgsProcessingOutputNumber("SHARE", tr("Share of the raster that is indexed")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> CoverageRequest:
        """Read raster or index."""
        return self.asked_index(parameters, context)

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
        return {
            "OUTPUT": self.write(run, fields_of(COVERAGE_FIELDS.split()), polygons, crs_of(reply.crs), rows),
            "SHARE": least,
        }


@dataclass(frozen=True)
class Export:
    """Which index goes where."""

    asked: CoverageRequest
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
        for parameter in raster_or_index():
            self.addParameter(parameter)
        self.addParameter(
            QgsProcessingParameterFileDestination(
                "OUTPUT", tr("GeoParquet file"), tr("GeoParquet (*.parquet)")
            )
        )
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Export:
        """Read raster or index, and file."""
        return Export(self.asked_index(parameters, context), self.file_output(parameters, "OUTPUT", context))

    def run_job(self, job: Export, run: Run) -> Results:
        """Find the index, then have it written."""
        with self.worker(run.feedback) as worker:
            index = job.asked.index or worker.call(methods.COVERAGE, job.asked).index
            reply = worker.call(methods.EXPORT, IndexExportRequest(index, job.out))
        text = tr("{tiles} tiles, {size:.1f} MB")
        run.feedback.pushInfo(text.format(tiles=reply.tiles, size=reply.bytes / 1e6))
        return {"OUTPUT": reply.out, "TILES": reply.tiles}
