"""Algorithms about index files as files: `msa_search:listindexes`, `deleteindex` and `moveindex`."""

from __future__ import annotations

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
    QgsProcessingParameterMultipleLayers,
    QgsRasterLayer,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.indexes import (
    IndexDeleteRequest,
    IndexInfo,
    IndexListRequest,
    IndexMoveRequest,
)
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
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
        folder = self.parameterAsFile(parameters, "FOLDER", context)
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
        output = self.write(run, LIST_FIELDS, QgsWkbTypes.Type.NoGeometry, nowhere, rows)
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
        return IndexDeleteRequest(self.parameterAsFile(parameters, "INDEX", context))

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
            self.parameterAsFile(parameters, "INDEX", context),
            self.parameterAsFile(parameters, "FOLDER", context),
        )

    def run_job(self, job: IndexMoveRequest, run: Run) -> Results:
        """Have it moved."""
        with self.worker(run.feedback) as worker:
            return {"MOVED": worker.call(methods.MOVE, job).index}
