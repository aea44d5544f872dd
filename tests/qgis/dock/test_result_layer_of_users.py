"""What the user has saved, edited or copied is never written again: the next answer goes elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.indexes import CoverageReply, CoveredArea
from qgis_msa_plugin.batch.results import BatchLayers
from qgis_msa_plugin.describe.describer import Description
from qgis_msa_plugin.describe.field_writer import PLACES_PROPERTY, add_to_table
from qgis_msa_plugin.gis.marks import ANSWER_PROPERTY, UNSAVED_PROPERTY, follow, is_ours, is_result_layer
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.map.coverage import CoverageLayers
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.map.place_layers import save_places
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from tests.qgis.batch.test_batch_results import write_results
from tests.qgis.describe.replies import reply
from tests.qgis.dock.desk import Client
from tests.qgis.dock.tables import verdict_reply
from tests.qgis.dock.test_place_layers import places
from tests.qgis.dock.test_result_layer import ranks, searched

SOON_MS = 3000
Rows = list[tuple[object, ...]]


def result_layers() -> list[QgsVectorLayer]:
    return [layer for layer in QgsProject.instance().mapLayers().values() if is_result_layer(layer)]


def others_than(layer: QgsMapLayer) -> list[QgsVectorLayer]:
    return [other for other in result_layers() if other is not layer]


def make_permanent(layer: QgsVectorLayer, path: Path) -> None:
    """What QGIS's Make Permanent… does: the features go to a file, and the layer stands for that file."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", path.stem
    context = QgsProject.instance().transformContext()
    error, message, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), context, options)
    assert error == QgsVectorFileWriter.WriterError.NoError, message
    layer.setDataSource(f"{path}|layername={path.stem}", layer.name(), "ogr")
    assert layer.isValid()


def content(path: Path) -> Rows:
    saved = QgsVectorLayer(f"{path}|layername={path.stem}", "read again", "ogr")
    assert saved.isValid()
    rows = [(*map(str, feature.attributes()), feature.geometry().asWkt()) for feature in saved.getFeatures()]
    return sorted(rows)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _judge(controller: SearchController, client: Client) -> None:
    controller.judge(2, Judgement.ACCEPTED)


def _verdict(controller: SearchController, client: Client) -> None:
    client.answer(rpc.VERDICT, *verdict_reply(6))


def _ask_again(controller: SearchController, client: Client) -> None:
    searched(controller, client, 4)


def _show_fewer(controller: SearchController, client: Client) -> None:
    controller.set_filters(Filters(min_score=0.48))


def _select(controller: SearchController, client: Client) -> None:
    controller.select_hit(3)


@pytest.mark.parametrize("verb", [_judge, _verdict, _ask_again, _show_fewer, _select])
def test_a_layer_made_permanent_keeps_its_file_byte_for_byte(
    link: MapLink,
    client: Client,
    qtbot: QtBot,
    tmp_path: Path,
    verb: Callable[[SearchController, Client], None],
) -> None:
    controller = link._controller
    searched(controller, client, 6)
    (mine,) = result_layers()
    make_permanent(mine, tmp_path / "mine.gpkg")
    before, bytes_before = content(tmp_path / "mine.gpkg"), digest(tmp_path / "mine.gpkg")
    subset, selected = mine.subsetString(), mine.selectedFeatureIds()
    verb(controller, client)
    link._show()
    qtbot.wait(150)
    assert content(tmp_path / "mine.gpkg") == before
    assert digest(tmp_path / "mine.gpkg") == bytes_before
    assert (mine.subsetString(), mine.selectedFeatureIds()) == (subset, selected)
    (ours,) = others_than(mine)
    assert ours.providerType() == "memory"
    assert ranks(ours)[0] == 1


