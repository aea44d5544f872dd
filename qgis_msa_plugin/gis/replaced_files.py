"""What outputs of the toolbox may take the place of: earlier outputs of their kind, and nothing else."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsDataSourceUri,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from msa_model.protocol.errors import BadArgument, FileNotOurs
from msa_model.protocol.hit_table import HEAT_MAP_TAG, heat_map_mark
from msa_model.protocol.layers import is_pam
from qgis_msa_plugin.gis.vector_file import FORMAT_TABLES, sublayers_of
from qgis_msa_plugin.translate import tr

_NOT_OF_THE_ROWS = frozenset({"fid", "id", "ogc_fid", "wkt"})  # fields that formats add
_LONGEST_NAME = 10  # of a field in the formats that cut them


def check_map(path: Path) -> None:
    """Whether a heat map may be written there, with what GDAL keeps beside it.

    Raises:
        FileNotOurs: what is there is no heat map of ours whose pixels are as they were.
        BadArgument: what lies beside it belongs to another file.
    """
    beside = Path(f"{path}.aux.xml")
    # first: GDAL reads it with the map, and would wait for a pipe
    if os.path.lexists(beside) and not (path.exists() and is_pam(beside)):
        text = tr("{beside} belongs to an earlier file; GDAL would read {name} by it.")
        raise BadArgument(text.format(beside=beside, name=path.name))
    if os.path.lexists(path) and not (path.is_file() and _is_own_map(path)):
        raise _not_ours(path)


def check_table(destination: str, names: Iterable[str]) -> None:
    """Whether rows with fields of these names may go to a destination of Processing.

    QGIS replaces a file whole, and in 'ogr:dbname=… table=…' the table.

    Raises:
        FileNotOurs: the file holds anything but one layer with just these fields, the table other fields.
    """
    names = tuple(names)
    if destination.lower().startswith("ogr:"):
        uri = QgsDataSourceUri(destination[4:])
        _check_holds(Path(uri.database()), names, uri.table())
        return
    for path in (Path(destination), Path(f"{destination}.gpkg")):  # QGIS adds the ending where there is none
        _check_holds(path, names, "")


def check_not_read(destination: str, layers: Iterable[QgsMapLayer]) -> None:
    """Whether no layer that a run reads lies where its rows are to go.

    Raises:
        BadArgument: one does; it would be gone before it is read to its end.
    """
    uri = QgsDataSourceUri(destination[4:]) if destination.lower().startswith("ogr:") else None
    places = [Path(uri.database())] if uri else [Path(destination), Path(f"{destination}.gpkg")]
    there = [place for place in places if place.is_file()]
    for layer in layers:
        told = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
        path, table = str(told.get("path") or ""), str(told.get("layerName") or "")
        if uri and table and table != uri.table():
            continue
        if os.path.isfile(path) and any(place.samefile(path) for place in there):
            raise BadArgument(tr("{path} is read by this very run: choose another output.").format(path=path))


def _check_holds(path: Path, names: Sequence[str], table: str) -> None:
    if os.path.lexists(path) and not (path.is_file() and _holds_only(path, names, table)):
        raise _not_ours(path)


def _holds_only(path: Path, names: Sequence[str], table: str) -> bool:
    found = [
        layer for layer in sublayers_of(path) if layer.providerKey() == "ogr" and table in ("", layer.name())
    ]
    if table and not found:
        return True
    own = {_cut(name) for name in names}
    layers = [QgsVectorLayer(layer.uri(), "earlier", "ogr") for layer in found]
    if not table and any(layer.driverName() == "GPKG" for layer in found) and _holds_unlisted(path):
        return False
    return len(layers) == 1 and own == _fields_of(layers[0]) - (_NOT_OF_THE_ROWS - own)


def _holds_unlisted(path: Path) -> bool:
    """Whether a GeoPackage has a second table, as of pixels, styles or projects, which are no layers."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            return sum(not name.lower().startswith(FORMAT_TABLES) for (name,) in rows) > 1
    except sqlite3.Error:
        return True


def _fields_of(layer: QgsVectorLayer) -> set[str]:
    return {_cut(name) for name in layer.fields().names()}


def _cut(name: str) -> str:
    return name[:_LONGEST_NAME].casefold()


def _is_own_map(path: Path) -> bool:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        data = gdal.OpenEx(str(path), gdal.OF_RASTER, allowed_drivers=["GTiff"])
        told = None if data is None else data.GetMetadataItem(HEAT_MAP_TAG)
        return told is not None and told == _mark(data)
    except RuntimeError:  # where somebody has switched GDAL's exceptions on
        return False
    finally:
        gdal.PopErrorHandler()


def _mark(data: gdal.Dataset) -> str:
    x, across, skew_x, y, skew_y, down = data.GetGeoTransform()
    pixels = bytes(data.GetRasterBand(1).ReadRaster() or b"")
    return heat_map_mark((across, skew_x, x, skew_y, down, y), pixels)


def _not_ours(path: Path) -> FileNotOurs:
    text = tr("{path} was not made by MSA Search, or was changed since: it is not replaced.")
    return FileNotOurs(text.format(path=path))
