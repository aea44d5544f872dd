"""Layers on a disk that fills while they are written: whole, or not there, and told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsVectorLayer, QgsWkbTypes

from msa_model.protocol.errors import DiskFull
from qgis_msa_plugin.gis.vector_file import NewLayer, Rows, fields_of

KIB = 1024


def rows(count: int) -> Rows:
    square = QgsGeometry.fromWkt("POLYGON((0 0, 1 0, 1 1, 0 0))")
    return ((square, ["x" * 100]) for _ in range(count))


def write(path: Path, name: str, count: int) -> QgsVectorLayer:
    crs = QgsCoordinateReferenceSystem("EPSG:3857")
    return NewLayer(path, name, fields_of(["name:string(0)"])).write(
        QgsWkbTypes.Type.Polygon, crs, rows(count)
    )


@pytest.fixture(params=[0, 20, 60, 90, 120, 200])
def filled(request: pytest.FixtureRequest, disk_of: Callable[..., Path]) -> Path:
    """A disk of 600 kB with a GeoPackage on it and so many kB left."""
    disk = disk_of(600 * KIB)
    write(disk / "hits.gpkg", "first", 300)
    (disk / "map.tif").write_bytes(bytes(shutil.disk_usage(disk).free - request.param * KIB))
    return disk


def test_a_new_file_is_whole_or_not_there(filled: Path) -> None:
    with pytest.raises(DiskFull, match=r"new\.gpkg"):
        write(filled / "new.gpkg", "more", 1000)
    assert sorted(path.name for path in filled.iterdir()) == ["hits.gpkg", "map.tif"]
    (filled / "map.tif").unlink()
    assert write(filled / "new.gpkg", "more", 10).featureCount() == 10


def test_a_file_that_was_there_keeps_what_it_held(filled: Path) -> None:
    with pytest.raises(DiskFull, match=r"hits\.gpkg"):
        write(filled / "hits.gpkg", "more", 1000)
    (filled / "map.tif").unlink()
    first = QgsVectorLayer(f"{filled}/hits.gpkg|layername=first", "first", "ogr")
    assert len(list(first.getFeatures())) == 300
    assert write(filled / "hits.gpkg", "more", 10).featureCount() == 10