def test_places_kept_and_hits_of_a_batch_keep_their_files_byte_for_byte(
    link: MapLink, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    controller = link._controller
    searched(controller, client, 6)
    (mine,) = result_layers()
    QgsProject.instance().addMapLayer(save_places(tmp_path / "kept.gpkg", places(0, 1)))
    batch = BatchLayers(QgsProject.instance())
    batch.show("watch", write_results(tmp_path / "batch.gpkg", {("water", "/nowhere/town.tif"): 3}))
    qtbot.waitUntil(lambda: not batch.busy)
    make_permanent(mine, tmp_path / "mine.gpkg")
    before = {path.name: digest(path) for path in tmp_path.glob("*.gpkg")}
    for verb in (_judge, _verdict, _show_fewer, _select, _ask_again, _judge):
        verb(controller, client)
        link._show()
        qtbot.wait(150)
    after = {path.name: digest(path) for path in tmp_path.glob("*.gpkg")}
    for name, older in before.items():
        print(f"{name}\n  before {older}\n  after  {after[name]}")
    assert set(before) == {"mine.gpkg", "kept.gpkg", "batch.gpkg"}
    assert after == before


def test_judgements_of_a_saved_answer_are_remembered_when_it_is_asked_again(
    link: MapLink, controller: SearchController, client: Client, tmp_path: Path
) -> None:
    searched(controller, client, 6)
    controller.judge(2, Judgement.ACCEPTED)
    link._show()
    make_permanent(result_layers()[0], tmp_path / "mine.gpkg")
    searched(controller, client, 6, query="green field")
    searched(controller, client, 6)
    assert controller.state.judgement(2) is Judgement.ACCEPTED


def test_a_layer_saved_while_it_is_being_filled_is_filled_no_further(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.set_filters(Filters(merge=False, limit=10_000))
    searched(controller, client, 3000)
    (mine,) = result_layers()
    make_permanent(mine, tmp_path / "mine.gpkg")
    before = content(tmp_path / "mine.gpkg")
    assert 0 < len(before) < 3000
    qtbot.wait(300)
    assert content(tmp_path / "mine.gpkg") == before


@pytest.mark.parametrize("hidden", [False, True])
def test_a_layer_in_edit_mode_is_the_users_even_where_another_is_shown(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot, hidden: bool
) -> None:
    searched(controller, client, 6)
    (mine,) = result_layers()
    if hidden:
        searched(controller, client, 6, query="green field")
    mine.startEditing()
    mine.changeAttributeValue(
        next(mine.getFeatures()).id(), mine.fields().indexFromName("phrase"), "my words"
    )
    searched(controller, client, 4)
    controller.judge(1, Judgement.ACCEPTED)
    link._show()
    assert mine.featureCount() == 6
    assert mine.commitChanges()
    searched(controller, client, 3)
    assert mine.featureCount() == 6
    assert "my words" in [feature["phrase"] for feature in mine.getFeatures()]
    assert mine.customProperty(ANSWER_PROPERTY) is None
    assert not mine.customProperty(UNSAVED_PROPERTY)  # QGIS warns before it is lost
    assert any(layer.featureCount() == 3 for layer in others_than(mine))


def test_a_copy_of_the_layer_is_the_users(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (ours,) = result_layers()
    copy = QgsProject.instance().addMapLayer(ours.clone())
    assert copy.customProperty("msa_search/key") == ours.customProperty("msa_search/key")
    QgsProject.instance().removeMapLayer(ours.id())
    searched(controller, client, 4)
    assert copy.featureCount() == 6
    assert others_than(copy)[0].featureCount() == 4


def test_a_layer_of_the_users_with_our_properties_pasted_on_it_is_not_ours(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (ours,) = result_layers()
    pasted = QgsVectorLayer("Polygon?crs=EPSG:3857&field=name:string", "parcels", "memory")
    pasted.dataProvider().addFeature(QgsFeature(pasted.fields()))
    for key in ours.customPropertyKeys():
        pasted.setCustomProperty(key, ours.customProperty(key))
    QgsProject.instance().addMapLayer(pasted)
    QgsProject.instance().removeMapLayer(ours.id())
    searched(controller, client, 4)
    assert not is_ours(pasted)
    assert pasted.featureCount() == 1


def test_a_saved_layer_of_a_project_that_is_opened_again_is_left_alone(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    searched(controller, client, 6)
    (mine,) = result_layers()
    qtbot.waitUntil(lambda: mine.customProperty(ANSWER_PROPERTY) is not None, timeout=SOON_MS)
    make_permanent(mine, tmp_path / "mine.gpkg")
    before = content(tmp_path / "mine.gpkg")
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    QgsProject.instance().clear()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    qtbot.wait(200)
    (mine,) = result_layers()
    assert mine.providerType() == "ogr"
    assert content(tmp_path / "mine.gpkg") == before


COVERED = "MULTIPOLYGON(((0 0,500 0,500 1000,0 1000,0 0)))"
WHOLE = "POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"


def test_a_saved_coverage_layer_is_not_brought_up_to_date_any_more(
    qgis_new_project: None, tmp_path: Path
) -> None:
    layers = CoverageLayers(QgsProject.instance())
    empty = CoverageReply("/x/town.msa.gpkg", "/x/town.tif", "EPSG:32645", WHOLE, ())
    mine = layers.show("town", empty)
    make_permanent(mine, tmp_path / "mine.gpkg")
    before = content(tmp_path / "mine.gpkg")
    assert not layers.shown()
    areas = (CoveredArea(38.4, COVERED, 70),)
    other = layers.show("town", CoverageReply("/x/town.msa.gpkg", "/x/town.tif", "EPSG:32645", WHOLE, areas))
    assert content(tmp_path / "mine.gpkg") == before
    assert other is not mine
    assert [feature["state"] for feature in other.getFeatures()] == ["indexed", "missing"]


def test_a_saved_layer_of_descriptions_gets_no_more_of_them(
    qgis_new_project: None, tmp_path: Path, client: Client
) -> None:
    project = QgsProject.instance()
    mine = add_to_table(project, Description("town", reply()), None, client)
    make_permanent(mine, tmp_path / "mine.gpkg")
    before = content(tmp_path / "mine.gpkg")
    other = add_to_table(project, Description("town", reply()), None, client)
    assert content(tmp_path / "mine.gpkg") == before
    assert other.customProperty(PLACES_PROPERTY)
    assert [feature["raster"] for feature in other.getFeatures()] == ["town"]


def test_a_layer_edited_while_there_is_no_dock_is_known_as_the_users(
    link: MapLink, controller: SearchController, client: Client, tmp_path: Path
) -> None:
    searched(controller, client, 6)
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    link._project.readProject.disconnect(link._read_project)
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    link._project.readProject.connect(link._read_project)
    follow(QgsProject.instance())
    (mine,) = result_layers()
    assert is_ours(mine)
    mine.startEditing()
    drawn = QgsFeature(mine.fields())
    drawn.setGeometry(QgsGeometry.fromPolygonXY([[QgsPointXY(0, 0), QgsPointXY(1, 0), QgsPointXY(1, 1)]]))
    mine.addFeature(drawn)
    assert mine.commitChanges()
    assert not is_ours(mine)


def test_a_field_that_a_script_adds_makes_the_layer_the_users(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (mine,) = result_layers()
    data = mine.dataProvider()
    data.addAttributes([fields_of(["note:string(0)"]).at(0)])
    mine.updateFields()
    note = data.fields().indexFromName("note")
    data.changeAttributeValues({feature.id(): {note: "mine"} for feature in data.getFeatures()})
    searched(controller, client, 4)
    controller.judge(1, Judgement.ACCEPTED)
    link._show()
    assert [(feature["note"], feature["review"]) for feature in mine.getFeatures()] == [("mine", "")] * 6
    (ours,) = others_than(mine)
    assert ours.featureCount() == 4
