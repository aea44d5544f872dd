"""What outputs of the toolbox may take the place of."""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from msa_model.protocol.errors import BadArgument, FileNotOurs
from msa_model.protocol.hit_table import HEAT_MAP_TAG, heat_map_mark
from qgis_msa_plugin.gis.replaced_files import check_map, check_not_read, check_table
from qgis_msa_plugin.gis.vector_file import NewLayer, fields_of
from tests.qgis.scene import write_scene

OURS = ("rank:integer", "a_long_name_of_a_field:string")
NAMES = [pair.partition(":")[0] for pair in OURS]


def add_layer(path: Path, name: str, fields: tuple[str, ...]) -> None:
    crs = QgsCoordinateReferenceSystem("EPSG:32633")
    NewLayer(path, name, fields_of(fields)).write(QgsWkbTypes.Type.Polygon, crs, [])


def earlier_output(path: Path, driver: str) -> None:
    layer = QgsVectorLayer(
        "Point?crs=EPSG:32633&" + "&".join(f"field={pair}" for pair in OURS), "x", "memory"
    )
    feature = QgsFeature(layer.fields())
    feature.setAttributes([1, "text"])
    layer.dataProvider().addFeatures([feature])
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = driver
    context = QgsProject.instance().transformContext()
    assert QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), context, options)[0] == 0


@pytest.mark.parametrize(
    ("suffix", "driver"),
    [("gpkg", "GPKG"), ("geojson", "GeoJSON"), ("shp", "ESRI Shapefile"), ("csv", "CSV")],
)
def test_an_earlier_output_may_go(tmp_path: Path, suffix: str, driver: str) -> None:
    path = tmp_path / f"out.{suffix}"
    check_table(str(path), NAMES)
    earlier_output(path, driver)
    check_table(str(path), NAMES)


def note(path: Path) -> None:
    path.write_text("my diary")


def other_fields(path: Path) -> None:
    add_layer(path, "mine", ("owner:string",))


def ours_and_more(path: Path) -> None:
    add_layer(path, "ours", OURS)
    add_layer(path, "mine", ("owner:string",))


def a_field_added(path: Path) -> None:
    add_layer(path, "ours", (*OURS, "checked:string"))


def a_raster(path: Path) -> None:
    write_scene(path.with_suffix(".tif"), 256)
    path.with_suffix(".tif").rename(path)


def a_link_to_a_note(path: Path) -> None:
    note(path.with_name("note"))
    path.symlink_to("note")


def _ours_and(path: Path, sql: str) -> None:
    earlier_output(path, "GPKG")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def ours_and_pixels(path: Path) -> None:
    earlier_output(path, "GPKG")
    pixels = gdal.GetDriverByName("MEM").Create("", 8, 8, 3)
    pixels.SetGeoTransform((0, 1, 0, 0, 0, -1))
    gdal.Translate(str(path), pixels, creationOptions=["APPEND_SUBDATASET=YES", "RASTER_TABLE=mine"])


def ours_and_a_style(path: Path) -> None:
    earlier_output(path, "GPKG")
    assert not QgsVectorLayer(str(path), "ours", "ogr").saveStyleToDatabase("mine", "", True, "")


def ours_and_a_project(path: Path) -> None:
    earlier_output(path, "GPKG")
    assert QgsProject().write(f"geopackage:{path}?projectName=mine")


def ours_and_a_table(path: Path) -> None:
    _ours_and(path, "CREATE TABLE mine (note TEXT)")


def ours_and_a_view(path: Path) -> None:
    _ours_and(path, "CREATE VIEW mine AS SELECT 1")


_BESIDE_OURS = [ours_and_pixels, ours_and_a_style, ours_and_a_project, ours_and_a_table, ours_and_a_view]


@pytest.mark.parametrize("make", _BESIDE_OURS)
def test_what_lies_in_a_geopackage_beside_an_earlier_output_may_not(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "out.gpkg")
    with pytest.raises(FileNotOurs):
        check_table(str(tmp_path / "out.gpkg"), NAMES)


@pytest.mark.parametrize(
    "make",
    [note, other_fields, ours_and_more, a_field_added, a_raster, a_link_to_a_note, os.mkfifo, Path.mkdir],
)
@pytest.mark.parametrize("told", ["out.gpkg", "out"])
def test_what_is_somebody_elses_may_not(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    make(tmp_path / "out.gpkg")
    with pytest.raises(FileNotOurs, match=r"out\.gpkg was not made by MSA Search"):
        check_table(str(tmp_path / told), NAMES)


def test_a_table_of_a_geopackage_goes_by_its_own_fields(tmp_path: Path) -> None:
    path = tmp_path / "mine.gpkg"
    ours_and_more(path)
    for table in ("new", "ours"):
        check_table(f"ogr:dbname='{path}' table=\"{table}\" (geom)", NAMES)
    with pytest.raises(FileNotOurs):
        check_table(f"ogr:dbname='{path}' table=\"mine\" (geom)", NAMES)


@pytest.mark.parametrize("make", [note, a_raster, a_link_to_a_note, os.mkfifo, Path.mkdir])
def test_a_heat_map_takes_the_place_of_heat_maps_alone(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "heat.tif")
    with pytest.raises(FileNotOurs):
        check_map(tmp_path / "heat.tif")


@pytest.fixture
def own_map(tmp_path: Path) -> Path:
    """A heat map of one cell, as the worker makes them."""
    path, pixels = tmp_path / "heat.tif", array("f", [0.5]).tobytes()
    data = gdal.GetDriverByName("GTiff").Create(str(path), 1, 1, 1, gdal.GDT_Float32)
    data.SetGeoTransform((500_000, 2, 0, 3_000_000, 0, -2))
    data.GetRasterBand(1).WriteRaster(0, 0, 1, 1, pixels)
    data.SetMetadataItem(HEAT_MAP_TAG, heat_map_mark((2, 0, 500_000, 0, -2, 3_000_000), pixels))
    return path


@pytest.mark.parametrize("make", [note, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize("earlier", [False, True])
def test_what_lies_beside_a_heat_map_and_is_none_of_gdals_files_stays(
    tmp_path: Path, own_map: Path, make: Callable[[Path], object], earlier: bool
) -> None:
    check_map(own_map)
    if not earlier:
        own_map.unlink()
    make(tmp_path / "heat.tif.aux.xml")
    with pytest.raises(BadArgument, match="earlier file"):
        check_map(own_map)


def test_layers_are_not_added_to_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.gpkg")
    with pytest.raises(BadArgument, match="no GeoPackage"):
        NewLayer(tmp_path / "out.gpkg", "hits", fields_of(OURS))


@pytest.mark.parametrize("told", ["out.gpkg", "out", "link.gpkg", "ogr:dbname='{}' table=\"ours\" (geom)"])
def test_what_a_run_reads_is_no_place_for_its_rows(tmp_path: Path, told: str) -> None:
    path = tmp_path / "out.gpkg"
    add_layer(path, "ours", OURS)
    (tmp_path / "link.gpkg").symlink_to(path)
    read = QgsVectorLayer(f"{path}|layername=ours|subset=rank > 1", "read", "ogr")
    other = QgsVectorLayer("Point?crs=EPSG:32633", "in memory", "memory")
    place = told.format(path) if told.startswith("ogr:") else str(tmp_path / told)
    check_not_read(place, [other])
    with pytest.raises(BadArgument, match="this very run"):
        check_not_read(place, [other, read])
    check_not_read(f"ogr:dbname='{path}' table=\"another\" (geom)", [read])
