"""*Package results with the project*: answers in a GeoPackage beside it, for a QGIS without the plugin."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer

from msa_model.protocol.errors import BadArgument, DiskFull
from qgis_msa_plugin.gis.marks import HEAT_PROPERTY, claim, is_ours
from qgis_msa_plugin.map.packaged import package, package_of
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from tests.qgis.dock.test_kept_hits import SOON_MS, attached_hits, kept, link, project, without_the_plugin
from tests.qgis.dock.test_result_layer import ranks, result_layers
from tests.qgis.scene import write_scene

__all__ = ["kept", "link", "project"]  # fixtures


@pytest.fixture
def saved(project: QgsProject, tmp_path: Path) -> QgsProject:
    """The project with its file, `work.qgz`."""
    assert project.write(str(tmp_path / "work.qgz"))
    return project


def layers_in(path: Path) -> dict[str, QgsVectorLayer]:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM gpkg_geometry_columns")]
    return {name: QgsVectorLayer(f"{path}|layername={name}", name, "ogr") for name in names}


def change(path: Path) -> None:
    (layer,) = layers_in(path).values()
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    assert layer.commitChanges()


def test_a_project_refers_to_its_package_and_shows_the_hits_without_the_plugin(
    saved: QgsProject, tmp_path: Path
) -> None:
    written = package(saved)
    assert (written.path, written.answers) == (tmp_path / "work_results.gpkg", 1)
    assert saved.isDirty()
    assert saved.write()
    assert attached_hits(saved) == []
    folder = tmp_path / "handed over"
    folder.mkdir()
    for name in ("work.qgz", "work_results.gpkg"):
        (folder / name).write_bytes((tmp_path / name).read_bytes())
    first, hits = without_the_plugin(folder / "work.qgz")
    assert first == "True EPSG:3857 categorizedSymbol Number"
    assert hits == "[(1, '', 100), (2, 'accepted', 100), (3, '', 100), (4, '', 100)]"


def test_the_geopackage_alone_has_style_names_and_form(saved: QgsProject) -> None:
    ((name, layer),) = layers_in(package(saved).path).items()
    assert name.startswith("blue_roofs")
    message, found = layer.loadDefaultStyle()
    assert found, message
    assert layer.renderer().type() == "categorizedSymbol"
    assert layer.attributeDisplayName(layer.fields().indexFromName("rank")) == "Number"
    assert layer.editorWidgetSetup(layer.fields().indexFromName("review")).type() == "ValueMap"
    assert [key for key in layer.customPropertyKeys() if key.startswith("msa_search")] == []


def test_with_the_plugin_a_packaged_answer_is_an_answer_again(
    saved: QgsProject, controller: SearchController, tmp_path: Path, qtbot: QtBot
) -> None:
    package(saved)
    assert saved.write()
    before = (tmp_path / "work_results.gpkg").read_bytes()
    saved.clear()
    assert saved.read(str(tmp_path / "work.qgz"))
    (layer,) = result_layers()
    assert is_ours(layer)
    qtbot.waitUntil(lambda: ranks(layer) == [1, 2, 3, 4], timeout=SOON_MS)
    assert controller.state.judgement(2) is Judgement.ACCEPTED
    assert saved.write()
    assert (tmp_path / "work_results.gpkg").read_bytes() == before
    assert attached_hits(saved) == []


def test_packaged_again_an_unchanged_file_is_renewed_and_a_changed_one_stays(
    saved: QgsProject, controller: SearchController, tmp_path: Path, qtbot: QtBot
) -> None:
    path = package(saved).path
    (old,) = layers_in(path)
    controller.judge(1, Judgement.REJECTED)
    qtbot.waitUntil(lambda: "rejected" in [f["review"] for f in result_layers()[0].getFeatures()])
    assert package(saved).path == path
    (new,) = layers_in(path)
    assert new != old
    change(path)
    theirs = path.read_bytes()
    again = package(saved).path
    assert again == tmp_path / "work_results_2.gpkg"
    assert path.read_bytes() == theirs
    assert package_of(saved) == again


def test_what_a_colleague_changed_in_the_package_is_the_colleagues(saved: QgsProject, tmp_path: Path) -> None:
    package(saved)
    assert saved.write()
    saved.clear()
    change(tmp_path / "work_results.gpkg")
    assert saved.read(str(tmp_path / "work.qgz"))
    (layer,) = result_layers()
    assert not is_ours(layer)
    assert (layer.providerType(), layer.featureCount()) == ("ogr", 3)


def test_a_style_that_somebody_has_saved_into_the_file_is_not_lost(saved: QgsProject, tmp_path: Path) -> None:
    path = package(saved).path
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE layer_styles SET styleQML = replace(styleQML, '<qgis', '<qgis ')")
    assert package(saved).path == tmp_path / "work_results_2.gpkg"


@pytest.mark.parametrize("content", [b"", b"a letter"])
def test_a_file_of_the_users_is_never_written_over(saved: QgsProject, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "work_results.gpkg").write_bytes(content)
    assert package(saved).path == tmp_path / "work_results_2.gpkg"
    assert (tmp_path / "work_results.gpkg").read_bytes() == content


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere.gpkg")


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, dangling_link])
def test_what_is_no_file_is_passed_over(
    saved: QgsProject, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "work_results.gpkg")
    before = os.lstat(tmp_path / "work_results.gpkg")
    assert package(saved).path == tmp_path / "work_results_2.gpkg"
    assert os.path.samestat(os.lstat(tmp_path / "work_results.gpkg"), before)


def test_a_table_that_only_sqlite_shows_is_not_lost(saved: QgsProject, tmp_path: Path) -> None:
    path = package(saved).path
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE diary (day TEXT)")
    assert package(saved).path == tmp_path / "work_results_2.gpkg"


def test_edits_that_are_open_in_a_package_are_not_lost(saved: QgsProject, tmp_path: Path) -> None:
    path = package(saved).path
    (name,) = layers_in(path)
    theirs = QgsVectorLayer(f"{path}|layername={name}", "theirs", "ogr")
    saved.addMapLayer(theirs)
    theirs.startEditing()
    theirs.deleteFeature(next(theirs.getFeatures()).id())
    before = path.stat().st_ino
    assert package(saved).path == tmp_path / "work_results_2.gpkg"
    assert theirs.commitChanges()
    assert path.stat().st_ino == before
    assert QgsVectorLayer(f"{path}|layername={name}", "read again", "ogr").featureCount() == 3


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_a_package_that_another_program_writes_to_is_left_alone(
    saved: QgsProject, tmp_path: Path, end: str
) -> None:
    path = package(saved).path
    before = path.read_bytes()
    path.with_name(path.name + end).write_bytes(b"on its way")
    assert package(saved).path == tmp_path / "work_results_2.gpkg"
    assert path.read_bytes() == before


def test_heat_maps_go_along_where_that_is_wanted(saved: QgsProject, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    layer = QgsRasterLayer(str(write_scene(profile / "map.tif", 64, bands=1)), "blue roofs · heat map")
    layer.setCustomProperty(HEAT_PROPERTY, "blue roofs")
    claim(layer)
    saved.addMapLayer(layer)
    assert package(saved).heat_maps == 0
    assert package(saved, heat_maps=True).heat_maps == 1
    kept = Path(layer.source())
    assert kept.parent == tmp_path / "work_heat_maps"
    assert layer.isValid()
    assert kept.read_bytes() == (profile / "map.tif").read_bytes()
    package(saved, heat_maps=True)
    assert [file.suffix for file in kept.parent.iterdir()] == [".tif"]
    kept.write_bytes(b"mine")
    layer.setDataSource(str(profile / "map.tif"), layer.name(), "gdal")
    package(saved, heat_maps=True)
    assert kept.read_bytes() == b"mine"
    assert Path(layer.source()).read_bytes() == (profile / "map.tif").read_bytes()
    assert Path(layer.source()).parent == kept.parent


@pytest.mark.parametrize("room", [0, 40, 90, 120, 150])
def test_a_full_disk_leaves_the_package_as_it_was(
    room: int, project: QgsProject, disk_of: Callable[[int], Path]
) -> None:
    disk = disk_of(900 * 1024)
    assert project.write(str(disk / "work.qgz"))
    older = package(project).path.read_bytes()
    (disk / "map.tif").write_bytes(bytes(shutil.disk_usage(disk).free - room * 1024))
    with pytest.raises(DiskFull, match="no room left"):
        package(project)
    assert sorted(file.name for file in disk.iterdir()) == ["map.tif", "work.qgz", "work_results.gpkg"]
    assert (disk / "work_results.gpkg").read_bytes() == older


def test_a_project_without_a_file_is_told_to_be_saved_first(project: QgsProject) -> None:
    with pytest.raises(BadArgument, match="Save the project first"):
        package(project)


def test_without_results_there_is_nothing_to_package(saved: QgsProject) -> None:
    saved.removeAllMapLayers()
    with pytest.raises(BadArgument, match="no results"):
        package(saved)
