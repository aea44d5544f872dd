"""New layers in GeoPackages; what a file holds already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsProject,
    QgsProviderRegistry,
    QgsProviderSublayerDetails,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from msa_model.protocol.errors import BadArgument, DiskFull, MsaError
from msa_model.protocol.unfinished import folder_for, is_full
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import put_new

SUFFIX = ".gpkg"
FORMAT_TABLES = ("gpkg_", "rtree_", "sqlite_")  # of GeoPackages themselves
_OURS = ("msa_manifest", "summary")  # of indexes and of batch results: other jobs write these

Rows = Iterable[tuple[QgsGeometry, Sequence[object]]]


def fields_of(pairs: Iterable[str]) -> QgsFields:
    """Fields by 'name:type' as memory layers spell them: the one way that QGIS 3.22 and Qt 6 share."""
    query = "&".join(f"field={pair}" for pair in pairs)
    return QgsVectorLayer(f"None?{query}", "fields", "memory").fields()


class NewLayer:
    """A layer to be written, by name, into a GeoPackage that may hold others."""

    def __init__(self, path: Path, name: str, fields: QgsFields) -> None:
        """Find a name that the file has not used.

        Raises:
            BadArgument: the file is something else, or belongs to a job of this plugin.
        """
        self._path, self._fields = path, fields
        self._exists = path.exists()
        self._name = _unused(name, _layers_of(path) if self._exists else ())

    def write(self, kind: QgsWkbTypes.Type, crs: QgsCoordinateReferenceSystem, rows: Rows) -> QgsVectorLayer:
        """The layer, written and opened.

        Raises:
            BadArgument, DiskFull: it cannot be written; no new file is left, an older one is as it was.
        """
        try:
            self._make(kind, crs, rows)
        except OSError as error:
            raise self._unwritten(str(error)) from error
        layer = QgsVectorLayer(f"{self._path}|layername={self._name}", self._name, "ogr")
        if not layer.isValid():
            raise self._unwritten("")
        return layer

    def _make(self, kind: QgsWkbTypes.Type, crs: QgsCoordinateReferenceSystem, rows: Rows) -> None:
        """A layer more in the file, which SQLite keeps whole; a new file takes its place when it is."""
        if self._exists:
            self._fill(self._path, kind, crs, rows)
            return
        with folder_for(self._path.parent, [self._path.name]) as folder:
            made = folder / self._path.name
            self._fill(made, kind, crs, rows)
            put_new(made, self._path)

    def _fill(
        self, path: Path, kind: QgsWkbTypes.Type, crs: QgsCoordinateReferenceSystem, rows: Rows
    ) -> None:
        transform = QgsProject.instance().transformContext()
        writer = QgsVectorFileWriter.create(str(path), self._fields, kind, crs, transform, self._options())
        none, count = QgsVectorFileWriter.WriterError.NoError, 0
        taken = writer.hasError() == none
        for geometry, values in rows if taken else ():
            feature = QgsFeature(self._fields)
            feature.setGeometry(geometry)
            feature.setAttributes(list(values))
            taken = writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert) and taken
            count += 1
        writer.flushBuffer()
        failed, why = not taken or writer.hasError() != none, writer.errorMessage()
        del writer  # the file is closed with it, which may fail in silence
        layer = QgsVectorLayer(f"{path}|layername={self._name}", self._name, "ogr")
        if failed or not layer.isValid() or layer.featureCount() != count:
            raise self._unwritten(why)

    def _unwritten(self, why: str) -> MsaError:
        if is_full(self._path.parent):
            return DiskFull(tr("There is no room left on the disk for {path}.").format(path=self._path))
        text = tr("{path} cannot be written: {why}")
        return BadArgument(text.format(path=self._path, why=why or tr("no layer came of it")))

    def _options(self) -> QgsVectorFileWriter.SaveVectorOptions:
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerName, options.fileEncoding = "GPKG", self._name, "UTF-8"
        actions = QgsVectorFileWriter.ActionOnExistingFile
        options.actionOnExistingFile = (
            actions.CreateOrOverwriteLayer if self._exists else actions.CreateOrOverwriteFile
        )
        return options


def gpkg_path(text: str) -> Path:
    """The file that a user named, with the ending of GeoPackages."""
    return Path(text if text.lower().endswith(SUFFIX) else f"{text}{SUFFIX}")


def sublayers_of(path: Path) -> list[QgsProviderSublayerDetails]:
    """The layers of a file; nothing of a pipe, which would be waited for."""
    return QgsProviderRegistry.instance().querySublayers(str(path)) if path.is_file() else []


def _layers_of(path: Path) -> tuple[str, ...]:
    found = sublayers_of(path)
    names = tuple(layer.name() for layer in found)
    if not found or any(layer.driverName() != "GPKG" for layer in found):
        raise BadArgument(tr("{path} exists and is no GeoPackage; it is left as it is.").format(path=path))
    if any(name in _OURS for name in names):
        text = tr("{path} is an index or holds batch results; choose another file.")
        raise BadArgument(text.format(path=path))
    return names


def _unused(name: str, used: Iterable[str]) -> str:
    taken = {other.casefold() for other in used}
    names = (name if n == 1 else f"{name} {n}" for n in range(1, len(taken) + 2))
    return next(free for free in names if free.casefold() not in taken)
